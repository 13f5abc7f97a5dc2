// One entry of a result as what it was computed from: a sum of products, a move of another entry, a formula of a few.
// unfold(node, index) gives {formula, terms: [[factors, number]], sum, note}, or null where an operation is not unfolded.
const SIGNS = { add: "+", subtract: "−", multiply: "·", divide: "/", power: "^" };
const shapeOf = (arg) => DATA.nodes[arg.node].shape ?? [];
const isReal = (node) => /^(float|complex|longdouble)/.test(DATA.nodes[node].dtype);
const isValue = (arg) => arg !== null && arg?.node !== undefined;

// An argument's entry for entry `index` of an elementwise result: axes of length 1 were broadcast.
function operand(arg, index) {
  if (!isValue(arg)) return { plain: arg };
  const shape = shapeOf(arg);
  return { node: arg.node, index: shape.map((n, axis) => (n === 1 ? 0 : index[index.length - shape.length + axis])) };
}

// A plain argument is a number, or a word such as None or float64, which is no term.
function factor(part) {
  if (part.node === undefined) {
    const isNumber = typeof part.plain === "number" || ["NaN", "Infinity", "-Infinity"].includes(part.plain);
    return isNumber ? { ...part, value: Number(part.plain), label: text(part.plain) } : { ...part, word: true, label: String(part.plain ?? "None") };
  }
  const value = entryOf(DATA.nodes[part.node].value, part.index);
  return { ...part, value, label: `${DATA.nodes[part.node].name}${indexText(part.index)}` };
}

// Products summed over shared letters: matmul and its kin as einsum would write them, [letters of a, of b, ..., of the result].
function lettersOf({ fun, args = [], kwargs = {} }) {
  const word = (from, n) => Array.from({ length: n }, (_, i) => from + i);
  if (fun === "einsum" && typeof args[0] === "string" && args[0].includes("->") && !args[0].includes(".")) return args[0].replaceAll(" ", "").split(/->|,/).map((letters) => [...letters]);
  if (args.length < 2 || !args.slice(0, 2).every(isValue)) return null;
  const [a, b] = args.slice(0, 2).map((arg) => shapeOf(arg).length), x = word("a", a), y = word("b", b);
  if (fun === "outer") return a === 1 && b === 1 ? [x, y, [...x, ...y]] : null;
  if (fun === "tensordot") {
    const axes = args[2] ?? kwargs.axes ?? 2, last = (n) => Array.from({ length: axes }, (_, i) => n + i);
    const [left, right] = typeof axes === "number" ? [last(a - axes), last(0)] : axes.map((list) => [list].flat());
    left.forEach((axis, i) => (y[(right[i] + b) % b] = x[(axis + a) % a]));
    return [x, y, [...x, ...y].filter((letter, _, all) => all.indexOf(letter) === all.lastIndexOf(letter))];
  }
  if (!a || !b || !["matmul", "dot", "inner"].includes(fun)) return null;
  const inner = fun === "inner" || b === 1 ? b - 1 : b - 2;
  y[inner] = x[a - 1];
  if (fun !== "matmul") return [x, y, [...x.slice(0, -1), ...y.filter((_, i) => i !== inner)]];
  for (let i = 1; i <= Math.min(a, b) - 2; i++) y[b - 2 - i] = x[a - 2 - i]; // stacks of matrices go side by side
  const stack = a >= b ? x.slice(0, -2) : y.slice(0, -2);
  return [x, y, [...stack, ...(a > 1 ? [x[a - 2]] : []), ...(b > 1 ? [y[b - 1]] : [])]];
}

function unfoldProduct(node, index) {
  const letters = lettersOf(node), operands = (node.args ?? []).filter(isValue);
  if (!letters || letters.length !== operands.length + 1) return null;
  const lengths = {};
  operands.forEach((arg, i) => letters[i].forEach((letter, axis) => (lengths[letter] = Math.max(lengths[letter] ?? 1, shapeOf(arg)[axis]))));
  const fixed = Object.fromEntries(letters.at(-1).map((letter, axis) => [letter, index[axis]]));
  const summed = Object.keys(lengths).filter((letter) => fixed[letter] === undefined), size = summed.reduce((n, letter) => n * lengths[letter], 1);
  if (size > 100000) return null;
  const places = (arg, i, at) => letters[i].map((letter, axis) => (shapeOf(arg)[axis] === 1 ? 0 : at[letter]));
  const terms = Array.from({ length: size }, (_, k) => {
    const own = unravel(k, summed.map((letter) => lengths[letter])), at = { ...fixed };
    summed.forEach((letter, i) => (at[letter] = own[i]));
    const factors = operands.map((arg, i) => factor({ node: arg.node, index: places(arg, i, at) }));
    return [factors, factors.reduce((product, f) => product * f.value, 1)];
  });
  const shown = { ...fixed };
  summed.forEach((letter, i) => (shown[letter] = "kjihg"[i] ?? letter));
  const formula = operands.map((arg, i) => `${DATA.nodes[arg.node].name}${indexText(letters[i].map((letter) => shown[letter]))}`).join(" · ");
  return { formula: `${summed.length ? `Σ over ${summed.map((letter) => shown[letter]).join(", ")} of ` : ""}${formula}`, terms, sum: true };
}

// The entries of an argument that a reduction folds into entry `index`, or that a softmax divides by.
function folded(arg, axis, index, keeps) {
  const shape = shapeOf(arg), axes = (axis === null ? shape.map((_, i) => i) : [axis].flat()).map((one) => (one + shape.length) % shape.length);
  const size = axes.reduce((n, one) => n * shape[one], 1);
  if (size > 100000) return null;
  const rest = keeps ? index : shape.reduce((list, _, one) => [...list, axes.includes(one) ? 0 : index[one - axes.filter((x) => x < one).length]], []);
  return Array.from({ length: size }, (_, k) => {
    const at = [...rest], own = unravel(k, axes.map((one) => shape[one]));
    axes.forEach((one, j) => (at[one] = own[j]));
    return factor({ node: arg.node, index: at });
  });
}

// For each reduction: the formula, the number each entry stands for, and what is done with their sum.
const REDUCTIONS = {
  sum: (x) => [`Σ ${x}`, (v) => v], mean: (x, n) => [`1/${n} Σ ${x}`, (v) => v / n],
  "linalg.norm": (x) => [`√ Σ ${x}²`, (v) => v * v, "its root"], prod: (x) => [`the product of ${x}`, null, "the factors"],
  max: (x) => [`the largest of ${x}`, null, "the largest first"], min: (x) => [`the smallest of ${x}`, null, "the smallest first"],
};

function unfoldReduction(node, index) {
  const { fun, args = [], kwargs = {}, shape = [] } = node, told = REDUCTIONS[fun];
  if (!told || !isValue(args[0]) || (fun === "linalg.norm" && (kwargs.ord ?? args[1] ?? 2) !== 2)) return null;
  const axis = kwargs.axis ?? (fun === "linalg.norm" ? args[2] : args[1]) ?? null;
  const entries = folded(args[0], axis, index, shape.length === shapeOf(args[0]).length);
  if (!entries) return null;
  const [formula, weight, note] = told(DATA.nodes[args[0].node].name, entries.length);
  if (weight) return { formula, terms: entries.map((f) => [[f], weight(f.value)]), sum: true, note };
  if (fun !== "prod") entries.sort((a, b) => (fun === "max" ? b.value - a.value : a.value - b.value));
  return { formula: `${formula}, ${entries.length} entries`, terms: entries.map((f) => [[f], f.value]), sum: false, note };
}

// Sums of exponentials; where these would be infinite, or all zero, the largest entry is taken off first, as the engine does.
function unfoldExponentials(node, index) {
  const { fun, args = [], kwargs = {}, shape = [] } = node, reduces = fun === "logsumexp";
  if (!["softmax", "log_softmax", "logsumexp"].includes(fun) || !isValue(args[0])) return null;
  const axis = kwargs.axis ?? args[1] ?? (reduces ? null : -1), keeps = shape.length === shapeOf(args[0]).length;
  const entries = folded(args[0], axis, index, keeps);
  if (!entries) return null;
  const top = entries.reduce((most, f) => Math.max(most, f.value), -Infinity), off = Math.abs(top) > 300 ? top : 0;
  const raised = (label) => `exp(${label}${off ? ` ${off < 0 ? "+" : "−"} ${text(Math.abs(off))}` : ""})`, name = DATA.nodes[args[0].node].name, less = off ? `${text(off)} + ` : "";
  const terms = entries.map((f) => [[f], Math.exp(f.value - off)]);
  if (reduces) return { formula: `${less}log Σ ${raised(name)}`, terms, sum: true, note: off ? `its logarithm, and ${text(off)} added` : "its logarithm" };
  const own = factor({ node: args[0].node, index });
  if (fun === "softmax") return { formula: `${raised(own.label)} / Σ ${raised(name)}`, terms, sum: true, note: `${raised(own.label)} = ${text(Math.exp(own.value - off), 6)} divided by it` };
  return { formula: `${own.label} − (${less}log Σ ${raised(name)})`, terms, sum: true, note: `${text(own.value - off, 6)} less its logarithm, ${text(Math.log(terms.reduce((sum, t) => sum + t[1], 0)), 6)}` };
}

function unfoldRun(node, index) {
  const { fun, args = [], kwargs = {} } = node;
  if ((fun !== "cumsum" && fun !== "cumprod") || !isValue(args[0])) return null;
  const axis = kwargs.axis ?? args[1] ?? null, shape = shapeOf(args[0]), along = axis === null ? 0 : (axis + shape.length) % shape.length;
  const terms = Array.from({ length: index[along] + 1 }, (_, k) => {
    const f = factor({ node: args[0].node, index: axis === null ? unravel(k, shape) : index.map((i, one) => (one === along ? k : i)) });
    return [[f], f.value];
  });
  return { formula: `${fun === "cumsum" ? "Σ" : "the product of"} ${DATA.nodes[args[0].node].name} up to here`, terms, sum: fun === "cumsum" };
}

// Entries only moved: their places are written on the page, or follow from the shapes.
function unfoldMove(node, index) {
  const { fun, args = [], places, shape = [] } = node, at = index.reduce((place, i, axis) => place * shape[axis] + i, 0);
  let from = places?.[at];
  if (from === undefined && isValue(args[0]) && ["reshape", "expand_dims", "squeeze"].includes(fun)) from = at;
  if (from === undefined && fun === "transpose" && args.length === 1) {
    const f = factor({ node: args[0].node, index: [...index].reverse() });
    return { formula: f.label, terms: [[[f], f.value]], sum: false };
  }
  if (from === undefined) return null;
  if (from < 0) return { formula: text(entryOf(node.value, index)), terms: [], sum: false, note: `${fun} puts this number here; it comes from no argument` };
  const arg = args.filter(isValue).find(({ node: k }) => {
    const n = isReal(k) ? count(DATA.nodes[k].shape ?? []) : 0;
    return from < n || ((from -= n), false);
  });
  const f = factor({ node: arg.node, index: unravel(from, shapeOf(arg)) });
  return { formula: f.label, terms: [[[f], f.value]], sum: false, note: `${fun} moves entries and changes none` };
}

function unfoldElementwise(node, index) {
  const { fun, args = [], elementwise } = node, sign = SIGNS[fun];
  if (!elementwise) return null;
  const factors = args.map((arg) => factor(operand(arg, index)));
  const formula = sign && factors.length === 2 ? factors.map((f) => f.label).join(` ${sign} `) : `${fun}(${factors.map((f) => f.label).join(", ")})`;
  return { formula, terms: factors.filter((f) => !f.word).map((f) => [[f], f.value]), sum: false };
}

function unfold(node, index) {
  for (const way of [unfoldProduct, unfoldReduction, unfoldExponentials, unfoldRun, unfoldElementwise, unfoldMove]) {
    const found = way(node, index);
    if (found) return found;
  }
  return null;
}
