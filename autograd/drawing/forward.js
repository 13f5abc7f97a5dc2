// Forward mode beside reverse mode: the tangents along one entry of a leaf, and what each mode costs on this graph.
const alongText = (push) => `${DATA.arrays[DATA.nodes[push.node].value].modulus ? "Re " : ""}${DATA.nodes[push.node].name}${indexText(push.index)}`;
const countText = (n) => (n < 1e6 ? Math.round(n).toLocaleString("en") : n < 1e9 ? `${text(n / 1e6, 3)} million` : n < 1e12 ? `${text(n / 1e9, 3)} billion` : text(n, 3));

function alongChooser(state) {
  const chosen = state.along === null ? "" : state.along;
  const onchange = (event) => go({ along: event.target.value === "" ? null : Number(event.target.value) });
  return h("label", "Forward mode along ", h("select", { class: "along", "aria-label": "Entry along which forward mode pushes", onchange },
    h("option", { value: "", ...(chosen === "" && { selected: "" }) }, "…"), DATA.pushes.map((push, i) => h("option", { value: i, ...(chosen === i && { selected: "" }) }, alongText(push)))));
}

// What forward mode does at the operation that fires at step k, where it comes by on its way to the output.
function forwardOfStep(k, state) {
  if (!DATA.pushes.length) return null;
  const step = DATA.steps[k - 1], push = DATA.pushes[state.along];
  if (!push) return h("div.card.push", alongChooser(state));
  const slope = (node) => `∂${DATA.nodes[node].name}/∂${alongText(push)}`, results = resultsOf(step.node);
  const made = results.filter((node) => push.tangents[node] !== undefined);
  const parents = [...new Set(step.sent.map((part) => part.to))];
  const arriving = (node) => h("div", h("span.soft", "from "), nodeLink(node), node === push.node ? (push.index.length ? ` 1 at ${alongText(push)}, 0 elsewhere` : " 1")
    : DATA.nodes[node].several ? " this result as it is" : push.tangents[node] === undefined ? " nothing: it does not depend on that entry" : [h("span.soft", ` ${slope(node)}`), statisticsOf(push.tangents[node])]);
  return h("div.card.push", { "data-along": alongText(push) }, alongChooser(state),
    h("p", "The same slopes, the other way: forward mode goes from that entry to ", DATA.output, " and meets this operation as number ", h("b", DATA.steps.length - k + 1), ` of ${DATA.steps.length}.`),
    !made.length ? h("div", `${DATA.nodes[step.node].name} does not depend on ${alongText(push)}: its tangent is 0.`)
      : [parents.map(arriving), made.map((node) => h("div", { "data-tangent": DATA.nodes[node].name }, h("b", `gives ${slope(node)}`), statisticsOf(push.tangents[node]), pictures(push.tangents[node])))],
    h("p", { "data-pair": push.pairs[k - 1] }, "Where the modes meet: cotangent times tangent, summed over all that waits after this step, is ", h("b", text(push.pairs[k - 1], 6)),
      ". It is the same at every step: ", h("b", `∂${DATA.output}/∂${alongText(push)} = ${text(push.slope, 6)}`), "."));
}

function costTable() {
  const { program, walk, tangents, inputs } = DATA.costs, times = (n) => (n === 1 ? "once" : `${countText(n)} times`);
  const rows = [["the program itself", "", program], ["reverse mode", times(1), program + walk],
    ["forward mode", times(inputs), program + tangents, !DATA.costs.exact && "at most "],
    ["finite differences, nearly", times(2 * inputs), 2 * inputs * program]];
  const best = Math.min(program + walk, program + tangents);
  return h("div.scroll", h("table.costs", h("tr", ["all derivatives by", "runs", "multiply-adds"].map((t) => h("th", t))),
    rows.map(([name, runs, cost, most]) => h("tr", { "data-cost": name, "data-exact": cost }, h("td", name), h("td", runs), h("td", most, cost === best ? h("b", countText(cost)) : countText(cost))))));
}

function forwardOverview() {
  if (!DATA.costs) return null;
  const { program, walk, tangents, inputs } = DATA.costs, ratio = text(Math.max(tangents / walk, 1), 3);
  return [h("h3", "Why backwards"), costTable(),
    h("p", inputs === 1 ? `With one number going in and one coming out, forward and reverse mode cost the same; each further number going in costs forward mode one more pass.`
      : `${countText(inputs)} numbers go in and one comes out. Reverse mode starts from the one: a single walk, ${text((program + walk) / program, 3)} times the work of the program, finds all derivatives. Forward mode starts from an entry and finds one derivative a pass: ${ratio} times as much work here.`),
    DATA.pushes.length > 0 && h("p.soft", "Step through the walk and choose an entry under “Forward mode along” to see the two side by side."),
    h("p.soft", "Counted: multiplications with addition in matrix products, entries elsewhere.")];
}

// What a walk without order would do, with the numbers of this graph.
function orderOverview() {
  if (!DATA.order) return null;
  const { firings, early, wrong, shared } = DATA.order, n = DATA.steps.length;
  const entry = (leaf, index) => [nodeLink(leaf), index.length ? `[${index.join(", ")}]` : ""];
  return [h("h3", "Why the order matters"),
    h("p", { "data-order": firings }, n.toLocaleString("en") === firings ? `Each of the ${countText(n)} operations fires once, after everything that uses its result.`
      : `Each of the ${countText(n)} operations fires once, after everything that uses its result. Recursion along every path from ${DATA.output} would fire ${firings} times.`),
    early ? h("div.card", { "data-early": DATA.nodes[early[0]].name },
      h("p", "Plain recursion that visits each operation once is wrong here. It fires ", nodeLink(early[0]), ", to which several rules send, as soon as the first part of its cotangent is there:"),
      h("div", h("b", "the part that it sends on"), statisticsOf(early[1])), h("div", h("b", "all of it"), statisticsOf(early[2])),
      wrong.length > 0 && h("div.scroll", h("table", h("tr", ["gradient of", "would be", "is"].map((t) => h("th", t))),
        wrong.map(([leaf, index, hasty, right]) => h("tr", { "data-wrong": DATA.nodes[leaf].name }, h("td", entry(leaf, index)), h("td.warn", text(hasty, 4)), h("td", text(right, 4)))))))
      : shared.length ? h("p", { "data-lucky": shared.map((k) => DATA.nodes[k].name).join(" ") },
        "Plain recursion that visits each operation once happens to be right here, by the order of the arguments: several operations use ", few(shared, nodeLink, 6), ", and the last of them comes by first.")
      : h("p", "No result is used by more than one operation here, so that any order would be right; what a leaf is sent, in whatever order, only adds up.")];
}
