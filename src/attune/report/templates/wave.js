// The waveform with attention over it, in units of 1000 x 200.
const WIDE = 1000, HIGH = 200;

function outline({ low, high }) {
  const x = (i) => ((i + 0.5) / high.length) * WIDE;
  const y = (level) => HIGH * (0.5 - 0.0042 * level);
  const upper = high.map((level, i) => `${x(i).toFixed(1)} ${y(Math.max(level, 0.4)).toFixed(1)}`);
  const lower = low.map((level, i) => `${x(i).toFixed(1)} ${y(Math.min(level, -0.4)).toFixed(1)}`).reverse();
  return draw("path", { class: "outline", d: `M${upper.concat(lower).join("L")}Z` });
}

// A window's weight is drawn at its centre; 1 is what uniform attention would give.
function attention(task, { levels, peak }, seconds, { hop, window }, top) {
  const points = levels.map((level, i) => {
    const centre = Math.min(i * hop + window / 2, seconds);
    return `${((centre / seconds) * WIDE).toFixed(1)} ${(HIGH * (1 - (0.94 * peak * level) / 255 / top)).toFixed(1)}`;
  });
  const last = points[points.length - 1].split(" ")[0], first = points[0].split(" ")[0];
  return [
    draw("path", { class: `attention-area ${task}`, d: `M${first} ${HIGH}L${points.join("L")}L${last} ${HIGH}Z` }),
    draw("path", { class: `attention ${task}`, d: `M${points.join("L")}` }),
  ];
}

function drawWave(box, one, predictions, shown, data) {
  const weights = shown.map((task) => [task, predictions[task]?.attention]).filter(([, found]) => found);
  const top = Math.max(1.5, ...weights.map(([, found]) => found.peak));
  const uniform = (HIGH * (1 - 0.94 / top)).toFixed(1);
  const parts = [];
  if (one.cue) {
    const [start, end] = one.cue.map((edge) => (edge / one.seconds) * WIDE);
    parts.push(draw("rect", { class: "cue", x: start, width: end - start, y: 0, height: HIGH }));
  }
  parts.push(outline(one));
  if (weights.length) parts.push(draw("line", { class: "uniform", x1: 0, x2: WIDE, y1: uniform, y2: uniform }));
  for (const [task, found] of weights) parts.push(...attention(task, found, one.seconds, data, top));
  parts.push(draw("line", { class: "playhead", x1: 0, x2: 0, y1: 0, y2: HIGH }));
  box.querySelector("svg").replaceChildren(...parts);
  drawAxis(box, one);
  const caption = `Attention: the dashed line is uniform, full height is ${(top / 0.94).toFixed(1)} times that.`;
  box.nextElementSibling.textContent = weights.length ? caption : "";
}

function drawAxis(box, one) {
  const note = box.querySelector(".cue-note");
  if (note) note.hidden = !one.cue;
  if (one.cue) note.style.left = `${(100 * one.cue[0]) / one.seconds}%`;
  const step = [0.2, 0.5, 1, 2, 5, 10, 30].find((size) => one.seconds / size <= 6) ?? 60;
  const ticks = [];
  for (let at = 0; at < 0.84 * one.seconds; at += step) ticks.push(at);
  const spans = ticks.map((at) => {
    const span = make("span", { text: step < 1 ? at.toFixed(1) : at.toFixed(step === 0.5 ? 1 : 0) });
    span.style.left = `${(100 * at) / one.seconds}%`;
    return span;
  });
  const end = make("span", { text: `${one.seconds.toFixed(2)} s` });
  end.style.left = "100%";
  box.querySelector(".wave-axis").replaceChildren(...spans, end);
}
