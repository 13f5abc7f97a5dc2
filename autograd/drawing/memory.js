// What is in memory at each moment of the forward pass and of the walk back; what each step reads, and what it frees.
const MEMORY = DATA.memory;
const inUse = MEMORY ? MEMORY.values.map((v, t) => v + MEMORY.cotangents[t]) : [];
const peak = inUse.reduce((best, v, t) => (v > inUse[best] ? t : best), 0);

// The step after which a value is not needed: 0 before the walk starts; undefined for leaves and outputs.
let ends = null;
function freeAfter(node) {
  ends ??= new Map((MEMORY?.blocks ?? []).filter(([owner]) => DATA.nodes[owner].kind !== "output").map(([owner, , , last]) => [owner, Math.max(0, last - MEMORY.forward + 1)]));
  return ends.get(node);
}

const freedAt = (k) => MEMORY.blocks.filter(([owner, , , last]) => last === MEMORY.forward + k - 1 && freeAfter(owner) === k);
const momentText = (t) => (t < MEMORY.forward ? `operation ${t + 1} of the forward pass` : `step ${t - MEMORY.forward + 1}`);

// Bytes in use over time, values below and cotangents above them; the peak and the present step are marked.
function memoryChart(step = 0) {
  const W = 340, H = 92, floor = 76, n = inUse.length, top = inUse[peak] || 1;
  const x = (t) => (t * W) / n, y = (bytes) => floor - (bytes / top) * 58;
  const every = Math.max(1, Math.floor(n / 1700)); // of a long walk, some moments and the peak
  const moments = inUse.map((_, t) => t).filter((t) => t % every === 0 || t === peak || t === n - 1);
  const outline = (bytes) => moments.map((t) => `L${x(t).toFixed(1)} ${y(bytes(t)).toFixed(1)}H${x(t + 1).toFixed(1)}`).join("");
  const area = (kind, bytes) => s("path", { class: kind, d: `M0 ${floor}${outline(bytes)}V${floor}Z` });
  const start = x(MEMORY.forward), centre = x(peak + 0.5), side = centre < 90 ? "start" : centre > W - 90 ? "end" : "middle";
  const chart = s("svg", { class: "memory", viewBox: `0 0 ${W} ${H}`, role: "img", "data-peak": inUse[peak], "data-peak-at": peak,
    "aria-label": `Bytes in use over time; at most ${bytesText(inUse[peak])}, at ${momentText(peak)}` },
  area("held-cotangents", (t) => inUse[t]), area("held-values", (t) => MEMORY.values[t]),
  s("line", { class: "turn", x1: start, x2: start, y1: 14, y2: floor }),
  s("path", { class: "peak", d: `M${centre - 4} 13h8l-4 5z` }), s("text", { x: centre, y: 10, "text-anchor": side }, `peak ${bytesText(inUse[peak])}`),
  s("text", { x: start / 2, y: H - 4, "text-anchor": "middle" }, "forward"), s("text", { x: (start + W) / 2, y: H - 4, "text-anchor": "middle" }, "walk back"));
  if (step) chart.append(s("rect", { class: "now", "data-now": step, x: x(MEMORY.forward + step - 1), y: 14, width: Math.max(1.5, x(1)), height: floor - 14 }));
  chart.addEventListener("click", (event) => {
    const box = chart.getBoundingClientRect(), at = Math.floor(((event.clientX - box.left) / box.width) * n);
    go({ step: Math.min(DATA.steps.length, Math.max(0, at - MEMORY.forward + 1)) });
  });
  return chart;
}

const memoryLegend = () => h("div.soft", h("span.swatch.held-values"), "values still needed ", h("span.swatch.held-cotangents"), "cotangents; parameters and data not counted");

function memoryOfStep(k) {
  if (!MEMORY) return null;
  const reads = MEMORY.reads[k - 1], freed = freedAt(k), t = MEMORY.forward + k - 1;
  const sized = ([node, bytes]) => [nodeLink(node), h("span.soft", `${bytesText(bytes)} `)];
  return h("div.card", { "data-memory": k }, h("b", "Memory"),
    h("div", { "data-reads": reads.map((n) => DATA.nodes[n].name).join(" ") }, reads.length ? ["The rule reads ", reads.map(nodeLink)] : "The rule reads no value of the forward pass: it needs g alone."),
    h("div", { "data-freed": freed.map(([n]) => DATA.nodes[n].name).join(" ") }, freed.length ? ["Not needed after this step: ", freed.map(sized)] : "No value becomes free at this step."),
    h("div", `${bytesText(inUse[t])} in use: ${bytesText(MEMORY.values[t])} of values, ${bytesText(MEMORY.cotangents[t])} of cotangents.`),
    memoryChart(k), memoryLegend());
}

// How long a value is needed: which steps read it, and after which it is free.
function lifeOf(node) {
  if (!MEMORY || !DATA.nodes[node].call || DATA.nodes[node].kind === "gradient") return null;
  const readers = DATA.steps.map((_, i) => i).filter((i) => MEMORY.reads[i].includes(node)), free = freeAfter(node);
  const steps = few(readers, (i) => h("button.link", { onclick: () => go({ step: i + 1 }) }, `step ${i + 1}`), 20);
  return h("div", { "data-life": readers.map((i) => i + 1).join(" ") }, h("span.soft", readers.length ? "read by " : "read by no rule"), steps,
    h("span.soft", free > 0 && `, not needed after step ${free}`, free === 0 && ", not needed by the walk"));
}

function memoryOverview() {
  if (!MEMORY) return DATA.steps.length ? [h("h3", "Memory"), h("p.soft", "What the rules of this graph read could not be recorded.")] : null;
  const whole = MEMORY.blocks.reduce((sum, [, bytes]) => sum + bytes, 0), early = MEMORY.blocks.filter(([owner]) => freeAfter(owner) === 0);
  const waiting = MEMORY.blocks.filter(([owner]) => freeAfter(owner) > 0).sort((a, b) => freeAfter(a[0]) - freeAfter(b[0]));
  const spared = early.reduce((sum, [, bytes]) => sum + bytes, 0);
  return [h("h3", "Memory"), memoryChart(), memoryLegend(),
    h("p", `A rule reads some values of the forward pass, so these have to wait for it. Of ${bytesText(whole)} that the forward pass computes, ${bytesText(whole - spared)} wait for the walk; `,
      early.length ? `the other ${early.length} values are read by no rule. ` : "every value is read by a rule. ",
      `The most in use at once is ${bytesText(inUse[peak])}, at ${momentText(peak)}. Steps tell what they free; the overlay “Bytes kept” shows it in the graph.`),
    waiting.length > 0 && h("details", { "data-waiting": waiting.length }, h("summary", "What waits for the walk, and until when"), h("div.scroll", h("table",
      h("tr", ["value", "bytes", "free after step"].map((t) => h("th", t))),
      few(waiting, ([owner, bytes]) => h("tr", h("td", nodeLink(owner)), h("td", bytesText(bytes)), h("td", h("button.link", { onclick: () => go({ step: freeAfter(owner) }) }, freeAfter(owner)))), 200)))),
    h("p.soft", "A recorded graph holds all its values until it is let go as a whole; autograd.compile uses memory again as values become free.")];
}
