/**
 * Right or wrong? One key labels a drawing; with the visitor's consent it is kept with its label.
 *
 * Hooked by `data-check` (templates/digits/draw/_feedback.html), beside the pad of js/draw/pad.js. Without
 * consent nothing is sent. A drawing waits in this tab while its visitor becomes a guest or signs in to keep it.
 *
 * @typedef {object} Judged a drawing and its label
 * @property {Stroke[]} strokes in sides of the paper
 * @property {number} label
 * @property {number | null} answer the network's
 * @property {string} network its key
 */

import { rounded } from "../ink/drawing.js";
import { all, find } from "../page/dom.js";
import { named } from "../prediction/verdict.js";

/** @typedef {import("../ink/normalise.js").Stroke} Stroke */

const WAITING = "tryml-waiting-drawing";
const REFUSED = "tryml-keeps-none";
const PLACES = 1e4; // a coordinate is rounded to this share of the paper

class Feedback {
  /** @param {HTMLElement} element @param {HTMLElement} pad */
  constructor(element, pad) {
    this.element = element;
    this.pad = pad;
    /** @type {import("./pad.js").PadPrediction | null} the finished drawing on the paper */
    this.drawn = null;
    /** @type {Judged | null} the drawing that has a label and is not kept yet */
    this.judged = null;
    /** @type {Judged | null} the last one kept, for undoing it */
    this.kept = null;
    this.isBusy = false;
    this.question = this.#part("question");
    this.said = this.#part("said");
    this.right = find(element, "[data-check-right]", HTMLButtonElement);
    this.keys = all(element, "[data-check-label]", HTMLButtonElement);
    this.switch = find(element, "[data-check-switch]", HTMLInputElement);
    if (!this.isKnown && sessionStorage.getItem(REFUSED)) this.consent = "no";
    this.#listen();
    this.#takeBack();
  }

  /** @param {string} name */
  #part(name) {
    return find(this.element, `[data-check-${name}]`, HTMLElement);
  }

  /** Whether the server knows the visitor. */
  get isKnown() {
    return "known" in this.element.dataset;
  }

  get consent() {
    return this.element.dataset.consent ?? "unasked";
  }

  /** @param {string} answer "yes" or "no" */
  set consent(answer) {
    this.element.dataset.consent = answer;
    this.switch.checked = answer === "yes";
  }

  #listen() {
    document.addEventListener("pad:prediction", (event) => this.#read(event.detail));
    document.addEventListener("keydown", (event) => this.#key(event));
    this.right.addEventListener("click", () => this.#confirm());
    for (const key of this.keys) key.addEventListener("click", () => this.#judge(Number(key.dataset.checkLabel)));
    if (this.isKnown) this.#part("agree").addEventListener("click", () => this.#agree());
    this.#part("refuse").addEventListener("click", () => this.#refuse());
    this.switch.addEventListener("change", () => this.#switched());
    for (const way of this.element.querySelectorAll("[data-check-leave]")) {
      way.addEventListener(way instanceof HTMLFormElement ? "submit" : "click", () => this.#leave(way));
    }
    this.said.addEventListener("htmx:afterSwap", () => {
      if (this.said.querySelector("[data-undone]")) this.#undone();
    });
  }

  /** @param {import("./pad.js").PadPrediction} detail */
  #read(detail) {
    this.drawn = detail.finished && detail.strokes.length ? detail : null;
    const digit = this.drawn?.digit ?? null;
    this.right.disabled = digit === null;
    this.#part("says").textContent = digit === null ? "Right" : `Right, ${named(digit)}`;
    for (const key of this.keys) key.disabled = this.drawn === null;
    if (this.drawn) return;
    this.judged = null; // the drawing changed after it was judged
    this.#ask(false);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = event.target instanceof Element ? event.target : document.body;
    if (at.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || !this.question.hidden) return;
    if (event.key === "Enter" ? !at.closest("a, button, summary, input") : event.key.toLowerCase() === "y") {
      this.#confirm();
    } else if (/^[0-9]$/.test(event.key)) {
      this.#judge(Number(event.key));
    } else return;
    event.preventDefault();
  }

  #confirm() {
    if (typeof this.drawn?.digit === "number") this.#judge(this.drawn.digit);
  }

  /** @param {number} label */
  #judge(label) {
    if (!this.drawn || this.isBusy) return;
    const [picker] = all(document, "[data-network-picker]", HTMLSelectElement);
    const strokes = shortened(this.drawn.strokes);
    this.judged = { strokes, label, answer: this.drawn.digit, network: picker?.value ?? "starter" };
    if (this.consent === "yes") this.#keep(this.judged);
    else if (this.consent === "no") this.#say("Not kept, as you chose. Switch it on below to keep this drawing.");
    else this.#ask(true);
  }

  /** @param {boolean} open */
  #ask(open) {
    this.question.hidden = !open;
    if (!open) return;
    this.#say("");
    this.#part("agree").focus();
  }

  async #agree(judged = this.judged) {
    if ((await this.#answer("yes")) && judged) this.#keep(judged);
  }

  async #refuse() {
    if (this.isKnown) await this.#answer("no");
    else {
      sessionStorage.setItem(REFUSED, "1");
      this.consent = "no";
    }
    this.#ask(false);
    this.#say("Nothing was kept. Switch it on below if you change your mind.");
  }

  #switched() {
    if (this.isKnown) {
      if (this.switch.checked) this.#agree();
      else this.#refuse();
    } else if (this.switch.checked) {
      this.switch.checked = false;
      this.element.dataset.consent = "unasked";
      sessionStorage.removeItem(REFUSED);
      if (this.judged) this.#ask(true);
      else this.#say("Draw a digit and say what it is: then it can be kept.");
    }
  }

  /** Tell the server; whether it took the answer. @param {string} keeps "yes" or "no" */
  async #answer(keeps) {
    const before = this.consent;
    const response = await this.#post(this.element.dataset.consentUrl ?? "", { keeps });
    this.consent = response?.ok ? keeps : before;
    return Boolean(response?.ok);
  }

  /** @param {Judged} judged */
  async #keep(judged) {
    if (this.isBusy) return;
    this.isBusy = true;
    const { strokes, label, answer, network } = judged;
    const values = { strokes: JSON.stringify(strokes), label, answer: answer ?? "", network };
    const response = await this.#post(this.element.dataset.keepUrl ?? "", values);
    this.isBusy = false;
    if (!response) return;
    this.#ask(false);
    this.#show(await response.text());
    if (!response.ok) return;
    this.kept = judged;
    // Clear the paper, unless the visitor draws on already.
    if (this.drawn && JSON.stringify(shortened(this.drawn.strokes)) === values.strokes) this.#put([]);
  }

  /**
   * @param {string} url @param {Record<string, string | number>} values
   * @returns {Promise<Response | null>} null when it failed, which the page says
   */
  async #post(url, values) {
    const body = new URLSearchParams(Object.entries(values).map(([name, value]) => [name, String(value)]));
    const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
    try {
      const response = await fetch(url, { method: "POST", body, headers });
      if (response.ok || response.status === 422) return response;
      this.#say(`The server could not do that (error ${response.status}). Reload the page; your drawing waits here.`);
    } catch {
      this.#say("The server can’t be reached. Your drawing is still on the paper; try again in a moment.");
    }
    return null;
  }

  /** Show the server's answer, which may have forms. @param {string} html */
  #show(html) {
    window.htmx.swap(this.said, html, { swapStyle: "innerHTML" });
  }

  /** @param {string} text */
  #say(text) {
    this.said.textContent = text;
  }

  /** @param {Stroke[]} strokes */
  #put(strokes) {
    this.pad.dispatchEvent(new CustomEvent("pad:drawing", { detail: { strokes } }));
  }

  #undone() {
    if (this.kept) this.#put(this.kept.strokes);
    this.kept = null;
  }

  /** Keep the drawing in this tab until the visitor comes back to this page. @param {Element} way */
  #leave(way) {
    if (this.judged) sessionStorage.setItem(WAITING, JSON.stringify(this.judged));
    const here = location.pathname + location.search;
    if (way instanceof HTMLFormElement) find(way, "[name=next]", HTMLInputElement).value = here;
    else if (way instanceof HTMLAnchorElement) way.search = `?next=${encodeURIComponent(here)}`;
  }

  /** Put a waiting drawing back on the paper and, if the server now knows the visitor, keep it. */
  #takeBack() {
    const waiting = sessionStorage.getItem(WAITING);
    if (!waiting) return;
    sessionStorage.removeItem(WAITING);
    /** @type {Judged} */
    const judged = JSON.parse(waiting);
    this.#put(judged.strokes);
    if (this.isKnown) this.#agree(judged);
  }
}

/** The strokes without detail that doesn't show. @param {Stroke[]} strokes */
function shortened(strokes) {
  return rounded(strokes, PLACES).map((stroke) =>
    stroke.filter(([x, y], i) => i === 0 || x !== stroke[i - 1][0] || y !== stroke[i - 1][1]),
  );
}

for (const element of all(document, "[data-check]", HTMLElement)) {
  new Feedback(element, find(document, "[data-pad]", HTMLElement));
}
