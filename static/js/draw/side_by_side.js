/**
 * One drawing read by several networks at once (templates/training/comparison/_networks.html): a column for each, and
 * words on whether they agree. Listens to the pad's "pad:prediction"; the page's address keeps the choice of networks.
 */

import { sizes } from "../inspection/layer_figures.js";
import { load, reason } from "../network/load.js";
import { Predictor } from "../network/predictor.js";
import { remember } from "../page/address.js";
import { Announcement } from "../page/announcement.js";
import { all, find } from "../page/dom.js";
import { Bars } from "../prediction/bars.js";
import { named, verdict } from "../prediction/verdict.js";

/** @typedef {ReturnType<typeof verdict>} Answer */

/** A network and its reading of the drawing. */
class Column {
  /**
   * @param {HTMLElement} element
   * @param {() => void} ready called when it can read @param {() => void} answered called when its answer came late
   */
  constructor(element, ready, answered) {
    this.sizes = find(element, "[data-beside-sizes]", HTMLElement);
    this.digit = find(element, "[data-beside-digit]", HTMLElement);
    this.detail = find(element, "[data-beside-detail]", HTMLElement);
    this.bars = new Bars(element);
    this.name = element.dataset.name ?? "";
    this.ready = ready;
    this.answered = answered;
    /** @type {Answer | null} */
    this.answer = null;
    /** @type {Predictor | null} */
    this.predictor = null;
    this.loading = new AbortController();
    this.#load(element.dataset.url ?? "");
  }

  /** @param {string} url */
  async #load(url) {
    const { signal } = this.loading;
    try {
      const bytes = await load(url, signal);
      if (signal.aborted) return;
      this.predictor = new Predictor(bytes, () => this.#fail("It stopped: there may be too little memory."));
      this.sizes.textContent = sizes(this.predictor.layers);
      this.ready();
    } catch (error) {
      if (signal.aborted) return;
      this.#fail(reason(error));
    }
  }

  /** @param {string} why */
  #fail(why) {
    this.predictor?.close();
    this.predictor = null;
    this.sizes.textContent = `${why} Reload the page to try again.`;
    this.#show(null);
    this.answered();
  }

  /** @param {Float32Array | null} image 784 pixels from 0 to 1; null when nothing is drawn */
  read(image) {
    if (!image) this.predictor?.forget();
    if (!image || !this.predictor) return this.#show(null);
    this.predictor.predict(image, (prediction) => {
      this.#show(prediction.probabilities.every(Number.isFinite) ? prediction : null);
      if (this.predictor?.isLate) this.answered();
    });
  }

  /** @param {import("../network/network.js").Prediction | null} prediction */
  #show(prediction) {
    this.answer = prediction && verdict(prediction.probabilities, prediction.familiarity);
    this.digit.textContent = `${this.answer?.digit ?? "–"}`;
    const { sure, says, detail } = this.answer ?? { sure: true, says: "", detail: "" };
    this.detail.textContent = sure ? detail : says;
    this.bars.paint(prediction?.probabilities ?? null, prediction?.familiarity);
  }

  close() {
    this.loading.abort();
    this.predictor?.close();
  }
}

/**
 * Whether the networks agree.
 * @param {Column[]} columns that have an answer, at least two @returns {{agree: boolean, text: string}}
 */
function agreement(columns) {
  const answers = columns.map(({ answer }) => /** @type {Answer} */ (answer));
  const digits = new Set(answers.map(({ digit }) => digit));
  const unsure = columns.filter((_, i) => !answers[i].sure).map(({ name }) => name);
  const doubt = unsure.length ? ` Not sure: ${unsure.join(", ")}.` : "";
  if (digits.size === 1) {
    const whole = columns.length === 2 ? "Both" : `All ${columns.length}`;
    return { agree: true, text: `${whole} read ${said(answers[0].digit)}.${doubt}` };
  }
  const sides = [...digits].map((digit) => {
    const names = columns.filter((_, i) => answers[i].digit === digit).map(({ name }) => name);
    return `${names.join(" and ")} read${names.length === 1 ? "s" : ""} ${said(digit)}`;
  });
  return { agree: false, text: `≠ They disagree: ${sides.join(", ")}.${doubt}` };
}

/** @param {number | null} digit null for a drawing that is no digit */
const said = (digit) => (digit === null ? "no digit" : named(digit));

/** All columns of the page. */
class SideBySide {
  constructor() {
    /** @type {Map<string, Column>} by the key of the network */
    this.columns = new Map();
    /** @type {Float32Array | null} */
    this.image = null;
    this.frame = 0;
    this.announcement = new Announcement(() => this.section?.querySelector("[data-beside-status]"));
    /** @type {HTMLElement | null} */
    this.section = null;
    document.addEventListener("pad:prediction", (event) => this.#take(event.detail));
    document.addEventListener("htmx:load", () => this.#renew());
    this.#renew();
  }

  /** Start with new columns when the server sent some, and keep the choice in the page's address. */
  #renew() {
    const [section] = all(document, "[data-side-by-side]", HTMLElement);
    if (!section || section === this.section) return;
    const isFirst = !this.section;
    this.section = section;
    for (const column of this.columns.values()) column.close();
    this.columns.clear();
    for (const element of all(section, "[data-beside-column]", HTMLElement)) {
      const [ready, answered] = [() => this.#schedule(), () => this.#say()];
      this.columns.set(element.dataset.key ?? "", new Column(element, ready, answered));
    }
    if (!isFirst) remember("with", this.columns.keys());
    this.#schedule();
  }

  /** @param {import("./pad.js").PadPrediction} detail */
  #take({ pixels, strokes }) {
    this.image = strokes.length ? Float32Array.from(pixels, (value) => value / 255) : null;
    if (this.columns.size) this.#schedule();
  }

  /** Read in the next frame, after the pad has shown its own answer. */
  #schedule() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      for (const column of this.columns.values()) column.read(this.image);
      this.#say();
    });
  }

  #say() {
    const words = this.section?.querySelector("[data-beside-words]");
    if (!words) return;
    const answered = [...this.columns.values()].filter(({ answer }) => answer);
    const alone = { agree: true, text: this.image ? "" : "Draw a digit above: each network reads it." };
    const { agree, text } = answered.length > 1 ? agreement(answered) : alone;
    words.textContent = text;
    words.classList.toggle("disagree", !agree);
    this.announcement.say(text);
  }
}

new SideBySide();
