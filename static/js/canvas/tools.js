/** The tools beside a paper, and their keys: pen, eraser, undo, clear. See templates/digits/draw/_pad_tools.html. */

import { all, find, isTyping } from "../page/dom.js";

export class Tools {
  /**
   * @param {HTMLElement} element with the buttons; keys work while it is not hidden
   * @param {import("./paper.js").Paper} paper
   * @param {() => void} jumped called when the whole drawing changed at once
   */
  constructor(element, paper, jumped) {
    this.element = element;
    this.paper = paper;
    this.jumped = jumped;
    this.undo = find(element, "[data-pad-undo]", HTMLElement);
    this.clear = find(element, "[data-pad-clear]", HTMLElement);
    this.buttons = all(element, "[data-pad-tool]", HTMLElement);
    for (const button of this.buttons) {
      button.addEventListener("click", () => this.#take(button.dataset.padTool === "eraser"));
    }
    this.undo.addEventListener("click", () => this.#change("undo"));
    this.clear.addEventListener("click", () => this.#change("clear"));
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Show which tool is in use, and whether there is something to undo or to clear. */
  paint() {
    const { canvas, drawing, erases } = this.paper;
    canvas.classList.toggle("erases", erases);
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String((button.dataset.padTool === "eraser") === erases));
    }
    this.undo.setAttribute("aria-disabled", String(!drawing.canUndo));
    this.clear.setAttribute("aria-disabled", String(drawing.isEmpty));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isTyping(event) || event.defaultPrevented || event.repeat || document.querySelector("dialog[open]")) return;
    if (this.element.closest("[hidden]")) return;
    const key = event.key.toLowerCase();
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (plain && key === "c") this.#change("clear");
    else if (plain && key === "e") this.#take(!this.paper.erases);
    else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && key === "z") this.#change("undo");
    else return;
    event.preventDefault();
  }

  /** @param {boolean} eraser instead of the pen */
  #take(eraser) {
    this.paper.erases = eraser;
    this.paper.repaint();
  }

  /** @param {"undo" | "clear"} what */
  #change(what) {
    if (this.paper.isBusy) return;
    this.paper.drawing[what]();
    this.jumped();
  }
}
