/** Pins the drawing on the pad (templates/digits/draw/_pin.html): the server keeps its strokes. */

import { rounded } from "../ink/drawing.js";
import { find } from "../page/dom.js";

/** @typedef {import("../ink/normalise.js").Stroke} Stroke */

const FINEST = 1e5; // steps per side of the paper: more would only make numbers longer

/** @type {Stroke[]} */
let strokes = [];

/** @param {Stroke[]} drawn @returns {string} */
function written(drawn) {
  return JSON.stringify(rounded(drawn, FINEST));
}

/** An empty pad has nothing to pin. */
function enable() {
  document.getElementById("pin-button")?.setAttribute("aria-disabled", String(!strokes.length));
}

document.addEventListener("pad:prediction", (event) => {
  strokes = event.detail.strokes;
  enable();
});

document.addEventListener("htmx:load", enable);

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-pin-form]")) return;
    find(form, "[name=strokes]", HTMLInputElement).value = strokes.length ? written(strokes) : "";
  },
  true, // before htmx gathers what is sent
);
