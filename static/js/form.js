/** The form of a new run: only the optimiser's own settings are shown, and a double click starts one run. */

/** Which hyperparameters only some optimisers read. */
const USED_BY = {
  momentum: ["momentum", "nesterov"],
  rho: ["rmsprop"],
  beta_1: ["adam"],
  beta_2: ["adam"],
  epsilon: ["rmsprop", "adam"],
};

for (const form of document.querySelectorAll("[data-run-form]")) {
  /** Whether the server has said that something is wrong with a field: then it is in view, used or not. */
  const mistaken = (field) => Boolean(field.querySelector(".error")?.textContent.trim());
  const optimizer = form.querySelector("[name=optimizer]");

  function showWhatCounts() {
    for (const [name, optimizers] of Object.entries(USED_BY)) {
      const field = form.querySelector(`[name=${name}]`)?.closest(".field");
      if (field) field.hidden = !optimizers.includes(optimizer.value) && !mistaken(field);
    }
    for (const fold of form.querySelectorAll("details")) {
      if ([...fold.querySelectorAll(".field")].some(mistaken)) fold.open = true;
    }
  }

  optimizer.addEventListener("change", showWhatCounts);
  document.addEventListener("htmx:afterSettle", showWhatCounts);
  showWhatCounts();

  form.addEventListener("submit", () => {
    const button = form.querySelector("[type=submit]");
    // After the browser has taken the form's values.
    setTimeout(() => (button.disabled = true));
  });
  // Back from the run's page, the form may be sent again.
  window.addEventListener("pageshow", () => (form.querySelector("[type=submit]").disabled = false));
}
