// Overlays: what to measure at a value, how a box adds its values up, and how to say it.
const statsOf = (k) => (k === undefined ? undefined : DATA.arrays[k].stats);
// The statistics of an array of one real number, which is then all there is to say.
const single = (k) => (k !== undefined && count(DATA.arrays[k].shape) === 1 && !DATA.arrays[k].modulus && statsOf(k).min !== undefined ? statsOf(k) : null);
const largest = (v) => v.reduce((a, b) => (b > a ? b : a), -Infinity), total = (v) => v.reduce((a, b) => a + b, 0);
const OVERLAYS = {
  gradient: { title: "Gradient norm", log: true, about: "2-norm of ∂/∂value; a box shows its largest",
    measure: (n) => statsOf(n.grad)?.norm, add: largest, say: (v, n) => (n && single(n.grad) ? `∂ ${text(single(n.grad).min, 4)}` : `‖∂‖ ${text(v, 3)}`) },
  range: { title: "Value range", log: true, about: "largest magnitude; a box shows its largest",
    measure: (n) => { const t = statsOf(n.value); return t.min === undefined ? undefined : Math.max(Math.abs(t.min), Math.abs(t.max)); },
    add: largest, say: (v, n) => (n && single(n.value) ? `= ${text(single(n.value).min, 4)}` : n ? `${text(statsOf(n.value).min, 2)} … ${text(statsOf(n.value).max, 2)}` : `≤ ${text(v, 3)}`) },
  units: { title: "Dead and saturated units", about: "units (entries of the last axis) that pass on none, or less than 1 %, of their cotangent over all examples",
    measure: (n, i) => { const flat = flatOf(i); return flat && (flat[0] + flat[1]) / flat[2]; }, add: largest,
    say: (v, n, i) => { const flat = n && flatOf(i); return flat ? `${flat[0]} dead, ${flat[1]} saturated of ${flat[2]}` : `${text(100 * v, 3)} %`; } },
  nan: { title: "NaN and infinity", about: "✖ where the first one was made, ~ where it spread; forward and ∂ backward",
    measure: (n, i) => badness(i)[0], add: largest, say: (v, n, i) => (v ? (n ? badness(i)[1] : v < 1 ? "~ spread" : "✖ made inside") : anyBad() ? "" : "finite") },
  bytes: { title: "Bytes kept", about: "memory of each value → the last step whose rule reads it, 0 where none does; as you step, what is free fades. Views, which cost nothing, are left out",
    measure: (n) => n.bytes || undefined, add: total, say: (v, n, i) => bytesText(v) + (n ? untilText(freeAfter(i)) : "") },
  time: { title: "Time", about: "seconds of the forward operation, measured under annotate()",
    measure: (n) => n.seconds, add: total, say: (v) => (v < 1e-3 ? `${text(v * 1e6, 3)} µs` : `${text(v * 1e3, 3)} ms`) },
};

const untilText = (step) => (step === undefined ? "" : ` → ${step}`);

let flats = null;
function flatOf(i) {
  flats ??= new Map(DATA.steps.filter((step) => step.flat).map((step) => [step.node, step.flat]));
  return flats.get(i);
}

let bads = null;
function badness(i) {
  if (!bads) {
    const bad = (k) => k !== undefined && DATA.arrays[k].stats.nonfinite > 0;
    const given = (k) => parentsOf(k).some((parent) => bad(DATA.nodes[parent].value));
    const made = new Set(); // by a rule from what was finite
    for (const { node, array, sent } of DATA.steps) if (![array, DATA.nodes[node].value].some(bad) && !given(node) && sent.some((part) => bad(part.array))) made.add(node);
    bads = DATA.nodes.map((n, k) => {
      const words = [];
      if (bad(n.value)) words.push(given(k) ? "~ spread" : "✖ made here");
      if (made.has(k)) words.push("✖ ∂ made by the rule");
      else if (bad(n.grad)) words.push(words.length ? "~ ∂" : "~ ∂ spread");
      return [words.some((w) => w[0] === "✖") ? 1 : words.length ? 0.5 : 0, words.join(", ") || "finite"];
    });
  }
  return bads[i];
}

const anyBad = () => DATA.nodes.some((_, i) => badness(i)[0] > 0);

function overlayExists(key) {
  return DATA.nodes.some((n, i) => OVERLAYS[key].measure(n, i) !== undefined);
}

function showOverlay(key, step) {
  const overlay = OVERLAYS[key], legend = document.getElementById("legend");
  legend.hidden = !overlay;
  const measured = scene.items.map((item) => {
    if (!overlay) return undefined;
    if (item.box === undefined) return overlay.measure(DATA.nodes[item.node], item.node);
    const inside = [];
    const stack = [{ box: item.box }];
    while (stack.length) {
      const member = stack.pop();
      if (typeof member === "number") inside.push(overlay.measure(DATA.nodes[member], member));
      else stack.push(...DATA.boxes[member.box].members);
    }
    const known = inside.filter((v) => v !== undefined && !Number.isNaN(v));
    return known.length ? overlay.add(known) : undefined;
  });
  const known = measured.filter((v) => v !== undefined && Number.isFinite(v) && (!overlay.log || v > 0));
  let low = Math.min(...known), high = Math.max(...known);
  if (key === "units" || key === "nan") [low, high] = [0, 1];
  const scale = overlay?.log ? (v) => (v > 0 ? Math.log(v / low) / (Math.log(high / low) || 1) : 0) : (v) => (v - low) / (high - low || 1);
  itemElements.forEach((element, i) => {
    const value = measured[i], shape = element.querySelector(".shape"), item = scene.items[i];
    const shown = value !== undefined;
    element.classList.toggle("freed", key === "bytes" && step > 0 && item.node !== undefined && freeAfter(item.node) < step);
    const t = shown ? scale(value) : 0;
    shape.style.fill = shown ? css("size", t) : "";
    for (const line of element.querySelectorAll("text:not(.measure):not(.mark)")) line.style.fill = shown ? (t > 0.465 ? "#000000" : "#ffffff") : "";
    const node = item.box === undefined ? DATA.nodes[item.node] : null;
    element.querySelector(".measure").textContent = shown ? overlay.say(value, node, item.node) : "";
  });
  if (overlay) {
    const ends = key === "nan" ? ["finite", "made here"] : known.length ? [low, high].map((v) => overlay.say(v).replace("‖∂‖ ", "").replace("≤ ", "")) : ["", ""];
    legend.replaceChildren(h("b", overlay.title), h("div.ramp", { style: `background:${gradientOf("size")}` }),
      h("div.ends", h("span", ends[0]), overlay.log ? h("span.soft", "log scale") : null, h("span", ends[1])), h("div.soft", overlay.about));
  }
}
