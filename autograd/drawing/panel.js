// The side panel: the step that was taken, the value that was chosen, or the graph as a whole.
const panel = document.getElementById("panel");

// A rule is a form with gaps, and the names for them.
function ruleText([form, ...names]) {
  const text = DATA.rules[form], math = text.startsWith("<math");
  const filled = math ? text.replace(/<mi>([\ue000-\uf8ff])<\/mi>/g, (_, gap) => DATA.names[names[gap.charCodeAt(0) - 0xe000]]) : text;
  return filled.replace(/[\ue000-\uf8ff]/g, (gap) => names[gap.charCodeAt(0) - 0xe000]);
}

// A rule comes as MathML; what is not plain MathML is shown as the text it is.
function mathOf(rule) {
  const source = ruleText(rule);
  const parsed = source.startsWith("<math") && new DOMParser().parseFromString(source, "application/xml");
  const fine = parsed && [...parsed.querySelectorAll("*")].every((e) => e.namespaceURI === "http://www.w3.org/1998/Math/MathML" && !e.attributes.href);
  return h("div.rule", fine ? document.importNode(parsed.documentElement, true) : h("code", source));
}

let byName = null;
// Of a rule on single numbers, the numbers: "g = 0.5, w = −3".
function filledIn([form, ...names], g) {
  byName ??= new Map(DATA.nodes.map((node) => [node.name, node]));
  const used = names.filter((_, i) => DATA.rules[form].includes(String.fromCharCode(0xe000 + i)));
  const values = [g, ...used.map((name) => byName.get(name.replace(/^\((.*)\)$/, "$1"))?.value)];
  const single = (k) => k !== undefined && DATA.arrays[k].one !== undefined && !DATA.arrays[k].modulus;
  if (!DATA.rules[form].startsWith("<math") || !used.length || !values.every(single)) return null;
  return h("div.soft", "with ", ["g", ...used].map((name, i) => `${name} = ${text(DATA.arrays[values[i]].one)}`).join(", "));
}

// A value in one sentence.
function valueText(k) {
  const { kind, name, call, several, shape } = DATA.nodes[k];
  return `${kind} ${name}${call ? ` = ${call}` : ""}, ${several ?? shapeText(shape)}`;
}

// The step in one sentence, which the caption shows and a screen reader reads.
function sentenceOf(k) {
  const step = DATA.steps[k - 1], { name, call } = DATA.nodes[step.node], { one } = DATA.arrays[step.array];
  const to = [...new Set(step.sent.map((part) => DATA.nodes[part.to].name))];
  const last = to.length > 6 ? `${(to.length - 4).toLocaleString("en")} more` : to.pop(), first = to.length > 6 ? to.slice(0, 4) : to;
  const all = first.length ? `${first.join(", ")} and ${last}` : last;
  return `Step ${k} of ${DATA.steps.length}: ${name} = ${call} receives ${gradientName(step.node)}${one === undefined ? "" : ` = ${text(one)}`} and sends to ${all}`;
}

// The sum of what a value has been sent, as it grows.
function contribution(part, k) {
  if (part.total === undefined || DATA.nodes[part.to].several) return null;
  const before = DATA.steps.slice(0, k - 1).reduce((n, one) => n + one.sent.filter((p) => p.to === part.to).length, 0);
  const i = before + DATA.steps[k - 1].sent.filter((p) => p.to === part.to && p.argument <= part.argument).length;
  const whole = gradientName(part.to), last = i === part.times;
  return h("div", { "data-total": DATA.nodes[part.to].name }, h("b", `Contribution ${i} of ${part.times}`),
    i === 1 ? ` to ${whole}, which is the sum of them.` : [last ? `; the sum is all of ${whole}:` : "; added up so far:", statisticsOf(part.total)]);
}

// The values that an operation makes: itself, or of several results those that are taken out.
const resultsOf = (k) => (DATA.nodes[k].several ? users(k) : [k]);
const ofEach = (k, array) => resultsOf(k).map((one) => [one !== k && h("div", nodeLink(one)), statisticsOf(array(one))]);

const gradientName = (node) => `∂${DATA.output}/∂${DATA.nodes[node].name}`;
const nodeLink = (node) => h("button.link", { onclick: () => go({ node, step: 0, entry: null }) }, DATA.nodes[node].name);

function stepCards(k, state) {
  const step = DATA.steps[k - 1], node = DATA.nodes[step.node];
  const hidden = scene.items[scene.where.get(step.node)].box !== undefined, open = sceneDrawing(step.node);
  return [
    h("h2", { "data-step": k }, `Step ${k} of ${DATA.steps.length}: `, nodeLink(step.node), " fires"),
    h("div", h("code", `${node.name} = ${node.call}`)),
    step.twin && h("div.soft", `differentiated as ${step.twin}, its numerically stable form`),
    hidden && h("button.link", { "data-open": open, onclick: () => go({ scene: open }) }, `Show it in “${DATA.scenes[open].title}”`),
    h("div.card.fire", { "data-incoming": node.name }, h("b", `Incoming cotangent g = ${gradientName(step.node)}`),
      ofEach(step.node, (one) => (one === step.node ? step.array : DATA.nodes[one].grad)),
      pictures(step.array, (index) => go({ node: step.node, entry: index }))),
    few(step.sent, (part) => {
      const to = DATA.nodes[part.to];
      return h("div.card.sent", { "data-sent": to.name }, h("b", "sends to "), nodeLink(part.to), h("span.soft", ` argument ${part.argument + 1}`),
        mathOf(part.rule), filledIn(part.rule, step.array),
        part.summed && h("div", { "data-summed": part.summed.join(",") }, `Summed from ${shapeText(part.summed)} to ${shapeText(to.shape)}: ${to.name} was broadcast.`),
        part.array === step.array && !part.summed ? h("div", "the same numbers as came in") : null,
        to.several ? h("div", `as the part for ${node.name}`) : statisticsOf(part.array), part.array !== step.array && pictures(part.array),
        contribution(part, k));
    }),
    forwardOfStep(k, state), memoryOfStep(k),
  ];
}

function nodeCards(k) {
  const node = DATA.nodes[k];
  const parents = [...new Set(parentsOf(k))];
  const fires = DATA.steps.findIndex((step) => step.node === k) + 1;
  const check = DATA.checks.find((one) => one.name === node.name);
  const used = users(k), size = count(node.shape ?? []);
  return [
    h("h2", { "data-chosen": node.name }, node.name, h(`span.kind.${node.kind}`, node.kind)),
    node.call && h("div", h("code", `${node.name} = ${node.call}`)),
    h("div.soft", `${node.several ?? shapeText(node.shape)} ${node.dtype ?? ""}`, node.bytes ? `, ${bytesText(node.bytes)} kept` : "",
      node.seconds ? `, ${OVERLAYS.time.say(node.seconds)}` : ""),
    lifeOf(k),
    node.source && h("div", { "data-source": node.source }, h("span.soft", `${node.source}  `), h("code", node.code)),
    parents.length > 0 && h("div", h("span.soft", "from "), few(parents, nodeLink)),
    used.length > 0 && h("div", h("span.soft", "to "), few(used, nodeLink)),
    h("h3", "Value"), h("div", { "data-value": node.name }, ofEach(k, (one) => DATA.nodes[one].value), pictures(node.value, (index) => go({ entry: index }))),
    node.call && !node.several && size > 0 && h("button.link", { onclick: () => go({ entry: entryToOpen(node) }) }, size > 1 ? "Unfold one entry" : "Unfold it"),
    h("h3", `Gradient ${gradientName(k)}`),
    node.grad !== undefined ? h("div", { "data-grad": node.name }, ofEach(k, (one) => DATA.nodes[one].grad), pictures(node.grad))
      : h("div.soft", { "data-nothing": node.name }, whyNone(k)),
    fires > 0 && h("h3", "Rules"),
    fires > 0 && few(DATA.steps[fires - 1].sent, (part) => h("div", h("span.soft", "to "), nodeLink(part.to), mathOf(part.rule))),
    fires > 0 && h("button.link", { onclick: () => go({ step: fires }) }, `Go to step ${fires}`),
    check && [h("h3", "Check"), checkTable(check)],
  ];
}

function whyNone(k) {
  const node = DATA.nodes[k];
  if (!DATA.steps.length) return "None.";
  if (node.dtype && !isReal(k)) return `None: ${node.dtype} has no gradient.`;
  if (!reach(k, users).has(DATA.steps[0].node)) return `None: ${DATA.output} does not depend on it.`;
  return node.call ? "None: the walk stepped over this value, or nothing trained lies behind it." : "None: it does not require one.";
}

function checkTable(check) {
  const byHand = check.hand !== undefined;
  const where = ([apart, index]) => `${text(apart, 3)}${index.length ? ` at ${indexText(index)}` : ""}`;
  return h("div.card", { "data-check": check.name }, h("b", check.name),
    check.numeric && h("div", `Largest difference from finite differences: ${where(check.numeric)}`, h("span.soft", ` (${check.rows.length - check.kinks.length} of ${check.size} entries tried)`)),
    check.kinks.length > 0 && h("div", { "data-kinks": check.kinks.length }, `Not compared, for the slopes on the two sides differ${check.size > 1 ? `: ${check.kinks.map(indexText).join(", ")}` : ""}`),
    byHand && h("div", `Largest difference from the formula by hand: ${where(check.hand)}`, h("span.soft", " (all entries)")),
    check.size === 0 ? h("div.soft", "no entries") : h("details", h("summary", "Entries"), h("div.scroll", h("table", h("tr", ["entry", "engine", "differences", byHand && "by hand"].filter(Boolean).map((t) => h("th", t))),
      check.rows.map(([index, ...values]) => h("tr", h("td", indexText(index)), values.map((v) => h("td", text(v, 8)))))))));
}

function overviewCards() {
  const parameters = DATA.nodes.map((node, i) => [node, i]).filter(([node]) => node.kind === "parameter");
  const keys = [["→ ←", "step the reverse pass"], ["Home End", "first, last step"], ["/", "search"], ["+ − 0", "zoom, show everything"],
    ["1 2 3", "network, operations, one entry"], ["Tab, Enter", "go through values, choose"], ["Esc", "choose nothing"]];
  return [
    h("h2", DATA.title), h("div.soft", DATA.summary),
    badOverview(),
    h("p", "Press ", h("b", "→"), " or ", h("b", "▶"), " to walk backwards through the graph one operation at a time, or choose a value to see it."),
    h("div", ["input", "parameter", "constant", "operation", "output", "gradient", "box"].filter((kind) => (kind === "box" ? DATA.boxes.length : DATA.nodes.some((n) => n.kind === kind)))
      .map((kind) => h("span", { style: "display:inline-flex;align-items:center;gap:4px;margin:3px 12px 3px 0" }, kindSample(kind), kind))),
    !DATA.steps.length && h("p.soft", noWalk()),
    parameters.length > 0 && [h("h3", "Parameters"), parameterTable(parameters)],
    orderOverview(), forwardOverview(), memoryOverview(),
    DATA.checks.length > 0 && [h("h3", "Check: engine, differences, by hand"), DATA.checks.map(checkTable)],
    h("h3", "Keys"), h("table", keys.map(([key, what]) => h("tr", h("td", h("code", key)), h("td", { style: "text-align:left" }, what)))),
  ];
}

// Of arrays the norms, of single numbers the numbers.
function parameterTable(parameters) {
  const numbers = parameters.every(([node]) => single(node.value)), key = numbers ? "min" : "norm";
  const head = numbers ? ["name", "value", "gradient"] : ["name", "shape", "numbers", "‖value‖", "‖gradient‖"];
  const told = (k) => (statsOf(k)?.nonfinite ? h("span.warn", "not finite") : statsOf(k)?.[key] === undefined ? "" : text(statsOf(k)[key], 4));
  return h("div.scroll", h("table", h("tr", head.map((t) => h("th", t))), few(parameters, ([node, i]) => h("tr", h("td", nodeLink(i)),
    !numbers && [h("td", shapeText(node.shape)), h("td", countText(count(node.shape ?? [])))],
    h("td", told(node.value)), h("td", told(node.grad))), 60)));
}

function noWalk() {
  const { shape = [] } = DATA.nodes.find((node) => node.name === DATA.output);
  if (count(shape) !== 1) return `There is no reverse pass to step through: ${DATA.output} is ${shapeText(shape)}, and only a scalar has a gradient of its own. Draw its sum(), its mean() or one entry of it.`;
  return `There is no reverse pass to step through: backward() has spent the graph, or ${DATA.output} depends on nothing that requires a gradient. Draw before backward(), or pass it retain_graph=True.`;
}

// The first value that is not finite, or else the first rule that made one.
function badOverview() {
  const value = DATA.nodes.findIndex((_, i) => badness(i)[1].startsWith("✖ made here"));
  const rule = DATA.steps.map((step) => step.node).find((i) => badness(i)[1].includes("✖ ∂")), node = value < 0 ? rule : value;
  if (node === undefined) return null;
  const { name, call, source, code } = DATA.nodes[node];
  return h("div.card.fire", { "data-bad": name }, h("p", h("span.warn", "Not every number is finite. "), value < 0 ? "The rule of " : "The first that is not comes with ",
    nodeLink(node), " ", call && h("code", `= ${call}`), value < 0 ? " makes the first that is not." : call ? "." : ", which nothing computed."),
  source && h("div", h("span.soft", `${source}  `), h("code", code)), h("button", { onclick: () => (go({ overlay: "nan" }), reveal(scene.where.get(node))) }, "Show how it spread"));
}

function kindSample(kind) {
  const shape = s("path", { class: "shape", d: outlineOf(kind, 34, 20) });
  return s("svg", { class: kind, width: 44, height: 30, viewBox: "-22 -15 44 30", "aria-hidden": "true" }, shape);
}

function boxCards(k) {
  const box = DATA.boxes[k], inside = sceneOfBox(k);
  return [h("h2", { "data-chosen": box.name }, box.name, h("span.kind.box", box.kind)),
    h("button", { onclick: () => go({ scene: inside }) }, "Open"),
    h("h3", "Inside"), h("div", few(box.members, (m) => (typeof m === "number" ? nodeLink(m)
      : h("button.link", { onclick: () => go({ scene: sceneOfBox(m.box) }) }, DATA.boxes[m.box].name)), 60))];
}

function showPanel(state) {
  let cards = overviewCards;
  if (state.step > 0) cards = () => stepCards(state.step, state);
  else if (state.node !== null) cards = () => nodeCards(state.node);
  else if (state.box !== null) cards = () => boxCards(state.box);
  renew(panel, () => panel.replaceChildren(...h("div", cards()).childNodes));
}

// Fill an area anew; what has the focus keeps it, and a card that is looked at stays where it was.
function renew(area, fill) {
  const named = area.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  const seen = area.scrollTop > 0 ? [".push", "[data-memory]"].filter((css) => area.querySelector(css)?.getBoundingClientRect().bottom > area.getBoundingClientRect().top + 40)[0] : undefined;
  const top = (css) => area.querySelector(css)?.getBoundingClientRect().top;
  const before = seen && top(seen);
  fill();
  area.scrollTop = 0;
  if (seen && top(seen) !== undefined && before < area.getBoundingClientRect().bottom) area.scrollTop = top(seen) - before;
  if (named) area.querySelector(`[aria-label="${CSS.escape(named)}"]`)?.focus({ preventScroll: true });
}
