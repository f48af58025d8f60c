/** Engines compared: the validation loss of each, by epoch and by seconds, while the runs train. */

import { all, find } from "../page/dom.js";
import { colour, watchTheme } from "../page/theme_watch.js";
import { paintFrame } from "./colours.js";

/** Lines differ in dashes as well as in colour. */
const LINES = [
  { token: "validation", dash: [] },
  { token: "negative", dash: [8, 3] },
  { token: "positive", dash: [2, 3] },
  { token: "right", dash: [10, 3, 2, 3] },
  { token: "muted", dash: [4, 4] },
];

/** @returns {{label: string, points: {epoch: number, seconds: number, val_loss: number | null}[]}[]} */
const curves = () => JSON.parse(find(document, "#versus-curves", HTMLScriptElement).text);

const charts = all(document, "[data-versus]", HTMLCanvasElement).map((canvas) => ({
  axis: canvas.dataset.versus === "seconds" ? /** @type {const} */ ("seconds") : /** @type {const} */ ("epoch"),
  chart: new Chart(canvas, {
    type: "line",
    data: { datasets: [] },
    options: {
      animation: false,
      maintainAspectRatio: false,
      parsing: false,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      scales: {
        x: { type: "linear", min: 0, ticks: { maxTicksLimit: 6 }, grid: {}, border: {} },
        y: { ticks: { maxTicksLimit: 5 }, grid: {}, border: {} },
      },
      plugins: {
        colors: { enabled: false },
        legend: { align: "end", labels: { boxWidth: 28, boxHeight: 0, padding: 8 } },
        tooltip: {
          borderWidth: 1,
          callbacks: {
            title: (/** @type {ChartItem[]} */ [item]) => `${canvas.dataset.versus} ${Number(item.parsed.x.toFixed(2))}`,
            label: (/** @type {ChartItem} */ item) => `${item.dataset.label} ${item.parsed.y.toFixed(4)}`,
          },
        },
      },
    },
  }),
}));

function draw() {
  const found = curves();
  for (const { axis, chart } of charts) {
    chart.data.datasets = found.map(({ label, points }, i) => {
      const { token, dash } = LINES[i % LINES.length];
      // Without the start: beside the loss of an untrained network, all later progress would look flat.
      const data = points.flatMap((p) => (p.val_loss !== null && p.epoch > 0 ? [{ x: p[axis], y: p.val_loss }] : []));
      const ink = colour(token);
      const point = { pointRadius: 2.5, pointHitRadius: 8, pointBackgroundColor: ink, pointBorderWidth: 0 };
      return { label, data, borderColor: ink, backgroundColor: ink, borderDash: dash, borderWidth: 2, ...point };
    });
    paintFrame(chart);
    chart.update("none");
  }
}

document.addEventListener("htmx:afterSettle", draw);
watchTheme(draw);
draw();
