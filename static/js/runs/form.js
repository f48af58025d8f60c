/**
 * The form of a new run, and the form of its defaults: only fields that have an effect are in view, sliders show their
 * number, a double click starts one run, and parts that the server sends unchanged are not replaced.
 */

import { all, around, find } from "../page/dom.js";

/**
 * Whether the server found a mistake in a field: then it is in view, used or not.
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

// An unchanged part is not replaced: it keeps its focus and is not read out again.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.isEqualNode(fragment.firstElementChild ?? fragment)) event.detail.shouldSwap = false;
});

document.addEventListener("submit", ({ target, submitter }) => {
  if (!(target instanceof HTMLFormElement)) return;
  const [start] = all(target, "[data-start]", HTMLButtonElement);
  const isAnother = submitter instanceof HTMLButtonElement && submitter.name;
  // After the browser has taken the form's values. Other buttons stay enabled.
  if (start && !isAnother) setTimeout(() => (start.disabled = true));
});
// After a return from the run's page, the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of forms()) {
    for (const start of all(form, "[data-start]", HTMLButtonElement)) start.disabled = false;
  }
});
