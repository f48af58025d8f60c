/** The sheet of a page's keys (templates/digits/draw/_keys.html): "?" opens it, unless one is typing. */

import { find, isTyping } from "./dom.js";

const sheet = find(document, "[data-keys]", HTMLDialogElement);

document.querySelector("[data-keys-open]")?.addEventListener("click", () => sheet.showModal());

document.addEventListener("keydown", (event) => {
  if (event.key !== "?" || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (isTyping(event)) return;
  event.preventDefault();
  sheet.showModal();
});
