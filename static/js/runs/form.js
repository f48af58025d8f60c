/**
 * The form of a new run, and that of its defaults: only fields that count are in view, sliders say their number, a
 * double click starts one run, and what the server has nothing new to say about stays as it is.
 */

import { all, around, find } from "../page/dom.js";

/**
 * Whether the server has said that something is wrong with a field: then it is in view, used or not.
 * @param {Element} field
 */
const isMistaken = (field) => Boolean(field.querySelector(".error")?.textContent?.trim());

/** @param {HTMLElement} form or the part of one */
function showWhatCounts(form) {
  for (const control of all(form, "[data-used-by]", HTMLElement)) {
    const field = control.closest(".field");
    if (!(field instanceof HTMLElement)) continue;
    const { usedBy = "", usedWith = "" } = control.dataset;
    const used = usedWith.split(" ").includes(find(form, `[name="${usedBy}"]`, HTMLSelectElement).value);
    field.hidden = !used && !isMistaken(field);
  }
  for (const fold of form.querySelectorAll("details")) {
    if ([...fold.querySelectorAll(".field")].some(isMistaken)) fold.open = true;
  }
}

/** @param {HTMLInputElement} slider */
function readOut(slider) {
  const value = Number((slider.valueAsNumber * Number(slider.dataset.factor)).toFixed(6));
  const text = value ? `± ${value} ${slider.dataset.unit}` : "none";
  slider.setAttribute("aria-valuetext", text);
  const output = slider.closest(".field")?.querySelector("output");
  if (output) output.value = text;
}

const forms = () => all(document, "[data-run-form]", HTMLElement);

document.addEventListener("input", ({ target }) => {
  if (target instanceof HTMLInputElement && target.matches("[data-run-form] [type=range]")) readOut(target);
});
document.addEventListener("change", (event) => {
  const form = around(event, "[data-run-form]");
  if (form) showWhatCounts(form);
});
document.addEventListener("htmx:afterSettle", () => forms().forEach(showWhatCounts));
forms().forEach(showWhatCounts);

// A part that would come back as it is keeps its focus, and isn't read out again.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.isEqualNode(fragment.firstElementChild ?? fragment)) event.detail.shouldSwap = false;
});

document.addEventListener("submit", ({ target, submitter }) => {
  if (!(target instanceof HTMLFormElement)) return;
  const [start] = all(target, "[data-start]", HTMLButtonElement);
  const isAnother = submitter instanceof HTMLButtonElement && submitter.name;
  // After the browser has taken the form's values. Other buttons may be pressed as often as one likes.
  if (start && !isAnother) setTimeout(() => (start.disabled = true));
});
// Back from the run's page, the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of forms()) {
    for (const start of all(form, "[data-start]", HTMLButtonElement)) start.disabled = false;
  }
});
