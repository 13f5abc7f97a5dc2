// The report, put together from the data.
const side = DATA.shape?.side;
const hidden = DATA.layers.length > 1 ? DATA.layers[0] : null;
let turned = false; // whether the images are unrolled column by column
const at = (x, y) => (turned ? x * side + y : y * side + x);
const percent = (v) => (v === null ? "—" : `${(100 * v).toFixed(1)} %`);

function tile(label, value) {
  return h("div.tile", h("b", value), h("span.soft", label));
}

function columnImage(k, column, zoom) {
  const { shape, stats } = DATA.arrays[k], numbers = held(k);
  return paint(side, side, zoom, (x, y) => numbers[at(x, y) * shape[1] + column], scaleFor(stats, false), `unit ${column + 1}`, () => {});
}

function section(title, ...parts) {
  return h("section", h("h2", title), parts);
}

function drawing() {
  if (!DATA.shape) return null;
  const guess = h("div", { id: "guess", "aria-live": "polite" }), seen = h("canvas", { id: "seen", width: side, height: side, title: "what the network is given" });
  const rows = DATA.classes.map((name) => h("div.output", h("span", name), h("div.track", h("div.level")), h("span", "")));
  const units = hidden ? Array.from({ length: DATA.arrays[hidden.b].shape[0] }, (_, j) =>
    h("div.unit", columnImage(hidden.theta, j, Math.max(2, Math.round(52 / side))), h("div.track", h("div.level")), h("span", ""))) : [];
  const show = (image) => {
    seen.getContext("2d", { willReadFrequently: true }).putImageData(new ImageData(Uint8ClampedArray.from({ length: 4 * side * side }, (_, i) => (i % 4 === 3 ? 255 : 255 * (image?.[at((i >> 2) % side, Math.floor((i >> 2) / side))] ?? 0))), side, side), 0, 0);
    const activations = image ? forward(image) : null;
    const out = activations?.at(-1), best = out ? out.indexOf(Math.max(...out)) : -1;
    guess.textContent = out ? `→ ${DATA.classes[best]}` : "→ ?";
    const fill = (row, v, k) => {
      row.querySelector(".level").style.width = `${100 * (v ?? 0)}%`;
      row.lastChild.textContent = v === undefined ? "" : v.toFixed(3);
      row.classList.toggle("best", k === best);
    };
    rows.forEach((row, k) => fill(row, out?.[k], k));
    units.forEach((unit, j) => fill(unit, activations?.[1][j], -2));
  };
  const pad = sketchPad(show);
  drawing.show = (image) => { pad.clear(); show(image); scrollTo({ top: 0, behavior: "smooth" }); };
  const made = section("Draw a digit",
    h("div.sketch",
      h("div", pad.board, h("div", { style: "margin-top:6px" }, h("button", { id: "clear", onclick: pad.clear }, "Clear"), " ", h("button", { onclick: pad.undo }, "Undo stroke"))),
      h("div", h("div.soft", `as ${side} × ${side} pixels`), seen, guess),
      h("div.outputs", h("div.soft", "the outputs"), rows)),
    units.length > 0 && [h("h3", `The ${units.length} hidden units: weights (blue negative, orange positive) and how strongly each answers`), h("div.units", units)],
    h("p.soft", `Your strokes are scaled to ${text(DATA.shape.long, 3)} pixels, drawn ${text(DATA.shape.width, 2)} wide, and placed by their ${DATA.shape.centre === "mass" ? "centre of mass" : "box"}, as the digits of the data are. `,
      "If the images below lie on their side, their pixels were written column by column: ", h("button", { id: "turn", onclick: turn }, "Turn them")));
  pad.clear();
  return made;
}

function hiddenUnits() {
  if (!side || !hidden) return null;
  const n = DATA.arrays[hidden.b].shape[0], shown = Math.min(n, 60), zoom = Math.max(2, Math.round(60 / side));
  const all = (k) => h("div.units", Array.from({ length: shown }, (_, j) => h("div.unit", columnImage(k, j, zoom))));
  const legend = (k) => { const scale = scaleFor(DATA.arrays[k].stats, false); return h("div.soft", `${text(scale.low, 3)} `, h("span", { style: `display:inline-block;width:120px;height:9px;background:${gradientOf("sign")}` }), ` ${text(scale.high, 3)}`); };
  return section(`Hidden units before and after${shown < n ? `: the first ${shown} of ${n}` : ""}`, h("h3", "Before training"), held(DATA.before).length ? all(DATA.before) : null, legend(DATA.before),
    h("h3", "After training"), all(hidden.theta), legend(hidden.theta));
}

function mistakes() {
  const { images, rows, truth, guess, sure } = DATA.mistakes;
  if (images === null) return section("Mistakes", h("p", `None among the ${DATA.judged} rows.`));
  const numbers = held(images), size = DATA.arrays[images].shape[1];
  return section(`The most confident mistakes among the ${DATA.judged} rows`, h("p.soft", "The largest output and its value, what it should have been, and the row of the data."), h("div.units", truth.map((t, k) => {
    const image = numbers.slice(k * size, (k + 1) * size);
    const look = side ? paint(side, side, Math.max(2, Math.round(80 / side)), (x, y) => image[at(x, y)], { ramp: "grey", low: 0, high: 1 }, "", () => {}) : null;
    const shown = [look, h("div", h("b", DATA.classes[guess[k]]), ` ${sure[k].toFixed(3)}`), h("div.soft", `is ${DATA.classes[t]}`), h("div.soft", `row ${rows[k]}`)];
    return drawing.show ? h("button.mistake", { title: "see it go through the network", onclick: () => drawing.show(image) }, shown) : h("div.mistake", shown);
  })));
}

function check() {
  return section("Gradient check", h("p", "Largest difference between the engine's gradient and the one derived by hand, relative to its largest entry:"),
    h("table", Object.entries(DATA.check).map(([name, v]) => h("tr", h("td", h("code", name)), h("td", text(v, 3))))));
}

function derivation() {
  if (!DATA.derivation) return null;
  const box = h("div.derivation");
  box.innerHTML = DATA.derivation; // MathML that the engine wrote
  return section("The gradients as the engine derives them", h("p.soft", "X are the inputs and y the wanted outputs. A layer weighs its input, z = input θ + b, and gives a = sigmoid(z). Each δ is the gradient of the cost J with respect to a layer's z, the last layer first; ∘ multiplies entry by entry, m is the number of rows."), box);
}

const build = () => document.getElementById("report").replaceChildren(...[
  h("div.tiles", DATA.rows.test ? tile(`accuracy on ${DATA.rows.test} test rows`, percent(DATA.accuracy.test)) : null, tile(`accuracy on ${DATA.rows.train} training rows`, percent(DATA.accuracy.train)),
    tile("cost", text(DATA.history.at(-1)?.cost, 4)), tile(`epochs of ${DATA.optimizer}`, DATA.epochs), tile("seconds of training", text(DATA.seconds, 3))),
  drawing(), section("Learning", curves()), section("Confusion matrix", confusion()), mistakes(), hiddenUnits(), derivation(), check(),
].filter(Boolean));
function turn() {
  turned = !turned;
  build();
  document.getElementById("turn").focus({ preventScroll: true });
}
build();
const link = document.getElementById("graph");
if (DATA.missing) link.replaceWith(h("span.soft", { title: DATA.missing }, "no graph.html: no package to lay it out"));
else link.href = DATA.graph;
const setTheme = (dark) => document.documentElement.classList.toggle("dark", dark);
setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
document.getElementById("theme").addEventListener("click", () => setTheme(!document.documentElement.classList.contains("dark")));
