/** The sheet of a page's keys (templates/digits/draw/_keys.html): "?" opens it, unless one is typing. */

const sheet = /** @type {HTMLDialogElement} */ (document.querySelector("[data-keys]"));

document.querySelector("[data-keys-open]")?.addEventListener("click", () => sheet.showModal());

document.addEventListener("keydown", (event) => {
  if (event.key !== "?" || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  sheet.showModal();
});
