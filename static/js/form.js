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
  const optimizer = form.querySelector("[name=optimizer]");

  function showWhatCounts() {
    for (const [name, optimizers] of Object.entries(USED_BY)) {
      const field = form.querySelector(`[name=${name}]`)?.closest(".field");
      if (field) field.hidden = !optimizers.includes(optimizer.value);
    }
  }

  optimizer.addEventListener("change", showWhatCounts);
  showWhatCounts();

  form.addEventListener("submit", () => {
    const button = form.querySelector("[type=submit]");
    // After the browser has taken the form's values.
    setTimeout(() => (button.disabled = true));
  });
  // Back from the run's page, the form may be sent again.
  window.addEventListener("pageshow", () => (form.querySelector("[type=submit]").disabled = false));
}
