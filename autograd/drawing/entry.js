// The third level: one scalar entry of a value, unfolded into the sum or the operation it is.
const entryView = document.getElementById("entry");
const SIGNS = { add: "+", subtract: "−", multiply: "·", divide: "/", power: "^" };
const indexText = (index) => (index.length ? `[${index.join(", ")}]` : "");

// An argument's entry for entry `index` of an elementwise result: axes of length 1 were broadcast.
function operand(arg, index) {
  if (arg === null || arg.node === undefined) return { plain: arg };
  const shape = DATA.nodes[arg.node].shape ?? [];
  const own = shape.map((n, axis) => (n === 1 ? 0 : index[index.length - shape.length + axis]));
  return { node: arg.node, index: own };
}

function factor(part) {
  if (part.node === undefined) return { ...part, value: Number(part.plain), label: text(part.plain) };
  const value = entryOf(DATA.nodes[part.node].value, part.index);
  return { ...part, value, label: `${DATA.nodes[part.node].name}${indexText(part.index)}` };
}

// {formula, terms: [[factors, product]], how} or null where the operation is not unfolded.
function unfold(node, index) {
  const { fun, args = [], kwargs = {} } = node;
  if (fun === "matmul" && args[0]?.node !== undefined && args[1]?.node !== undefined) {
    const [a, b] = args.map((arg) => DATA.nodes[arg.node].shape ?? []);
    if (a.length > 2 || b.length > 2) return null;
    const row = a.length === 2 ? [index[0]] : [], column = b.length === 2 ? [index.at(-1)] : [];
    const terms = Array.from({ length: a.at(-1) }, (_, k) => [factor({ node: args[0].node, index: [...row, k] }), factor({ node: args[1].node, index: [k, ...column] })]);
    const name = (arg, at) => `${DATA.nodes[arg.node].name}[${at.join(", ")}]`;
    return { formula: `Σₖ ${name(args[0], [...row, "k"])} · ${name(args[1], ["k", ...column])}`, terms: terms.map((f) => [f, f[0].value * f[1].value]), sum: true };
  }
  if ((fun === "sum" || fun === "mean") && args[0]?.node !== undefined) {
    const shape = DATA.nodes[args[0].node].shape ?? [];
    let axes = kwargs.axis ?? args[1] ?? null;
    axes = (axes === null ? shape.map((_, i) => i) : [axes].flat()).map((axis) => (axis + shape.length) % shape.length);
    const size = axes.reduce((n, axis) => n * shape[axis], 1), weight = fun === "mean" ? 1 / size : 1;
    if (size > 100000) return null;
    const keep = (node.shape ?? []).length === shape.length;
    const rest = keep ? index : shape.reduce((list, _, axis) => [...list, axes.includes(axis) ? 0 : index[axis - axes.filter((x) => x < axis).length]], []);
    const terms = Array.from({ length: size }, (_, k) => {
      const at = [...rest], own = unravel(k, axes.map((axis) => shape[axis]));
      axes.forEach((axis, j) => (at[axis] = own[j]));
      const f = [factor({ node: args[0].node, index: at })];
      return [f, f[0].value * weight];
    });
    return { formula: `${fun === "mean" ? `1/${size} ` : ""}Σ ${DATA.nodes[args[0].node].name}`, terms, sum: true };
  }
  if (node.elementwise) {
    const factors = args.map((arg) => factor(operand(arg, index)));
    const sign = SIGNS[fun];
    const formula = sign && factors.length === 2 ? factors.map((f) => f.label).join(` ${sign} `) : `${fun}(${factors.map((f) => f.label).join(", ")})`;
    return { formula, terms: factors.map((f) => [[f], f.value]), sum: false };
  }
  if (fun === "transpose" && args.length === 1 && index.length === 2) {
    const f = factor({ node: args[0].node, index: [...index].reverse() });
    return { formula: f.label, terms: [[[f], f.value]], sum: false };
  }
  return null;
}

function factorLink(f) {
  return f.node === undefined ? h("span", f.label) : h("button.link", { onclick: () => go({ node: f.node, entry: f.index }) }, f.label);
}

function showEntry(state) {
  const node = state.node === null ? null : DATA.nodes[state.node];
  entryView.hidden = !(state.entry && node);
  if (entryView.hidden) return;
  const shape = node.shape ?? [], index = shape.map((n, axis) => Math.min(n - 1, Math.max(0, state.entry[axis] ?? 0)));
  const value = entryOf(node.value, index), slope = node.grad === undefined ? undefined : entryOf(node.grad, index);
  const found = unfold(node, index);
  const chooser = shape.map((n, axis) => h("input", { type: "number", min: 0, max: n - 1, value: index[axis], style: "width:76px", "aria-label": `index ${axis}`,
    onchange: (event) => go({ entry: index.map((old, k) => (k === axis ? Number(event.target.value) : old)) }) }));
  const parts = [
    h("div", h("button", { onclick: () => go({ entry: null }) }, "← Back to the graph")),
    h("h2", { style: "margin-top:12px" }, `${node.name}${indexText(index)}`, h("span.soft", "  one entry of "), shapeText(shape)),
    h("div", { style: "margin:6px 0" }, chooser),
    h("div.number", { "data-entry": value }, value === undefined ? "not among the entries that this page holds" : `= ${text(value, 8)}`),
    slope !== undefined && h("div.soft", `gradient of this entry: ${text(slope, 8)}`),
  ];
  parts.push(whatIf(state.node, index, value, slope));
  if (!node.call) parts.push(h("p.soft", "A leaf: nothing was computed to get it."));
  else if (!found) parts.push(h("p.soft", `${node.call} is not unfolded here; its arguments are: `), (node.args ?? []).filter((a) => a?.node !== undefined).map((a) => nodeLink(a.node)));
  else {
    parts.push(h("p", h("code", { style: "font-size:15px" }, `= ${found.formula}`)));
    if (found.sum) parts.push(sumOf(found, value));
    else parts.push(h("table", found.terms.map(([[f]]) => h("tr", h("td", factorLink(f)), h("td", f.value === undefined ? "not held" : text(f.value, 8))))));
  }
  entryView.replaceChildren(...h("div", parts).childNodes);
}

function sumOf({ terms }, value) {
  const known = terms.filter(([, product]) => product !== undefined && !Number.isNaN(product));
  const added = known.reduce((a, [, product]) => a + product, 0);
  const order = [...known].sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])), shown = order.slice(0, 24);
  const top = Math.abs(shown[0]?.[1] ?? 1) || 1, side = square(terms.length);
  const rest = order.slice(24).reduce((a, [, product]) => a + product, 0);
  const stats = { min: Math.min(...known.map((t) => t[1])), max: Math.max(...known.map((t) => t[1])) };
  return h("div",
    h("p", { "data-added": added }, known.length === terms.length ? `${terms.length} terms, which add up to ${text(added, 8)}.`
      : `The page holds ${known.length} of the ${terms.length} terms; they add up to ${text(added, 8)}.`),
    side > 0 && known.length === terms.length && h("div", h("div.soft", `the terms as ${side} × ${side} pixels`),
      h("div.pictures", paint(side, side, Math.round(160 / side), (x, y) => terms[y * side + x][1], scaleFor(stats, false), "terms", (x, y) => go({ node: terms[y * side + x][0][0].node, entry: terms[y * side + x][0][0].index })))),
    h("div.scroll", h("table", h("tr", h("th", "largest terms"), h("th", "term"), h("th", "")), shown.map(([factors, product]) => h("tr",
      h("td", factors.map((f) => [factorLink(f), h("span.soft", `${text(f.value, 4)} `)])), h("td", text(product, 5)),
      h("td", { style: "text-align:left" }, h("span.bar", { style: `width:${(120 * Math.abs(product)) / top}px;background:${product < 0 ? "#4a9cc9" : "#e58a44"}` })))),
    order.length > 24 && h("tr", h("td.soft", `and ${order.length - 24} smaller ones`), h("td", text(rest, 5))))));
}
