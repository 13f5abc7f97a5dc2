// The third level: one scalar entry of a value, unfolded into the sum or the operation it is.
const DIGITS = DATA.arrays.some((array) => array.code === "f4") ? 6 : 8; // as many as all numbers of the page have
const entryView = document.getElementById("entry");
const entryToOpen = ({ value, shape = [] }) => firstBad(value) ?? shape.map(() => 0);

function factorLink(f) {
  return f.node === undefined ? h("span", f.label) : h("button.link", { onclick: () => go({ node: f.node, entry: f.index }) }, f.label);
}

function showEntry(state) {
  const node = state.node === null ? null : DATA.nodes[state.node];
  entryView.hidden = !(state.entry && node);
  if (entryView.hidden) return;
  const shape = node.shape ?? [], back = h("div", h("button", { onclick: () => go({ entry: null }) }, "← Back to the graph"));
  if (!count(shape)) return entryView.replaceChildren(back, h("p", `${node.name} is ${shapeText(shape)}: it has no entries.`));
  const index = shape.map((n, axis) => Math.min(n - 1, Math.max(0, state.entry[axis] ?? 0)));
  const value = entryOf(node.value, index), slope = node.grad === undefined ? undefined : entryOf(node.grad, index);
  const complex = [node, ...(node.args ?? []).filter(isValue).map((a) => DATA.nodes[a.node])].some((n) => DATA.arrays[n.value].modulus);
  const found = complex ? null : unfold(node, index);
  const chooser = shape.map((n, axis) => h("input", { type: "number", min: 0, max: n - 1, value: index[axis], style: "width:76px;margin-right:4px", "aria-label": `index ${axis}`,
    onchange: (event) => go({ entry: index.map((old, k) => (k === axis ? Number(event.target.value) : old)) }) }));
  const parts = [
    back,
    h("h2", { style: "margin-top:12px" }, `${node.name}${indexText(index)}`, h("span.soft", shape.length ? "  one entry of " : "  a single number"), shape.length > 0 && shapeText(shape)),
    h("div", { style: "margin:6px 0" }, chooser),
    h("div.number", { "data-entry": value }, value === undefined ? "not among the entries that this page holds" : `${DATA.arrays[node.value].modulus ? "modulus " : ""}= ${text(value, DIGITS)}`),
    slope !== undefined && h("div.soft", `gradient of this entry${DATA.arrays[node.grad].modulus ? ", its modulus" : ""}: ${text(slope, DIGITS)}`),
  ];
  parts.push(whatIf(state.node, index, value, slope));
  if (!node.call) parts.push(h("p.soft", "A leaf: nothing was computed to get it."));
  else if (complex) parts.push(h("p.soft", { "data-complex": "" }, `${node.call} computes with complex numbers, of which this page holds the moduli only.`));
  else if (!found) {
    const told = `${node.fun} computes its entries together, so this one is not a sum or a move of a few; all of ${node.call} counts. Its arguments: `;
    parts.push(h("p.soft", { "data-folded": node.fun }, told), few((node.args ?? []).filter(isValue), (arg) => nodeLink(arg.node)));
  }
  else {
    parts.push(h("p", h("code", { style: "font-size:15px" }, `= ${found.formula}`)));
    if (found.note && !found.sum) parts.push(h("p.soft", found.note));
    if (found.sum) parts.push(sumOf(found));
    else if (found.terms.length) {
      const row = ([[f]]) => h("tr", h("td", factorLink(f)), h("td", f.value === undefined ? "not held" : text(f.value, DIGITS)));
      parts.push(h("table", few(found.terms, row, 24)));
    }
  }
  renew(entryView, () => entryView.replaceChildren(...h("div", parts).childNodes));
}

// The largest terms first; before them what is not finite, which spoils the sum.
function sumOf({ terms, note }) {
  const known = terms.filter(([factors]) => factors.every((f) => f.value !== undefined)), added = total(known.map((t) => t[1]));
  const sized = ([, product]) => (Number.isNaN(product) ? Infinity : Math.abs(product));
  const order = [...known].sort((a, b) => (sized(a) < sized(b)) - (sized(a) > sized(b))), shown = order.slice(0, 24), rest = total(order.slice(24).map((t) => t[1]));
  const finite = known.map((t) => t[1]).filter(Number.isFinite), top = largest(finite.map(Math.abs)) || 1, side = square(terms.length);
  const stats = { min: -largest(finite.map((v) => -v)), max: largest(finite) };
  const bar = (product) => (Number.isFinite(product) ? `width:${(120 * Math.abs(product)) / top}px;background:${product < 0 ? "#4a9cc9" : "#e58a44"}` : `width:120px;background:rgb(${BAD.join(" ")})`);
  const choose = ([[first]]) => go({ node: first.node, entry: first.index });
  return h("div",
    h("p", { "data-added": added }, known.length === terms.length ? `${terms.length} ${terms.length === 1 ? "term, which is" : "terms, which add up to"} ${text(added, DIGITS)}.`
      : `The page holds ${known.length} of the ${terms.length} terms; they add up to ${text(added, DIGITS)}.`, note && ` The entry is ${note}.`),
    side > 0 && known.length === terms.length && h("div", h("div.soft", `the terms as ${side} × ${side} pixels`),
      h("div.pictures", paint(side, side, Math.round(160 / side), (x, y) => terms[y * side + x][1], scaleFor(stats, false), "terms",
        (x, y) => choose(terms[y * side + x])))),
    h("div.scroll", h("table", h("tr", h("th", "largest terms"), h("th", "term"), h("th", "")), shown.map(([factors, product]) => h("tr",
      h("td", factors.map((f) => [factorLink(f), h("span.soft", `${text(f.value, 4)} `)])), h("td", text(product, 5)),
      h("td", { style: "text-align:left" }, h("span.bar", { style: bar(product) })))),
    order.length > 24 && h("tr", h("td.soft", `and ${order.length - 24} smaller ones`), h("td", text(rest, 5))))));
}
