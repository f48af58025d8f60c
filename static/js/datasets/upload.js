/** The form with which one uploads a dataset: how far it is, and what is too large before it is sent. */

/** @param {HTMLFormElement} form */
function chosenFiles(form) {
  const kind = form.querySelector("[name=kind]:checked")?.value;
  return [...form.querySelectorAll(`[data-kind="${kind}"] input[type=file]`)].filter((input) => input.files.length);
}

/**
 * What is wrong with the files, beside the first of them; true when they may be sent.
 * @param {HTMLFormElement} form
 */
function fits(form) {
  const inputs = chosenFiles(form);
  const size = inputs.reduce((sum, input) => sum + input.files[0].size, 0);
  const most = Number(form.dataset.mostBytes);
  if (!inputs.length) return true;
  const error = form.querySelector(`#error-${inputs[0].name}`);
  error.textContent =
    size > most ? `Expected at most ${most / 1e6} MB, found ${(size / 1e6).toFixed(1)} MB.` : "";
  return size <= most;
}

/**
 * @param {HTMLFormElement} form
 * @param {number | null} percent null while the server reads what it has
 */
function show(form, percent) {
  const place = form.querySelector("[data-upload-progress]");
  const bar = place.querySelector("progress");
  place.hidden = false;
  if (percent === null) bar.removeAttribute("value");
  else bar.value = percent;
  place.querySelector("p").textContent = percent === null ? "Reading the images …" : `Uploading … ${percent} %`;
}

for (const form of document.querySelectorAll("[data-upload]")) {
  form.addEventListener("change", (event) => {
    if (event.target.type === "file") fits(form);
  });
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (fits(form)) show(form, 0);
    else event.preventDefault();
  });
  form.addEventListener("htmx:xhr:progress", (event) => {
    const { lengthComputable, loaded, total } = event.detail;
    // The answer's bytes are told in the same way: they come when all is uploaded.
    if (lengthComputable && form.querySelector("progress").hasAttribute("value")) {
      show(form, loaded < total ? Math.floor((100 * loaded) / total) : null);
    }
  });
  form.addEventListener("htmx:afterRequest", () => {
    form.querySelector("[data-upload-progress]").hidden = true;
  });
}
