/**
 * The drawing pad: reads a digit in the page, while it is drawn.
 *
 * Hooked by `data-pad` (templates/digits/draw/_pad.html). The network is at `data-network-url`; a change of that
 * attribute, or the event "pad:network" with {url, name}, loads another network, which reads the drawing again.
 * The event "pad:drawing" with {strokes} replaces the drawing.
 * After each reading the pad sends "pad:prediction", whose detail is a PadPrediction.
 *
 * @typedef {object} PadPrediction
 * @property {number | null} digit the likeliest; null when nothing is drawn, or the drawing looks like no digit
 * @property {boolean} sure whether the second likeliest lies clearly behind
 * @property {boolean} finished whether the pen is up
 * @property {Float32Array} probabilities of the ten digits; empty when nothing is drawn
 * @property {Uint8Array} pixels 784, the network's input
 * @property {import("../ink/normalise.js").Stroke[]} strokes in sides of the paper
 */

import { Paper } from "../canvas/paper.js";
import { Tools } from "../canvas/tools.js";
import { TAP } from "../ink/drawing.js";
import { FIELD, InkError, normalise } from "../ink/normalise.js";
import { sizes } from "../inspection/layer_figures.js";
import { load, reason } from "../network/load.js";
import { Predictor } from "../network/predictor.js";
import { Announcement } from "../page/announcement.js";
import { all, find } from "../page/dom.js";
import { watchTheme } from "../page/theme_watch.js";
import { verdict } from "../prediction/verdict.js";
import { ReadingPanel } from "./reading_panel.js";

const BLANK = new Uint8Array(FIELD * FIELD);

/** @typedef {{mark: string, says: string, detail: string}} Words */

/** @type {Record<string, Words>} */
const WORDS = {
  none: { mark: "", says: "No network yet", detail: "Choose one, and it reads your drawing." },
  loading: { mark: "", says: "Loading the network…", detail: "You can draw already." },
  ready: { mark: "", says: "Ready to read", detail: "Any digit is read while you draw it." },
  broken: { mark: "?", says: "No answer", detail: "This network's weights grew beyond all bounds while it was trained." },
  failed: { mark: "", says: "The network stopped", detail: "It may need more memory than there is. Your drawing is kept." },
};

class Pad {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.paper = new Paper(
      find(element, "[data-pad-canvas]", HTMLCanvasElement),
      () => this.#schedule(true),
      () => this.#schedule(false),
    );
    this.tools = new Tools(element, this.paper, () => this.#jump());
    this.panel = new ReadingPanel(element);
    /** @type {Predictor | null} */
    this.predictor = null;
    /** @type {Words} shown while nothing is read */
    this.idle = WORDS.none;
    this.words = WORDS.none; // shown now
    /** @type {Uint8Array} */
    this.pixels = BLANK;
    /** @type {import("../network/network.js").Prediction | null} */
    this.prediction = null;
    this.stale = true; // whether drawing or network changed since the last reading
    this.frame = 0;
    this.announcement = new Announcement(() => this.#part("status"));
    this.loading = new AbortController();
    this.#listen();
    this.#load();
  }

  /** @param {string} name */
  #part(name) {
    return find(this.element, `[data-pad-${name}]`, HTMLElement);
  }

  #listen() {
    this.#part("retry").addEventListener("click", () => this.#load());
    this.element.addEventListener("pad:network", (event) => {
      this.element.dataset.networkName = event.detail.name;
      this.element.dataset.networkUrl = event.detail.url;
    });
    this.element.addEventListener("pad:drawing", (event) => this.#put(event.detail.strokes));
    new MutationObserver(() => this.#load()).observe(this.element, { attributeFilter: ["data-network-url"] });
    const repaint = () => this.#schedule(false);
    new ResizeObserver(repaint).observe(this.element);
    watchTheme(repaint);
  }

  /** @param {import("../ink/normalise.js").Stroke[]} strokes */
  #put(strokes) {
    if (this.paper.isBusy) return;
    this.paper.drawing.put(strokes);
    this.#jump();
  }

  /** The whole drawing changed: answers about the old one are not wanted, unlike those about a stroke's beginning. */
  #jump() {
    this.predictor?.forget();
    this.#schedule(true);
  }

  async #load() {
    this.loading.abort();
    const { signal } = (this.loading = new AbortController());
    const url = this.element.dataset.networkUrl;
    this.#part("retry").hidden = true;
    if (!url) return this.#use(null, WORDS.none);
    if (!this.predictor) this.#use(null, WORDS.loading);
    try {
      const bytes = await load(url, signal);
      if (!signal.aborted) this.#use(new Predictor(bytes, () => this.#fail()), WORDS.ready);
    } catch (error) {
      if (signal.aborted) return;
      this.#part("retry").hidden = false;
      this.#use(null, { mark: "", says: "The network did not load", detail: `${reason(error)} Your drawing is kept.` });
    }
  }

  #fail() {
    this.#part("retry").hidden = false;
    this.#use(null, WORDS.failed);
  }

  /** @param {Predictor | null} predictor @param {Words} idle shown while there is nothing to read */
  #use(predictor, idle) {
    this.predictor?.close();
    this.predictor = predictor;
    this.prediction = null;
    this.idle = idle;
    const label = this.#part("network");
    const name = document.createElement("strong");
    name.textContent = this.element.dataset.networkName ?? "";
    label.replaceChildren(name);
    if (predictor) {
      label.append(` ${sizes(predictor.layers)}`);
      this.panel.figures.introduce(predictor.layers);
    }
    this.#schedule(true);
  }

  /** Paint in the next frame. @param {boolean} stale whether to read the drawing again */
  #schedule(stale) {
    this.stale ||= stale;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.paper.paint();
      if (this.stale) this.#read();
      this.#paint();
    });
  }

  #read() {
    this.stale = false;
    const { drawing } = this.paper;
    try {
      const ink = drawing.isEmpty ? null : normalise(drawing.strokes, TAP);
      this.pixels = ink?.pixels ?? BLANK;
      if (!ink || !this.predictor) return this.#answer(null, this.idle);
      const [asked, { isLate }] = [this.#question(), this.predictor];
      this.predictor.predict(ink.image, (prediction) => {
        this.#answer(prediction, WORDS.broken, asked);
        if (isLate) this.#schedule(false);
      });
    } catch (error) {
      if (!(error instanceof InkError)) throw error;
      this.pixels = BLANK;
      this.#answer(null, { mark: "?", says: "Too much ink", detail: error.message });
    }
  }

  /** The drawing as it is now: the answer may come when it has grown. */
  #question() {
    const strokes = this.paper.drawing.strokes.map((stroke) => [...stroke]);
    return { finished: !this.paper.isBusy, pixels: this.pixels, strokes };
  }

  /**
   * @param {import("../network/network.js").Prediction | null} prediction
   * @param {Words} words shown without a prediction, or with one that is not finite @param asked the drawing
   */
  #answer(prediction, words, asked = this.#question()) {
    if (!prediction) this.predictor?.forget();
    this.prediction = prediction?.probabilities.every(Number.isFinite) ? prediction : null;
    const answer = this.prediction && verdict(this.prediction.probabilities, this.prediction.familiarity);
    const probabilities = this.prediction?.probabilities ?? new Float32Array();
    this.words = answer ?? words;
    this.#emit({ ...asked, digit: answer?.digit ?? null, sure: answer?.sure ?? false, probabilities });
  }

  /** @param {PadPrediction} detail */
  #emit(detail) {
    this.element.dispatchEvent(new CustomEvent("pad:prediction", { bubbles: true, detail }));
  }

  /** Show words at once, and announce them after a while. @param {Words} words */
  #say({ mark, says, detail }) {
    if (this.panel.say(mark, says, detail)) this.announcement.say(`${says}, ${detail}`);
  }

  /** Canvases first: they need the page's style, which the browser computes again after a change of words. */
  #paint() {
    this.panel.paintImage(this.pixels);
    this.panel.figures.paint(this.prediction);
    this.#say(this.words);
    this.panel.bars.paint(this.prediction?.probabilities ?? null, this.prediction?.familiarity);
    this.#part("hint").hidden = !this.paper.drawing.isEmpty;
    this.tools.paint();
  }
}

for (const element of all(document, "[data-pad]", HTMLElement)) new Pad(element);
