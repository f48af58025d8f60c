/** The form that uploads a dataset: shows the progress, and refuses files that are too large before they are sent. */

import { all, find } from "../page/dom.js";

/**
 * @param {HTMLFormElement} form
 * @returns {{name: string, size: number}[]} the fields with a file, and its size in bytes
 */
function chosenFiles(form) {
  const [kind] = all(form, "[name=kind]:checked", HTMLInputElement);
  const inputs = all(form, `[data-kind="${kind?.value}"] input[type=file]`, HTMLInputElement);
  return inputs.flatMap(({ name, files }) => (files?.length ? [{ name, size: files[0].size }] : []));
}

/**
 * Says beside the first file whether the files are too large.
 * @param {HTMLFormElement} form
 * @returns {boolean} whether they may be sent
 */
function fits(form) {
  const chosen = chosenFiles(form);
  const size = chosen.reduce((sum, file) => sum + file.size, 0);
  const most = Number(form.dataset.mostBytes);
  if (!chosen.length) return true;
  const error = find(form, `#error-${chosen[0].name}`, HTMLElement);
  error.textContent =
    size > most ? `Expected at most ${most / 1e6} MB, found ${(size / 1e6).toFixed(1)} MB.` : "";
  return size <= most;
}

/**
 * @param {HTMLFormElement} form
 * @param {number | null} percent null while the server reads the images
 */
function show(form, percent) {
  const place = find(form, "[data-upload-progress]", HTMLElement);
  const bar = find(place, "progress", HTMLProgressElement);
  place.hidden = false;
  if (percent === null) bar.removeAttribute("value");
  else bar.value = percent;
  find(place, "p", HTMLElement).textContent = percent === null ? "Reading the images …" : `Uploading … ${percent} %`;
}

for (const form of all(document, "[data-upload]", HTMLFormElement)) {
  form.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.type === "file") fits(form);
  });
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (fits(form)) show(form, 0);
    else event.preventDefault();
  });
  form.addEventListener("htmx:xhr:progress", (event) => {
    const { lengthComputable, loaded, total } = event.detail;
    // The bytes of the answer cause this event too, after the upload.
    if (lengthComputable && find(form, "progress", HTMLProgressElement).hasAttribute("value")) {
      show(form, loaded < total ? Math.floor((100 * loaded) / total) : null);
    }
  });
  form.addEventListener("htmx:afterRequest", () => {
    find(form, "[data-upload-progress]", HTMLElement).hidden = true;
  });
}
