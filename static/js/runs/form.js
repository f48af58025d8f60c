/**
 * The form of a new run, and that of its defaults: only fields that count are in view, sliders say their number, a
 * double click starts one run, and what the server has nothing new to say about stays as it is.
 */

/** Whether the server has said that something is wrong with a field: then it is in view, used or not. */
const isMistaken = (field) => Boolean(field.querySelector(".error")?.textContent.trim());

/** @param {HTMLFormElement} form */
function showWhatCounts(form) {
  for (const control of form.querySelectorAll("[data-used-by]")) {
    const field = control.closest(".field");
    const used = control.dataset.usedWith.split(" ").includes(form.elements[control.dataset.usedBy].value);
    field.hidden = !used && !isMistaken(field);
  }
  for (const fold of form.querySelectorAll("details")) {
    if ([...fold.querySelectorAll(".field")].some(isMistaken)) fold.open = true;
  }
}

/** @param {HTMLInputElement} slider */
function readOut(slider) {
  const value = Number((slider.value * slider.dataset.factor).toFixed(6));
  const text = value ? `± ${value} ${slider.dataset.unit}` : "none";
  slider.setAttribute("aria-valuetext", text);
  slider.closest(".field").querySelector("output").value = text;
}

const forms = () => document.querySelectorAll("[data-run-form]");

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-run-form] [type=range]")) readOut(target);
});
document.addEventListener("change", ({ target }) => {
  const form = target.closest("[data-run-form]");
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
  const start = target.querySelector("[data-start]");
  // After the browser has taken the form's values. Other buttons may be pressed as often as one likes.
  if (start && !submitter?.name) setTimeout(() => (start.disabled = true));
});
// Back from the run's page, the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of forms()) {
    const start = form.querySelector("[data-start]");
    if (start) start.disabled = false;
  }
});
