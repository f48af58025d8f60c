/**
 * A picture of digits: sent when it is chosen, dropped or pasted. The server finds the digits, the page reads them.
 *
 * Hooked by `data-picture` (templates/digits/draw/_picture.html). It uses the network of the pad on the same page.
 */

import { all, around, find } from "../page/dom.js";
import { BatchReader } from "../prediction/batch_reader.js";
import { figures, isSure, marked, showAnswer, spoken } from "../prediction/digit_tiles.js";

/** @typedef {import("../prediction/batch_reader.js").Answer} Answer */

class Photo {
  /** @param {HTMLElement} element @param {HTMLElement} pad whose network reads */
  constructor(element, pad) {
    this.element = element;
    this.form = find(element, "[data-picture-form]", HTMLFormElement);
    this.inputs = all(this.form, "[type=file]", HTMLInputElement);
    this.reader = new BatchReader(pad, () => this.#read());
    this.form.addEventListener("change", ({ target }) => target instanceof HTMLInputElement && this.#choose(target));
    // Anywhere on the page: a picture that misses the form would be opened in the page's place.
    document.addEventListener("dragover", (event) => this.#hold(event, true));
    document.addEventListener("dragleave", (event) => this.#hold(event, false));
    document.addEventListener("drop", (event) => {
      this.#hold(event, false);
      this.#take(event.dataTransfer?.files);
    });
    document.addEventListener("paste", (event) => this.#take(event.clipboardData?.files));
    element.addEventListener("click", (event) => {
      if (around(event, "[data-picture-retry]")) this.reader.reload();
    });
    this.form.addEventListener("htmx:beforeRequest", () => this.#wait(true));
    this.form.addEventListener("htmx:afterRequest", () => this.#wait(false));
    element.addEventListener("htmx:load", () => this.#read());
    this.#read();
  }

  /** @param {string} name */
  #part(name) {
    return find(this.element, `[data-picture-${name}]`, HTMLElement);
  }

  get #isAway() {
    return this.element.closest("[hidden]") !== null;
  }

  /** @param {DragEvent} event @param {boolean} over */
  #hold(event, over) {
    if (this.#isAway) return;
    event.preventDefault();
    this.form.classList.toggle("over", over);
  }

  /** Send a dropped or pasted file. @param {FileList | undefined} files */
  #take(files) {
    if (!files?.length || this.#isAway) return;
    this.inputs[0].files = files;
    this.#choose(this.inputs[0]);
  }

  /** Send a field's file. @param {HTMLInputElement} chosen */
  #choose(chosen) {
    const file = chosen.files?.[0];
    if (!file) return;
    for (const input of this.inputs) if (input !== chosen) input.value = "";
    const most = Number(this.form.dataset.mostBytes);
    if (file.size <= most) this.form.requestSubmit();
    else this.#refuse(`Expected at most ${most / 1e6} MB, found ${(file.size / 1e6).toFixed(1)} MB.`);
    chosen.value = ""; // so that the same file can be chosen again
  }

  /** @param {string} problem */
  #refuse(problem) {
    const notice = document.createElement("p");
    notice.className = "notice wrong";
    notice.setAttribute("role", "alert");
    notice.textContent = problem;
    this.element.querySelector("#picture-answer")?.replaceChildren(notice);
  }

  /** @param {boolean} waits for the server */
  #wait(waits) {
    this.#part("progress").hidden = !waits;
  }

  /** Read the digits that the server found, if there are any. */
  #read() {
    const tiles = all(this.element, "[data-pixels]", HTMLElement);
    if (!tiles.length) return this.reader.forget();
    const images = tiles.map((tile) => {
      return Uint8Array.from(atob(tile.dataset.pixels ?? ""), (character) => character.charCodeAt(0));
    });
    this.reader.read(images, (answers) => this.#show(tiles, answers));
    const { says, detail } = this.reader.state;
    if (says) this.#say(`${says} ${detail}`);
  }

  /** @param {HTMLElement[]} tiles @param {Answer[]} answers one for each */
  #show(tiles, answers) {
    const boxes = all(this.element, "[data-picture-box]", SVGElement);
    answers.forEach((answer, i) => {
      showAnswer(tiles[i], answer);
      boxes[i].classList.toggle("unsure", !isSure(answer));
      find(boxes[i], "text", SVGTextElement).textContent = marked(answer);
    });
    const numbers = all(this.element, "[data-picture-number]", HTMLElement);
    const left = [...answers];
    const said = all(this.element, "[data-picture-line]", HTMLElement).map((line, i) => {
      const own = left.splice(0, line.children.length);
      line.hidden = false;
      numbers[i].replaceChildren(...figures(own));
      return spoken(own);
    });
    const unsure = answers.filter((answer) => !isSure(answer)).length;
    this.#say(unsure ? `Not sure of ${unsure} of ${answers.length}` : "Sure of every digit", said.join(". "));
  }

  /** @param {string} detail @param {string} status for screen readers */
  #say(detail, status = detail) {
    this.#part("detail").textContent = detail;
    this.#part("status").textContent = status;
    this.#part("retry").hidden = !this.reader.canRetry;
  }
}

for (const element of all(document, "[data-picture]", HTMLElement)) {
  new Photo(element, find(document, "[data-pad]", HTMLElement));
}
