/** The part of the widget in which a visitor names the right digit, and consents to sending the drawing. */

import { SourceError } from "./source.js";
import { THANKS } from "./words.js";

/** @typedef {import("./parts.js").Parts} Parts */

export class Correction {
  /**
   * @param {Parts} parts
   * @param {(label: number) => Promise<void>} send sends the current drawing
   */
  constructor(parts, send) {
    this.parts = parts;
    this.send = send;
    /** @type {number | null} */
    this.label = null;
    this.isSending = false;
    parts.wrong.addEventListener("click", () => this.#open());
    parts.cancel.addEventListener("click", () => this.#close());
    parts.send.addEventListener("click", () => this.#send());
    parts.digits.forEach((button, digit) => button.addEventListener("click", () => this.#choose(digit)));
  }

  /** Begin anew, for another drawing. @param {boolean} isOffered */
  offer(isOffered) {
    const { wrong, correct, outcome } = this.parts;
    wrong.hidden = !isOffered;
    correct.hidden = true;
    outcome.textContent = "";
    this.#choose(null);
  }

  #open() {
    this.offer(false);
    this.parts.correct.hidden = false;
    this.parts.digits[0].focus();
  }

  #close() {
    this.offer(true);
    this.parts.wrong.focus();
  }

  /** @param {number | null} label */
  #choose(label) {
    this.label = label;
    this.parts.digits.forEach((button, digit) => button.setAttribute("aria-pressed", String(digit === label)));
    this.parts.send.setAttribute("aria-disabled", String(label === null));
  }

  async #send() {
    if (this.label === null || this.isSending) return;
    const { correct, outcome } = this.parts;
    this.isSending = true;
    try {
      await this.send(this.label);
      correct.hidden = true;
      this.parts.clear.focus();
      outcome.textContent = THANKS;
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      outcome.textContent = error.message;
    } finally {
      this.isSending = false;
    }
  }
}
