// Curves and the confusion matrix.
function s(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function ticks(low, high, wanted = 5) {
  const rough = (high - low || 1) / wanted, size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * size).find((k) => k >= rough);
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9 * step; v += step) found.push(Number(v.toPrecision(12)));
  return found;
}

// One chart: lines [{name, colour, dash, points: [[x, y], ...]}], told apart by dash as well as colour.
function chart(title, lines, limits) {
  const W = 480, H = 260, left = 46, right = 12, top = 12, bottom = 34;
  const all = lines.flatMap((line) => line.points);
  if (!all.length) return null;
  const xs = all.map((p) => p[0]), ys = all.map((p) => p[1]);
  const [x0, x1] = [Math.min(...xs), Math.max(...xs, Math.min(...xs) + 1)], [y0, y1] = limits ?? [0, Math.max(...ys) * 1.05];
  const X = (x) => left + ((x - x0) / (x1 - x0)) * (W - left - right), Y = (y) => H - bottom - ((y - y0) / (y1 - y0 || 1)) * (H - top - bottom);
  const svg = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${title}: ${lines.map((l) => `${l.name} ends at ${text(l.points.at(-1)[1], 4)}`).join(", ")}` });
  for (const y of ticks(y0, y1)) svg.append(s("line", { class: "grid", x1: left, x2: W - right, y1: Y(y), y2: Y(y) }), s("text", { x: left - 6, y: Y(y) + 4, "text-anchor": "end" }, text(y, 3)));
  for (const x of ticks(x0, x1, 8).filter(Number.isInteger)) svg.append(s("text", { x: X(x), y: H - 16, "text-anchor": "middle" }, x));
  svg.append(s("text", { x: W - right, y: H - 2, "text-anchor": "end" }, "epoch"));
  for (const line of lines) {
    svg.append(s("path", { class: "line", stroke: line.colour, "stroke-dasharray": line.dash, d: line.points.map(([x, y], i) => `${i ? "L" : "M"}${X(x).toFixed(1)} ${Y(y).toFixed(1)}`).join("") }));
    if (line.points.length === 1) svg.append(s("circle", { cx: X(line.points[0][0]), cy: Y(line.points[0][1]), r: 3, fill: line.colour }));
  }
  const legend = lines.map((line) => h("span", { style: "margin-right:16px;white-space:nowrap" },
    s("svg", { width: 30, height: 10 }, s("line", { x1: 0, x2: 28, y1: 5, y2: 5, stroke: line.colour, "stroke-width": 2.2, "stroke-dasharray": line.dash })),
    ` ${line.name} ${text(line.points.at(-1)[1], 4)}`));
  return h("div.chart", h("h3", title), svg, h("div.soft", legend));
}

function curves() {
  const points = (key) => DATA.history.filter((e) => e[key] !== null && e[key] !== undefined && Number.isFinite(Number(e[key]))).map((e) => [e.epoch, Number(e[key])]);
  const lines = (...list) => list.map(([key, name, colour, dash]) => ({ name, colour, dash, points: points(key) })).filter((line) => line.points.length);
  const accuracy = lines(["train_accuracy", "training rows", "var(--accent)", "none"], ["test_accuracy", "test rows", "var(--fire)", "7 4"]);
  const lowest = Math.min(1, ...accuracy.flatMap((line) => line.points.map((p) => p[1])));
  return h("div.charts", chart("Cost", lines(["cost", "training rows", "var(--accent)", "none"])), accuracy.length ? chart("Accuracy", accuracy, [Math.floor(lowest * 10) / 10, 1]) : null);
}

function confusion() {
  if (!DATA.confusion) return h("p.soft", `${DATA.classes.length} classes are too many for a table.`);
  const most = Math.max(1, ...DATA.confusion.flatMap((row, i) => row.filter((_, j) => i !== j)));
  const cell = (n, i, j) => {
    const share = i === j ? n / Math.max(1, DATA.confusion[i].reduce((a, b) => a + b, 0)) : n / most;
    const colour = `color-mix(in srgb, var(${i === j ? "--right" : "--wrong"}) ${15 + 85 * share}%, var(--ground))`;
    return h("td", { style: n ? `background:${colour}` : "color:var(--soft)", title: `${n} rows of ${DATA.classes[i]} taken for ${DATA.classes[j]}` }, n || "·");
  };
  const about = h("p.soft", `Rows: the true class; columns: the largest output; ${DATA.judged} rows.`);
  return h("div", about, h("div.scroll", h("table.confusion", h("tr", h("th", ""), DATA.classes.map((c) => h("th", c))),
    DATA.confusion.map((row, i) => h("tr", h("th", DATA.classes[i]), row.map((n, j) => cell(n, i, j)))))));
}
