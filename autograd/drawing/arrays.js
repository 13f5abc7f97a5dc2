// The embedded arrays: numbers, words for numbers, and pictures of them.
const DATA = JSON.parse(document.getElementById("data").textContent);

// A number alone is written as {one: number}; of a small array the statistics are left to be found here.
DATA.arrays.forEach((array, k) => {
  if (array.stats) return;
  if (array.one !== undefined) [array.shape, array.numbers] = [[], Float64Array.of(Number(array.one))];
  const finite = held(k).filter(Number.isFinite), nonfinite = held(k).length - finite.length;
  const sorted = finite.slice().sort(), mean = finite.reduce((a, b) => a + b, 0) / finite.length;
  array.stats = finite.length ? { min: sorted[0], mean, max: sorted.at(-1), norm: Math.hypot(...finite), nonfinite } : { nonfinite };
});

// h("p.soft", {title: "x"}, "text", child) makes an element; text is always text, never markup.
function h(what, ...parts) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag || "div");
  element.className = classes.join(" ");
  for (const part of parts.flat(9)) {
    if (part === null || part === undefined || part === false) continue;
    if (typeof part === "object" && !(part instanceof Node)) {
      for (const [key, value] of Object.entries(part)) {
        if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
        else if (key === "style") element.style.cssText = value;
        else element.setAttribute(key, value);
      }
    } else element.append(part);
  }
  return element;
}

// The numbers of array k that the page holds: its first rows, or all.
function held(k) {
  const array = DATA.arrays[k];
  if (!array?.numbers) {
    if (!array?.data) return new Float64Array(0);
    const bytes = Uint8Array.from(atob(array.data), (c) => c.charCodeAt(0));
    array.numbers = array.code === "f8" ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
  }
  return array.numbers;
}

// The first of a list, and how many more there are.
const few = (list, make, most = 40) => [list.slice(0, most).map((one) => make(one)), list.length > most && h("span.soft", ` and ${(list.length - most).toLocaleString("en")} more`)];

const count = (shape) => shape.reduce((a, b) => a * b, 1);
const shapeText = (shape) => (shape && shape.length ? shape.join(" × ") : "scalar");
const indexText = (index) => (index.length ? `[${index.join(", ")}]` : "");

// Entry `index` (a list) of array k, or undefined where the page does not hold it.
function entryOf(k, index) {
  const { shape } = DATA.arrays[k];
  let place = 0;
  shape.forEach((n, axis) => (place = place * n + index[axis]));
  return held(k)[place];
}

function text(x, digits = 6) {
  x = Number(x);
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  const shown = size !== 0 && (size < 1e-4 || size >= 1e7) ? x.toExponential(digits - 1) : String(Number(x.toPrecision(digits)));
  return shown.replace(/\.?0+e/, "e").replace("e+", "e").replaceAll("-", "−");
}

function bytesText(n) {
  for (const unit of ["bytes", "kB", "MB"]) {
    if (n < 1000) return `${Number(n.toPrecision(3))} ${unit}`;
    n /= 1000;
  }
  return `${Number(n.toPrecision(3))} GB`;
}

// Colour ramps that keep their order for every colour vision: one for sizes, one for signs.
const RAMPS = {
  size: ["#00224e", "#2a3f6d", "#575c6d", "#7f7c75", "#a69d75", "#d3c164", "#fee838"],
  sign: ["#005a8f", "#4a9cc9", "#b5d8ec", "#f7f7f7", "#f7c9a3", "#e58a44", "#b34a00"],
  grey: ["#000000", "#ffffff"],
};
const BAD = [255, 0, 255]; // a colour of neither ramp, for NaN and infinity
const channel = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
function colour(ramp, t) {
  if (!Number.isFinite(t)) return BAD;
  const stops = RAMPS[ramp];
  const at = Math.min(Math.max(t, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  return [0, 1, 2].map((i) => Math.round(channel(stops[low], i) * (low + 1 - at) + channel(stops[low + 1], i) * (at - low)));
}
const css = (ramp, t) => `rgb(${colour(ramp, t).join(" ")})`;
const gradientOf = (ramp) => `linear-gradient(to right, ${RAMPS[ramp].join(", ")})`;

// How a range of numbers is coloured: signed numbers around zero, greys for images in 0..1, otherwise by size.
function scaleFor(stats, image) {
  const low = Number(stats.min ?? 0), high = Number(stats.max ?? 0);
  if (low < 0) {
    const top = Math.max(-low, high);
    return { ramp: "sign", low: -top, high: top };
  }
  return image && high <= 1 ? { ramp: "grey", low: 0, high: 1 } : { ramp: "size", low, high };
}

const square = (n) => (n >= 64 && Number.isInteger(Math.sqrt(n)) ? Math.sqrt(n) : 0);

function paint(width, height, zoom, at, scale, label, pick) {
  const canvas = h("canvas", { width, height, title: label, style: `width:${width * zoom}px;height:${height * zoom}px` });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const span = scale.high - scale.low || 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = at(x, y);
      if (value !== undefined) image.data.set([...colour(scale.ramp, (value - scale.low) / span), 255], 4 * (y * width + x));
    }
  }
  context.putImageData(image, 0, 0);
  canvas.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect();
    const clip = (v, n) => Math.min(n - 1, Math.max(0, Math.floor(v * n)));
    pick(clip((event.clientX - box.left) / box.width, width), clip((event.clientY - box.top) / box.height, height));
  });
  return canvas;
}

const LINE = 50; // a vector is read in lines of so many entries
const ROOM = 330; // pixels that a picture may be wide
// Screen pixels for one of `side`, so that the side is `aim` long, or longer for `least`, where there is room.
const zoomOf = (side, aim, least) => Math.max(1, Math.round(aim / side), Math.min(least, Math.floor(ROOM / side)));

// How an array is seen of which the page holds the first entries: rows that are square images, columns that are, or a heat
// map. Each picture says where in the array its pixel (x, y) stands.
function picturesOf(shape, known) {
  const all = count(shape), columns = shape.at(-1) ?? 1, rows = Math.floor(known / columns);
  const side = square(columns), tall = shape.length === 2 ? square(shape[0]) : 0;
  if (side && rows) {
    const zoom = rows > 1 ? zoomOf(side, 60, 2) : zoomOf(side, 160, 3), shown = Math.min(rows, 15);
    const images = Array.from({ length: shown }, (_, r) => ({ width: side, height: side, zoom, label: `row ${r}`, place: (x, y) => r * columns + y * side + x }));
    return { images, image: true, note: `${all > columns ? `${shown} of ${all / columns} rows, each` : "its entries"} as ${side} × ${side} pixels` };
  }
  if (tall && known === all) {
    const zoom = zoomOf(tall, 60, 2), shown = Math.min(columns, 40);
    const images = Array.from({ length: shown }, (_, c) => ({ width: tall, height: tall, zoom, label: `column ${c}`, place: (x, y) => (y * tall + x) * columns + c }));
    return { images, note: `${shown} of ${columns} columns, each as ${tall} × ${tall} pixels` };
  }
  const vector = all > 24 && all === Math.max(...shape), line = vector ? Math.min(LINE, known) : columns;
  const height = Math.min(vector ? Math.ceil(known / line) : rows, 24), width = Math.min(line, 110), seen = Math.min(height * line, known);
  const zoom = Math.max(3, Math.min(14, Math.floor(ROOM / width), Math.floor(170 / height)));
  const images = [{ width, height, zoom, label: "heat map", place: (x, y) => y * line + x }];
  if (vector) return { images, note: seen < all || height > 1 ? `${seen < all ? `first ${seen.toLocaleString("en")} of ` : ""}${all.toLocaleString("en")} entries, ${line} a line` : "" };
  return { images, note: seen < all || width < columns ? `first ${height} of ${all / columns} rows${width < columns ? `, ${width} of ${columns} columns` : ""}` : "" };
}

// Pictures of array k with a legend; pick(index) on click.
function pictures(k, pick = () => {}) {
  const numbers = held(k), { shape, stats } = DATA.arrays[k];
  if (!numbers.length || count(shape) < 2 || stats.min === undefined || (stats.min === stats.max && !stats.nonfinite)) return null;
  const { images, image, note } = picturesOf(shape, numbers.length), scale = scaleFor(stats, image);
  const found = images.map(({ width, height, zoom, label, place }) => paint(width, height, zoom, (x, y) => numbers[place(x, y)], scale, label,
    (x, y) => place(x, y) < numbers.length && pick(unravel(place(x, y), shape))));
  const legend = h("div.legend.soft", h("div.ramp", { style: `background:${gradientOf(scale.ramp)};max-width:200px` }),
    h("div.ends", { style: "max-width:200px" }, h("span", text(scale.low, 3)), h("span", text(scale.high, 3))),
    stats.nonfinite > 0 && h("div", h("span", { style: `color:rgb(${BAD.join(" ")})` }, "■"), " not finite"));
  return h("div", h("div.pictures", found), note && h("div.soft", note), legend);
}

function unravel(place, shape) {
  const index = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = place % shape[axis];
    place = Math.floor(place / shape[axis]);
  }
  return index;
}

// The statistics of array k as a small table; the number itself for one entry. Of complex numbers the page holds moduli.
function statisticsOf(k) {
  if (k === undefined) return h("div.soft", "none");
  if (DATA.arrays[k].modulus) return h("div", { "data-modulus": "" }, h("div.soft", "complex; of the modulus:"), numbersTable(k));
  return numbersTable(k);
}

function numbersTable(k) {
  const { stats, shape } = DATA.arrays[k];
  if (count(shape) === 1 && stats.nonfinite && held(k).length) return h("div.number.warn", text(held(k)[0]));
  if (stats.min === undefined) return h("div.soft", stats.nonfinite ? `${stats.nonfinite} entries, none finite` : "no numbers");
  if (count(shape) === 1 && !stats.nonfinite) return h("div.number", { "data-stat": "value", "data-exact": stats.min }, text(stats.min));
  const names = ["min", "mean", "max", "norm"];
  return h("div.scroll", h("table", h("tr", names.map((n) => h("th", { style: "text-align:right" }, n))),
    h("tr", names.map((n) => h("td", { style: "text-align:right", "data-stat": n, "data-exact": stats[n] }, text(stats[n], 4))))),
    stats.nonfinite > 0 && h("div.warn", nonfiniteText(k)));
}

// The index of the first entry that is not finite, or null.
function firstBad(k) {
  const place = held(k).findIndex((v) => !Number.isFinite(v));
  return place < 0 ? null : unravel(place, DATA.arrays[k].shape);
}

// How many entries are not finite, and which comes first among those that the page holds.
function nonfiniteText(k) {
  const { stats: { nonfinite }, shape } = DATA.arrays[k], bad = firstBad(k);
  const first = bad === null ? "" : `${nonfinite > 1 ? ", the first" : ""}: ${indexText(bad)} is ${text(entryOf(k, bad))}`;
  return `${nonfinite} of ${count(shape)} entries ${nonfinite > 1 ? "are" : "is"} not finite${first}`;
}
