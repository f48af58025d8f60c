/**
 * A run's readings of a pinned drawing (templates/training/runs/_pinned.html): ten bars that follow the training, and a
 * strip and a slider for earlier epochs.
 */

import { find } from "../page/dom.js";
import { watchTheme } from "../page/theme_watch.js";
import { Bars } from "../prediction/bars.js";
import { percent, verdict } from "../prediction/verdict.js";

/** @typedef {{epoch: number, pinned: number[] | null}} Point of a run's curves */

const DIGITS = 10;
const FAINTEST = 0.06; // opacity of a digit with probability 0

export class Pinned {
  /** @param {HTMLElement} element */
  constructor(element) {
    const text = (/** @type {string} */ name) => find(element, `[data-pinned-${name}]`, HTMLElement);
    this.when = text("when");
    this.says = text("says");
    this.detail = text("detail");
    this.last = text("last");
    this.epochs = text("epochs");
    this.strip = find(element, "[data-pinned-strip]", HTMLCanvasElement);
    this.slider = find(element, "[data-pinned-slider]", HTMLInputElement);
    this.more = find(element, "[data-pinned-more]", HTMLDetailsElement);
    this.table = find(element, "[data-pinned-table]", HTMLTableSectionElement);
    this.bars = new Bars(element);
    /** @type {number[][]} probabilities of the ten digits, by epoch; 0 is before the training */
    this.readings = [];
    this.follows = true; // the newest epoch, until the visitor chooses another
    this.slider.addEventListener("input", () => this.#show(this.slider.valueAsNumber));
    this.strip.addEventListener("click", (/** @type {MouseEvent} */ event) => this.#pick(event));
    this.more.addEventListener("toggle", () => this.#list());
    new ResizeObserver(() => this.#paint()).observe(this.strip);
    watchTheme(() => this.#paint());
  }

  /** Add readings; a known epoch is replaced. @param {Point[]} points */
  add(points) {
    const read = points.filter(({ pinned }) => pinned);
    if (!read.length) return;
    for (const { epoch, pinned } of read) this.readings[Math.round(epoch)] = /** @type {number[]} */ (pinned);
    this.#draw();
  }

  /** Forget all readings: the run was rewound. */
  clear() {
    this.readings = [];
    this.follows = true;
    this.#draw();
  }

  get #newest() {
    return this.readings.length - 1;
  }

  #draw() {
    this.epochs.hidden = this.#newest < 1;
    this.slider.max = String(Math.max(this.#newest, 0));
    this.last.textContent = `epoch ${this.#newest}`;
    this.#show(this.follows ? this.#newest : this.slider.valueAsNumber);
    this.#list();
  }

  /** @param {number} epoch */
  #show(epoch) {
    this.follows = epoch >= this.#newest;
    const probabilities = this.readings[epoch] ?? null;
    const answer = probabilities && verdict(probabilities);
    this.slider.value = String(Math.max(epoch, 0));
    this.says.textContent = answer ? answer.says : "Not read yet";
    this.detail.textContent = answer ? answer.detail : "";
    const when = epoch ? `After epoch ${epoch}` : "Before the training";
    this.when.textContent = answer ? when : "Read as soon as the training starts";
    this.slider.setAttribute("aria-valuetext", `${when}: ${this.says.textContent}, ${this.detail.textContent}`);
    this.bars.paint(probabilities);
    this.#paint();
  }

  /** @param {MouseEvent} event on the strip */
  #pick(event) {
    const column = Math.floor((event.offsetX / this.strip.clientWidth) * this.readings.length);
    this.#show(Math.min(Math.max(column, 0), this.#newest));
  }

  #paint() {
    const ratio = window.devicePixelRatio;
    const [width, height] = [this.strip.clientWidth, this.strip.clientHeight].map((side) => Math.round(side * ratio));
    if (!width || !this.readings.length) return;
    [this.strip.width, this.strip.height] = [width, height];
    const context = /** @type {CanvasRenderingContext2D} */ (this.strip.getContext("2d"));
    const [across, down] = [width / this.readings.length, height / DIGITS];
    const gap = across > 4 * ratio ? ratio : 0;
    context.fillStyle = getComputedStyle(this.strip).color;
    this.readings.forEach((probabilities, epoch) => {
      const left = Math.round(epoch * across);
      const right = Math.round((epoch + 1) * across);
      probabilities.forEach((probability, digit) => {
        const [top, bottom] = [Math.round(digit * down), Math.round((digit + 1) * down)];
        context.globalAlpha = FAINTEST + (1 - FAINTEST) * probability;
        context.fillRect(left, top, right - left - gap, bottom - top - ratio);
      });
    });
    // Around the epoch that the bars show.
    context.globalAlpha = 1;
    context.strokeStyle = getComputedStyle(this.slider).accentColor;
    context.lineWidth = 2 * ratio;
    const left = this.slider.valueAsNumber * across;
    context.strokeRect(left + ratio, ratio, Math.max(across - gap - 2 * ratio, ratio), height - 3 * ratio);
  }

  #list() {
    if (!this.more.open) return;
    const cell = (/** @type {string} */ text) => {
      const made = document.createElement("td");
      made.className = "number";
      made.textContent = text;
      return made;
    };
    this.table.replaceChildren();
    this.readings.forEach((probabilities, epoch) => {
      const row = this.table.insertRow();
      row.append(cell(String(epoch)), ...probabilities.map((probability) => cell(percent(probability))));
    });
  }
}
