/** The modes of the drawing page: one digit, a number or a picture. A change of mode keeps the drawing. */

import { remember } from "../page/address.js";
import { all } from "../page/dom.js";

const links = all(document, "[data-mode-link]", HTMLAnchorElement);

/** @param {string} mode */
function show(mode) {
  for (const part of all(document, "[data-mode]", HTMLElement)) part.hidden = part.dataset.mode !== mode;
  for (const link of links) {
    if (link.dataset.modeLink === mode) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  remember("mode", [mode]);
}

for (const link of links) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(link.dataset.modeLink ?? "");
  });
}
