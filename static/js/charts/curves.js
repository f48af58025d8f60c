/** Curves of loss and error by epoch. They keep the view as they grow; a drag zooms, and the pointer shows values. */

import { all, find } from "../page/dom.js";
import { colour, watchTheme } from "../page/theme_watch.js";
import { paintFrame } from "./colours.js";

/**
 * @typedef {{step: number, epoch: number, train_loss: number, train_accuracy: number,
 *   val_loss: number | null, val_accuracy: number | null, seconds: number, pinned: number[] | null}} Point
 * @typedef {Point & {val_loss: number, val_accuracy: number}} Judged a point with validation
 * @typedef {{epoch: number, rate: number}} Change of the learning rate
 * @typedef {Chart & {kind: "loss" | "error", changes?: Change[], best?: ChartPoint | null,
 *   range?: [number, number] | null, isLogarithmic?: boolean}} Plot
 */

const HEADROOM = 1.2; // top of the axis over the highest value: room for the marks
/** @param {number} accuracy */
const percent = (accuracy) => 100 * (1 - accuracy);

/**
 * @typedef {{train: (p: Point) => number, validation: (p: Judged) => number, unit: string, digits: number}} Kind
 * @type {{loss: Kind, error: Kind}}
 */
const KINDS = {
  loss: { train: (p) => p.train_loss, validation: (p) => p.val_loss, unit: "", digits: 4 },
  error: { train: (p) => percent(p.train_accuracy), validation: (p) => percent(p.val_accuracy), unit: " %", digits: 2 },
};

/**
 * @param {Point} point
 * @returns {point is Judged}
 */
const isJudged = (point) => point.val_loss !== null;

/** A vertical rule under the pointer, each change of the learning rate, the best epoch, and the range to zoom to. */
const marks = {
  id: "marks",
  /** @param {Plot} chart */
  afterDatasetsDraw(chart) {
    const { ctx, chartArea: area, scales } = chart;
    ctx.save();
    ctx.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const vertical = (/** @type {number} */ x, /** @type {number[]} */ dash) => {
      if (x < area.left || x > area.right) return;
      ctx.setLineDash(dash);
      ctx.beginPath();
      ctx.moveTo(x, area.top);
      ctx.lineTo(x, area.bottom);
      ctx.stroke();
    };
    const [active] = chart.tooltip?.getActiveElements() ?? [];
    ctx.lineWidth = 1;
    if (active) {
      ctx.strokeStyle = colour("edge");
      vertical(active.element.x, []);
    }
    for (const { epoch, rate } of chart.changes ?? []) {
      const x = scales.x.getPixelForValue(epoch);
      ctx.strokeStyle = ctx.fillStyle = colour("muted");
      vertical(x, [6, 3]);
      if (x < area.left || x > area.right) continue;
      ctx.textAlign = x > area.right - 60 ? "right" : "left";
      ctx.fillText(`rate ${rate}`, x + (ctx.textAlign === "right" ? -4 : 4), area.top + 26);
    }
    ctx.setLineDash([]);
    if (chart.best) {
      const x = scales.x.getPixelForValue(chart.best.x);
      const y = scales.y.getPixelForValue(chart.best.y);
      ctx.strokeStyle = ctx.fillStyle = colour("right");
      vertical(x, [2, 3]);
      ctx.setLineDash([]);
      ctx.beginPath();
      ctx.arc(x, y, 4, 0, 2 * Math.PI);
      ctx.fill();
      ctx.textAlign = x > area.left + 60 ? "right" : "left";
      ctx.fillText(`best @ ${Number(chart.best.x.toFixed(1))}`, x + (ctx.textAlign === "right" ? -6 : 6), area.top + 10);
    }
    if (chart.isLogarithmic) {
      for (const { data, borderColor } of chart.data.datasets) {
        ctx.strokeStyle = borderColor ?? "";
        for (const { x, y } of data) {
          if (y > 0) continue;
          ctx.beginPath();
          ctx.arc(scales.x.getPixelForValue(x), area.bottom, 3, 0, 2 * Math.PI);
          ctx.stroke();
        }
      }
    }
    if (chart.range) {
      ctx.globalAlpha = 0.15;
      ctx.fillStyle = colour("accent");
      const [from, to] = chart.range;
      ctx.fillRect(Math.min(from, to), area.top, Math.abs(to - from), area.bottom - area.top);
      ctx.globalAlpha = 1;
    }
    ctx.restore();
  },
};

export class Curves {
  /** @param {HTMLElement} element that contains the partial of the curves */
  constructor(element) {
    this.element = element;
    /** @type {Map<number, Point>} */
    this.points = new Map();
    this.charts = all(element, "[data-chart]", HTMLCanvasElement).map((canvas) => this.chart(canvas));
    this.logarithmic = find(element, "[data-log-switch]", HTMLInputElement);
    this.logarithmic.addEventListener("change", () => this.scale());
    this.scale();
    this.add(JSON.parse(find(element, "#points", HTMLScriptElement).text));
    watchTheme(() => this.paint());
  }

  /**
   * Adds points; a point of a known step replaces the old one.
   * @param {Point[]} points
   */
  add(points) {
    if (!points.length) return;
    for (const point of points) this.points.set(point.step, point);
    this.draw();
  }

  /** Forgets all points: the run was rewound. */
  clear() {
    this.points.clear();
    this.draw();
  }

  /**
   * Marks where the learning rate was changed.
   * @param {Change[]} changes
   */
  mark(changes) {
    for (const chart of this.charts) {
      chart.changes = changes;
      chart.draw();
    }
  }

  draw() {
    const points = [...this.points.values()].sort((a, b) => a.step - b.step);
    const judged = points.filter(isJudged);
    const best = this.best(judged);
    for (const chart of this.charts) {
      const kind = KINDS[chart.kind];
      chart.data.datasets[0].data = points.map((p) => ({ x: p.epoch, y: kind.train(p) }));
      chart.data.datasets[1].data = judged.map((p) => ({ x: p.epoch, y: kind.validation(p) }));
      chart.best = best && { x: best.epoch, y: kind.validation(best) };
    }
    this.scale();
    this.table(judged);
  }

  /**
   * The epoch whose network the run keeps: of whole epochs the first with the best of what the run watches.
   * @param {Judged[]} judged
   * @returns {Judged | null}
   */
  best(judged) {
    const epochs = judged.filter(({ epoch }) => epoch > 0 && Number.isInteger(epoch));
    const worth = (/** @type {Judged} */ p) =>
      this.element.dataset.monitor === "val_loss" ? -p.val_loss : p.val_accuracy;
    return epochs.length ? epochs.reduce((a, b) => (worth(b) > worth(a) ? b : a)) : null;
  }

  /** @param {Judged[]} judged */
  table(judged) {
    const rows = judged.map((p) => {
      const row = document.createElement("tr");
      const error = (/** @type {number} */ accuracy) => `${percent(accuracy).toFixed(2)} %`;
      const values = [
        String(Number(p.epoch.toFixed(2))),
        p.train_loss.toFixed(4),
        error(p.train_accuracy),
        p.val_loss.toFixed(4),
        error(p.val_accuracy),
        p.seconds.toFixed(1),
      ];
      for (const value of values) {
        const cell = row.insertCell();
        cell.className = "number";
        cell.textContent = value;
      }
      return row;
    });
    find(this.element, "[data-table]", HTMLElement).replaceChildren(...rows);
  }

  /**
   * Fits the axes to the curves. After two epochs, a linear axis fits the values since the first: beside the loss of an
   * untrained network, all later progress would look flat.
   */
  scale() {
    const logarithmic = this.logarithmic.checked;
    for (const chart of this.charts) {
      const [train, validation] = chart.data.datasets.map(({ data }) => data.filter(({ x }) => x >= 1));
      const highest = [...train, ...validation].reduce((most, { y }) => Math.max(most, y), 0);
      // A zero has no place on a logarithmic axis: it is marked at the edge, and the axis starts at the smallest other.
      const positive = chart.data.datasets.flatMap(({ data }) => data.map(({ y }) => y)).filter((y) => y > 0);
      chart.isLogarithmic = logarithmic;
      Object.assign(chart.options.scales.y, {
        type: logarithmic ? "logarithmic" : "linear",
        beginAtZero: !logarithmic,
        min: logarithmic && positive.length ? Math.min(...positive) : undefined,
        max: !logarithmic && validation.length > 1 && highest ? HEADROOM * highest : undefined,
      });
      chart.update("none");
    }
  }

  /** Takes the colours of the theme. */
  paint() {
    for (const chart of this.charts) {
      const [train, validation] = chart.data.datasets;
      train.borderColor = train.backgroundColor = train.pointBackgroundColor = colour("train");
      validation.borderColor = validation.backgroundColor = validation.pointBackgroundColor = colour("validation");
      paintFrame(chart);
      chart.update("none");
    }
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @returns {Plot}
   */
  chart(canvas) {
    const name = canvas.dataset.chart === "loss" ? "loss" : "error";
    const kind = KINDS[name];
    const chart = new Chart(canvas, {
      type: "line",
      plugins: [marks],
      data: {
        datasets: [
          { label: "training", data: [], borderWidth: 1.5, pointRadius: 0, pointHitRadius: 8 },
          { label: "validation", data: [], borderWidth: 2, pointRadius: 2.5, pointBorderWidth: 0, pointHitRadius: 8 },
        ],
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        parsing: false,
        interaction: { mode: "nearest-epoch", intersect: false },
        scales: {
          x: { type: "linear", min: 0, ticks: { maxTicksLimit: 6, precision: 0 }, grid: {}, border: {} },
          y: { ticks: { maxTicksLimit: 5, includeBounds: false }, grid: {}, border: {} },
        },
        plugins: {
          colors: { enabled: false },
          legend: { align: "end", labels: { boxWidth: 16, boxHeight: 2, padding: 8 } },
          tooltip: {
            borderWidth: 1,
            displayColors: true,
            callbacks: {
              title: (/** @type {ChartItem[]} */ [item]) => `Epoch ${Number(item.parsed.x.toFixed(2))}`,
              label: (/** @type {ChartItem} */ { dataset, parsed }) =>
                `${dataset.label} ${parsed.y.toFixed(kind.digits)}${kind.unit}`,
            },
          },
        },
      },
    });
    const plot = /** @type {Plot} */ (Object.assign(chart, { kind: name }));
    zoomable(plot);
    requestAnimationFrame(() => this.paint());
    return plot;
  }
}

/**
 * The point of each series nearest to the pointer's epoch, so that one tooltip lists them all.
 * @param {Chart} chart
 * @param {ChartPoint} event
 */
function nearestEpoch(chart, event) {
  const epoch = chart.scales.x.getValueForPixel(event.x);
  return chart.data.datasets.flatMap((dataset, datasetIndex) => {
    const { data } = chart.getDatasetMeta(datasetIndex);
    if (!dataset.data.length) return [];
    const index = dataset.data.reduce(
      (best, point, i) => (Math.abs(point.x - epoch) < Math.abs(dataset.data[best].x - epoch) ? i : best),
      0,
    );
    return [{ element: data[index], datasetIndex, index }];
  });
}

Chart.Interaction.modes["nearest-epoch"] = nearestEpoch;

/**
 * Drag to zoom into epochs; double click or Esc shows all again. The wheel still scrolls the page.
 * @param {Plot} chart
 */
function zoomable(chart) {
  const { canvas } = chart;
  const within = (/** @type {PointerEvent} */ event) => {
    const { left, right } = chart.chartArea;
    return Math.max(left, Math.min(right, event.clientX - canvas.getBoundingClientRect().left));
  };
  const show = (/** @type {number} */ min, /** @type {number | undefined} */ max) => {
    Object.assign(chart.options.scales.x, { min, max });
    chart.update("none");
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button) return;
    canvas.setPointerCapture(event.pointerId);
    chart.range = [within(event), within(event)];
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!chart.range) return;
    chart.range[1] = within(event);
    chart.draw();
  });
  canvas.addEventListener("pointerup", () => {
    if (!chart.range) return;
    const [from, to] = chart.range.sort((a, b) => a - b);
    chart.range = null;
    const { x } = chart.scales;
    if (to - from > 8) show(x.getValueForPixel(from), x.getValueForPixel(to));
    else chart.draw();
  });
  canvas.addEventListener("dblclick", () => show(0, undefined));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show(0, undefined);
  });
}
