// What if one entry were another number? The values after it are computed anew here, and the change of the output is
// held against what the gradient foretells.
const ENTRYWISE = {
  negative: (x) => -x, positive: (x) => x, exp: Math.exp, log: Math.log, log1p: Math.log1p, expm1: Math.expm1, sqrt: Math.sqrt, square: (x) => x * x,
  sin: Math.sin, cos: Math.cos, tan: Math.tan, tanh: Math.tanh, sinh: Math.sinh, cosh: Math.cosh, absolute: Math.abs, reciprocal: (x) => 1 / x,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)), relu: (x) => Math.max(x, 0), softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  add: (x, y) => x + y, subtract: (x, y) => x - y, multiply: (x, y) => x * y, divide: (x, y) => x / y, power: (x, y) => x ** y,
  maximum: Math.max, minimum: Math.min, greater: (x, y) => +(x > y), greater_equal: (x, y) => +(x >= y), less: (x, y) => +(x < y), less_equal: (x, y) => +(x <= y),
  where: (chosen, x, y) => (chosen ? x : y),
};
const FOLDS = {
  sum: total, mean: (v) => total(v) / v.length, max: largest, min: (v) => -largest(v.map((x) => -x)), prod: (v) => v.reduce((a, b) => a * b, 1),
  logsumexp: (v) => { const top = largest(v); return Number.isFinite(top) ? top + Math.log(total(v.map((x) => Math.exp(x - top)))) : top; },
};
const SOFT = { softmax: (x, whole) => Math.exp(x - whole), log_softmax: (x, whole) => x - whole };

// The numbers of a value or of a plain argument: {shape, data}, or null where the page does not hold them all.
function numbersOf(arg, changed) {
  if (typeof arg === "number") return { shape: [], data: [arg] };
  if (arg === null || arg?.node === undefined) return null;
  if (changed.has(arg.node)) return changed.get(arg.node);
  const { value } = DATA.nodes[arg.node], { shape } = DATA.arrays[value], data = held(value);
  return data.length === count(shape) ? { shape, data } : null;
}

// Where entry `index` of a result lies in an array that was broadcast to it.
function source({ shape }, index) {
  let at = 0;
  shape.forEach((n, axis) => (at = at * n + (n === 1 ? 0 : index[index.length - shape.length + axis])));
  return at;
}

function compute(node, changed) {
  const { fun, args = [], kwargs = {} } = node, shape = node.shape ?? [], size = count(shape), data = new Float64Array(size);
  const f = ENTRYWISE[fun];
  if (f && f.length === args.length) {
    const parts = args.map((arg) => numbersOf(arg, changed));
    if (parts.includes(null)) return null;
    for (let k = 0; k < size; k++) {
      const index = unravel(k, shape);
      data[k] = f(...parts.map((part) => part.data[source(part, index)]));
    }
    return { shape, data };
  }
  if (node.places) {
    const parts = args.filter((arg) => isValue(arg) && isReal(arg.node)).map((arg) => numbersOf(arg, changed));
    if (parts.includes(null)) return null;
    const all = parts.flatMap((part) => [...part.data]), own = held(node.value);
    return { shape, data: Float64Array.from(node.places, (from, k) => (from < 0 ? own[k] : all[from])) };
  }
  const [a, b] = args.slice(0, 2).map((arg) => numbersOf(arg, changed));
  if (fun === "matmul" && a && b && a.shape.length === 2 && b.shape.length === 2) {
    const inner = a.shape[1], width = b.shape[1];
    for (let k = 0; k < size; k++) for (let i = 0; i < inner; i++) data[k] += a.data[Math.floor(k / width) * inner + i] * b.data[i * width + (k % width)];
    return { shape, data };
  }
  const fold = SOFT[fun] ? FOLDS.logsumexp : FOLDS[fun];
  if (fold && a && Object.entries(kwargs).every(([key, given]) => key === "axis" || key === "keepdims" || given === null)) {
    const given = kwargs.axis ?? args[1] ?? (SOFT[fun] ? -1 : null), rank = a.shape.length;
    const axes = given === null ? a.shape.map((_, i) => i) : [given].flat().map((axis) => (axis + rank) % rank);
    const kept = a.shape.map((n, axis) => (axes.includes(axis) ? 1 : n)), groups = Array.from({ length: count(kept) }, () => []);
    const home = Array.from(a.data, (_, k) => source({ shape: kept }, unravel(k, a.shape)));
    a.data.forEach((v, k) => groups[home[k]].push(v));
    const folded = groups.map(fold);
    return { shape, data: Float64Array.from(SOFT[fun] ? a.data.map((v, k) => SOFT[fun](v, folded[home[k]])) : folded) };
  }
  return null;
}

// The output when the entry is set to `wanted`, or to what it is; the node that this page cannot compute; null where the
// output does not depend on it.
function outputWith(start, place, wanted) {
  const output = DATA.nodes.findIndex((node) => node.name === DATA.output), changed = new Map();
  const first = numbersOf({ node: start }, changed);
  if (!first) return DATA.nodes[start];
  const moved = Float64Array.from(first.data);
  moved[place] = wanted;
  changed.set(start, { shape: first.shape, data: moved });
  for (let k = start + 1; k <= output; k++) {
    if (!(DATA.nodes[k].args ?? []).some((arg) => changed.has(arg?.node))) continue;
    const made = compute(DATA.nodes[k], changed);
    if (!made) return DATA.nodes[k];
    changed.set(k, made);
  }
  return changed.has(output) ? changed.get(output).data[0] : null;
}

function whatIf(start, index, value, slope) {
  const shape = DATA.nodes[start].shape ?? [], place = index.reduce((at, i, axis) => at * shape[axis] + i, 0);
  const complex = DATA.arrays.some((array) => array.modulus); // whose moduli do not add up
  const before = complex || value === undefined || slope === undefined ? null : outputWith(start, place, value);
  if (before === null) return null;
  if (typeof before === "object") {
    const reason = before.call ? `This page cannot compute ${before.name} = ${before.call} anew.` : "This page does not hold all of this array.";
    return h("p.soft", { "data-uncomputed": before.name }, `What if it were another number? ${reason}`);
  }
  const answer = h("div", { "data-whatif": "" });
  const tell = (event) => {
    const wanted = Number(event.target.value), after = outputWith(start, place, wanted);
    answer.dataset.whatif = after - before;
    answer.textContent = `${DATA.output} would be ${text(after, DIGITS)} instead of ${text(before, DIGITS)}: a change of ${text(after - before, 5)}. The gradient foretells ${text(slope * (wanted - value), 5)}.`;
  };
  const field = h("input", { type: "number", step: "any", value: Number(value.toPrecision(DIGITS)), style: "width:130px;margin:0 4px 4px", "aria-label": "another number for this entry", oninput: tell });
  return h("div.card", h("label", "What if it were ", field), answer);
}
