/**
 * The drawing pad: reads a digit while one draws it, in the page.
 *
 * Hooked by `data-pad` (templates/digits/_pad.html). The network comes from `data-network-url`; setting that
 * attribute, or sending the pad the event "pad:network" with {url, name}, loads another and reads the drawing anew.
 * After each reading the pad sends "pad:prediction", whose detail is a PadPrediction.
 *
 * @typedef {object} PadPrediction
 * @property {number | null} digit the likeliest; null when nothing is drawn
 * @property {boolean} sure whether the second likeliest lies clearly behind
 * @property {boolean} finished whether the pen is up
 * @property {Float32Array} probabilities of the ten digits; empty when nothing is drawn
 * @property {Uint8Array} pixels 784, as the network saw them
 * @property {import("./ink.js").Stroke[]} strokes in sides of the paper
 */

import { FIELD, InkError, normalise } from "./ink.js";
import { Network, NetworkError } from "./network.js";
import { Paper } from "./paper.js";
import { Reading, verdict } from "./reading.js";

const TAP = 0.06; // sides of the paper: ink below this size is not enlarged to fill the image
const QUIET = 700; // milliseconds without a change before the answer is announced
const BLANK = new Uint8Array(FIELD * FIELD);

/** @typedef {{mark: string, says: string, detail: string}} Words */

/** @type {Record<string, Words>} */
const WORDS = {
  none: { mark: "", says: "No network yet", detail: "Choose one, and it reads your drawing." },
  loading: { mark: "", says: "Loading the network…", detail: "You can draw already." },
  ready: { mark: "", says: "Ready to read", detail: "Any digit is read while you draw it." },
  broken: { mark: "?", says: "No answer", detail: "This network's weights grew beyond all bounds while it was trained." },
};

class Pad {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.paper = new Paper(
      this.#part("canvas"),
      () => this.#schedule(true),
      () => this.#schedule(false),
    );
    this.reading = new Reading(element);
    /** @type {Network | null} */
    this.network = null;
    /** @type {Words} what is said while nothing is read */
    this.idle = WORDS.none;
    this.pixels = BLANK;
    /** @type {ReturnType<Network["predict"]> | null} */
    this.prediction = null;
    this.stale = true; // whether drawing or network changed since the last reading
    this.frame = 0;
    this.announcement = 0;
    this.loading = new AbortController();
    this.#listen();
    this.#load();
  }

  /** @param {string} name @returns {any} */
  #part(name) {
    return this.element.querySelector(`[data-pad-${name}]`);
  }

  #listen() {
    for (const button of this.element.querySelectorAll("[data-pad-tool]")) {
      button.addEventListener("click", () => this.#take(button.getAttribute("data-pad-tool") === "eraser"));
    }
    this.#part("undo").addEventListener("click", () => this.#undo());
    this.#part("clear").addEventListener("click", () => this.#clear());
    this.#part("retry").addEventListener("click", () => this.#load());
    document.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("pad:network", (event) => {
      const { url, name } = /** @type {CustomEvent} */ (event).detail;
      this.element.dataset.networkName = name;
      this.element.dataset.networkUrl = url;
    });
    new MutationObserver(() => this.#load()).observe(this.element, { attributeFilter: ["data-network-url"] });
    const repaint = () => this.#schedule(false);
    new ResizeObserver(repaint).observe(this.element);
    new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || event.defaultPrevented || event.repeat || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (plain && key === "c") this.#clear();
    else if (plain && key === "e") this.#take(!this.paper.erases);
    else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && key === "z") this.#undo();
    else return;
    event.preventDefault();
  }

  /** @param {boolean} eraser instead of the pen */
  #take(eraser) {
    this.paper.erases = eraser;
    for (const button of this.element.querySelectorAll("[data-pad-tool]")) {
      button.setAttribute("aria-pressed", String((button.getAttribute("data-pad-tool") === "eraser") === eraser));
    }
    this.#schedule(false);
  }

  #undo() {
    if (this.paper.isBusy) return;
    this.paper.drawing.undo();
    this.#schedule(true);
  }

  #clear() {
    if (this.paper.isBusy) return;
    this.paper.drawing.clear();
    this.#schedule(true);
  }

  async #load() {
    this.loading.abort();
    const { signal } = (this.loading = new AbortController());
    const url = this.element.dataset.networkUrl;
    this.#part("retry").hidden = true;
    if (!url) return this.#use(null, WORDS.none);
    if (!this.network) this.#use(null, WORDS.loading);
    try {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new NetworkError(`The server answered ${response.status}.`);
      const network = Network.fromBytes(await response.arrayBuffer());
      if (!signal.aborted) this.#use(network, WORDS.ready);
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof NetworkError ? error.message : "The server cannot be reached.";
      this.#part("retry").hidden = false;
      this.#use(null, { mark: "", says: "The network did not load", detail: `${reason} Your drawing is kept.` });
    }
  }

  /** @param {Network | null} network @param {Words} idle what is said while there is nothing to read */
  #use(network, idle) {
    this.network = network;
    this.idle = idle;
    const label = this.#part("network");
    const name = document.createElement("strong");
    name.textContent = this.element.dataset.networkName ?? "";
    label.replaceChildren(name);
    if (network) {
      label.append(` 784 → ${network.layers.map(({ units }) => units).join(" → ")}`);
      this.reading.introduce(network);
    }
    this.#schedule(true);
  }

  /** Show everything in the next frame. @param {boolean} stale whether the drawing must be read anew */
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
    const { drawing, isBusy } = this.paper;
    let words = this.idle;
    this.pixels = BLANK;
    this.prediction = null;
    try {
      if (!drawing.isEmpty) {
        const ink = normalise(drawing.strokes, TAP);
        this.pixels = ink.pixels;
        this.prediction = this.network && this.network.predict(ink.image);
      }
    } catch (error) {
      if (!(error instanceof InkError)) throw error;
      words = { mark: "?", says: "Too much ink", detail: error.message };
    }
    if (this.prediction && !this.prediction.probabilities.every(Number.isFinite)) {
      this.prediction = null;
      words = WORDS.broken;
    }
    const answer = this.prediction && verdict(this.prediction.probabilities);
    this.#say(answer ?? words);
    this.#emit({
      digit: answer?.digit ?? null,
      sure: answer?.sure ?? false,
      finished: !isBusy,
      probabilities: this.prediction?.probabilities ?? new Float32Array(),
      pixels: this.pixels,
      strokes: drawing.strokes,
    });
  }

  /** @param {PadPrediction} detail */
  #emit(detail) {
    this.element.dispatchEvent(new CustomEvent("pad:prediction", { bubbles: true, detail }));
  }

  /** Show words at once, and announce them when they have stayed a while. @param {Words} words */
  #say({ mark, says, detail }) {
    this.reading.say(mark, says, detail);
    clearTimeout(this.announcement);
    this.announcement = setTimeout(() => (this.#part("status").textContent = `${says}, ${detail}`), QUIET);
  }

  #paint() {
    const { drawing } = this.paper;
    this.paper.paint();
    this.reading.paintImage(this.pixels);
    this.reading.paintLayers(this.prediction?.layers ?? []);
    this.reading.paintBars(this.prediction?.probabilities ?? null);
    this.#part("hint").hidden = !drawing.isEmpty;
    this.#part("canvas").classList.toggle("erases", this.paper.erases);
    this.#part("undo").setAttribute("aria-disabled", String(!drawing.canUndo));
    this.#part("clear").setAttribute("aria-disabled", String(drawing.isEmpty));
  }
}

for (const element of document.querySelectorAll("[data-pad]")) new Pad(/** @type {HTMLElement} */ (element));
