/**
 * Reads several images, one after the other, with the network chosen on the page.
 *
 * @typedef {object} Answer
 * @property {ReturnType<typeof verdict> | null} answer null when the network gives no numbers
 * @property {Uint8Array} pixels of the image
 *
 * @typedef {{images: Uint8Array[], answered: (answers: Answer[]) => void}} Question
 */

import { load, reason } from "../network/load.js";
import { Predictor } from "../network/predictor.js";
import { verdict } from "./verdict.js";

/** @typedef {{says: string, detail: string}} Words */

/** @type {Record<"none" | "loading" | "ready" | "failed", Words>} */
const WORDS = {
  none: { says: "No network yet", detail: "Choose one, and it reads this." },
  loading: { says: "Loading the network…", detail: "What you have here is read in a moment." },
  ready: { says: "", detail: "" },
  failed: { says: "The network stopped", detail: "It may need more memory than there is. Nothing of yours is lost." },
};

export class BatchReader {
  /**
   * @param {HTMLElement} source whose data-network-url is the network's address; it is loaded when it is needed
   * @param {() => void} changed called when the images must be read again, or `state` has changed
   */
  constructor(source, changed) {
    this.source = source;
    this.changed = changed;
    /** Why nothing can be read; empty words when images can be read. */
    this.state = WORDS.ready;
    /** @type {Predictor | null} */
    this.predictor = null;
    /** @type {Question | null} the newest, while another is answered */
    this.waiting = null;
    this.isBusy = false;
    /** @type {Map<string, Answer>} answers to the question before: most images of a drawing stay the same */
    this.known = new Map();
    this.loading = new AbortController();
    new MutationObserver(() => this.reload()).observe(source, { attributeFilter: ["data-network-url"] });
  }

  /**
   * Ask for the answers to images. They come together, at once from a small network that is loaded. A new question
   * replaces one that still waits. Without a network there is no answer: `changed` tells when to ask again.
   * @param {Uint8Array[]} images each 784 pixels, 0 = paper and 255 = ink
   * @param {(answers: Answer[]) => void} answered
   */
  read(images, answered) {
    if (!this.predictor) {
      if (this.state === WORDS.ready) this.#load();
      return;
    }
    this.waiting = { images, answered };
    if (!this.isBusy) this.#next();
  }

  /** Whether `reload` may help. */
  get canRetry() {
    return !this.predictor && ![WORDS.none, WORDS.loading, WORDS.ready].includes(this.state);
  }

  /** Drop the answers to earlier questions. */
  forget() {
    this.predictor?.forget();
    this.waiting = null;
    this.isBusy = false;
  }

  /** Drop the network; load it again, or the one chosen since, when it is needed. */
  reload() {
    this.loading.abort();
    this.forget();
    this.known.clear();
    this.#use(null, WORDS.ready);
  }

  async #load() {
    const { signal } = (this.loading = new AbortController());
    const url = this.source.dataset.networkUrl;
    this.#use(null, url ? WORDS.loading : WORDS.none);
    if (!url) return;
    try {
      const bytes = await load(url, signal);
      if (!signal.aborted) this.#use(new Predictor(bytes, () => this.#use(null, WORDS.failed)), WORDS.ready);
    } catch (error) {
      if (signal.aborted) return;
      this.#use(null, { says: "The network did not load", detail: `${reason(error)} Nothing of yours is lost.` });
    }
  }

  /** @param {Predictor | null} predictor @param {Words} state */
  #use(predictor, state) {
    this.predictor?.close();
    this.predictor = predictor;
    this.state = state;
    this.changed();
  }

  #next() {
    const question = this.waiting;
    this.waiting = null;
    this.isBusy = question !== null;
    if (question) this.#answer(question, new Map(), []);
  }

  /** @param {Question} question @param {Map<string, Answer>} seen @param {Answer[]} answers so far */
  #answer(question, seen, answers) {
    const pixels = question.images[answers.length];
    if (!pixels) {
      this.known = seen;
      question.answered(answers);
      return this.#next();
    }
    const key = String.fromCharCode(...pixels);
    const go = (/** @type {Answer} */ answer) => {
      seen.set(key, answer);
      answers.push(answer);
      this.#answer(question, seen, answers);
    };
    const known = this.known.get(key);
    if (known) return go(known);
    this.predictor?.predict(Float32Array.from(pixels, (value) => value / 255), ({ probabilities, familiarity }) => {
      go({ pixels, answer: probabilities.every(Number.isFinite) ? verdict(probabilities, familiarity) : null });
    });
  }
}
