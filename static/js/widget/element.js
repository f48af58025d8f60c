/**
 * `<tryml-digit network="…">`: reads a digit while it is drawn, on any page, with a shared network.
 *
 * Attributes: `network` (a key, a whole address, or "#id" of an element of the page), `theme` (light, dark; else the
 * system's), `size` (small, medium, large, or a CSS width), `corrections` (offers to send a misread drawing, where the
 * network's owner takes them). It dispatches "tryml-prediction" after each reading, and "tryml-correction" after a
 * visitor has sent a drawing; both bubble out of the shadow.
 *
 * @typedef {object} DigitPrediction
 * @property {number | null} digit the likeliest; null when nothing is drawn
 * @property {boolean} sure whether the second likeliest lies clearly behind
 * @property {boolean} finished whether the pen is up
 * @property {number[]} probabilities of the ten digits; empty when nothing is drawn
 * @property {import("../ink/normalise.js").Stroke[]} strokes in sides of the paper
 */

import { TAP, rounded } from "../ink/drawing.js";
import { InkError, normalise } from "../ink/normalise.js";
import { NetworkError } from "../network/network.js";
import { Predictor } from "../network/predictor.js";
import { Paper } from "../canvas/paper.js";
import { percent, verdict } from "../prediction/verdict.js";
import { Correction } from "./correction.js";
import { build } from "./parts.js";
import { load, send, SourceError } from "./source.js";
import { WORDS } from "./words.js";
import { startInlineWorker } from "./worker.js";

const QUIET = 700; // milliseconds without a change before the answer is announced
const NAMED_SIZES = ["small", "medium", "large"];
const PLACES = 1e4; // a coordinate that is sent is rounded to this share of the paper: finer than any screen

class DigitElement extends HTMLElement {
  static observedAttributes = ["network", "theme", "size", "corrections"];

  constructor() {
    super();
    this.parts = build(this.attachShadow({ mode: "open" }));
    const { canvas, undo, clear, retry } = this.parts;
    this.paper = new Paper(
      canvas,
      () => this.#schedule(true),
      () => {},
    );
    this.correction = new Correction(this.parts, (label) => this.#correct(label));
    /** @type {Predictor | null} */
    this.predictor = null;
    /** @type {URL | null} */
    this.corrections = null;
    this.idle = WORDS.loading;
    /** @type {DigitPrediction | null} */
    this.last = null;
    this.stale = true;
    this.frame = 0;
    this.announcement = 0;
    /** @type {AbortController | null} while it is in a page */
    this.loading = null;
    undo.addEventListener("click", () => this.undo());
    clear.addEventListener("click", () => this.clear());
    retry.addEventListener("click", () => this.#load());
    new ResizeObserver(() => this.#schedule(false)).observe(canvas);
  }

  connectedCallback() {
    this.#load();
  }

  disconnectedCallback() {
    this.loading?.abort();
    this.loading = null;
    this.#use(null, WORDS.loading);
  }

  /** @param {string} name @param {string | null} _before @param {string | null} value */
  attributeChangedCallback(name, _before, value) {
    if (name === "size") this.style.width = NAMED_SIZES.includes(value ?? "") ? "" : value ?? "";
    if (name === "network" && this.loading) this.#load();
    this.#schedule(name === "corrections");
  }

  undo() {
    this.#change("undo");
  }

  clear() {
    this.#change("clear");
  }

  /** Change the whole drawing: answers about the old one are not wanted. @param {"undo" | "clear"} how */
  #change(how) {
    if (this.paper.isBusy) return;
    this.paper.drawing[how]();
    this.predictor?.forget();
    this.#schedule(true);
  }

  async #load() {
    this.loading?.abort();
    const { signal } = (this.loading = new AbortController());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#schedule(false), { signal });
    this.corrections = null;
    this.#use(null, WORDS.loading);
    try {
      const { bytes, corrections } = await load(this.getAttribute("network") ?? "", signal);
      if (signal.aborted) return;
      this.corrections = corrections;
      this.#think(bytes);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof SourceError || error instanceof NetworkError)) throw error;
      this.#use(null, { mark: "", says: "No network here", detail: error.message });
      this.parts.retry.hidden = false;
    }
  }

  /** Read with a network: in a worker if it is large and the page's policy allows one. @param {ArrayBuffer} bytes */
  #think(bytes) {
    const again = bytes.slice(0);
    const here = () => this.#use(new Predictor(again, () => {}, null), WORDS.ready);
    try {
      this.#use(new Predictor(bytes, here, startInlineWorker), WORDS.ready);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      here();
    }
  }

  /** @param {Predictor | null} predictor @param {import("./words.js").Words} idle shown while nothing is read */
  #use(predictor, idle) {
    this.predictor?.close();
    this.predictor = predictor;
    this.idle = idle;
    this.parts.retry.hidden = true;
    this.#schedule(true);
  }

  /** Paint in the next frame. @param {boolean} stale whether to read the drawing again */
  #schedule(stale) {
    this.stale ||= stale;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (this.stale) this.#read();
      this.#paint();
    });
  }

  #read() {
    this.stale = false;
    const strokes = this.paper.drawing.strokes.map((stroke) => [...stroke]);
    const asked = { strokes, finished: !this.paper.isBusy };
    try {
      if (!strokes.length || !this.predictor) return this.#answer(asked, this.idle);
      this.predictor.predict(normalise(strokes, TAP).image, ({ probabilities, familiarity }) => {
        const isAnswer = probabilities.every(Number.isFinite);
        this.#answer(asked, isAnswer ? verdict(probabilities, familiarity) : WORDS.broken, isAnswer ? [...probabilities] : []);
      });
    } catch (error) {
      if (!(error instanceof InkError)) throw error;
      this.#answer(asked, { mark: "?", says: "Too much ink", detail: error.message });
    }
  }

  /**
   * @param {{strokes: import("../ink/normalise.js").Stroke[], finished: boolean}} asked
   * @param {import("./words.js").Words & {digit?: number, second?: number, sure?: boolean}} words
   * @param {number[]} probabilities empty when there is no answer
   */
  #answer(asked, { mark, says, detail, digit, second, sure = false }, probabilities = []) {
    if (digit === undefined) this.predictor?.forget();
    const { parts } = this;
    parts.mark.textContent = mark;
    parts.says.textContent = says;
    parts.detail.textContent = detail;
    parts.bars.forEach(({ row, fill, percent: text }, i) => {
      row.classList.toggle("first", i === digit || (i === second && !sure));
      fill.style.height = `${100 * (probabilities[i] ?? 0)}%`;
      text.textContent = digit === undefined ? "" : percent(probabilities[i]);
    });
    clearTimeout(this.announcement);
    this.announcement = setTimeout(() => (parts.status.textContent = `${says}, ${detail}`), QUIET);
    const offers = asked.finished && this.corrections && this.hasAttribute("corrections");
    this.correction.offer(Boolean(digit !== undefined && offers));
    this.last = { ...asked, digit: digit ?? null, sure, probabilities };
    this.#emit("tryml-prediction", this.last);
  }

  /** @param {number} label */
  async #correct(label) {
    if (!this.last || !this.corrections) return;
    const { digit, strokes } = this.last;
    await send(this.corrections, { label, answer: digit, strokes: rounded(strokes, PLACES) });
    this.#emit("tryml-correction", { label, digit, strokes });
  }

  /** @param {string} type @param {object} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }

  #paint() {
    const { parts, paper } = this;
    paper.paint();
    parts.hint.hidden = !paper.drawing.isEmpty;
    parts.undo.setAttribute("aria-disabled", String(!paper.drawing.canUndo));
    parts.clear.setAttribute("aria-disabled", String(paper.drawing.isEmpty));
  }
}

if (!customElements.get("tryml-digit")) customElements.define("tryml-digit", DigitElement);
