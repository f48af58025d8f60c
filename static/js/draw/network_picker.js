/** The choice of a network on the drawing page: the pad reads with the chosen one. */

import { remember } from "../page/address.js";
import { find } from "../page/dom.js";

const pad = find(document, "[data-pad]", HTMLElement);

/** @param {HTMLSelectElement} select */
function choose(select) {
  const [option] = select.selectedOptions;
  pad.dispatchEvent(
    new CustomEvent("pad:network", { detail: { url: option.dataset.url, name: option.textContent.trim() } }),
  );
  remember("network", [select.value]);
}

document.addEventListener("change", ({ target }) => {
  if (target instanceof HTMLSelectElement && target.matches("[data-network-picker]")) choose(target);
});

document.addEventListener("htmx:load", (event) => {
  const element = event.detail.elt;
  const select = element.matches("[data-network-picker]") ? element : element.querySelector("[data-network-picker]");
  if (select instanceof HTMLSelectElement && select.value !== "starter") choose(select);
});
