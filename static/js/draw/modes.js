/** What is read on the drawing page: one digit, a number or a picture. Changing it keeps what was drawn. */

const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-mode-link]"));

/** @param {string} mode */
function show(mode) {
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-mode]"))) {
    part.hidden = part.dataset.mode !== mode;
  }
  for (const link of links) {
    if (link.dataset.modeLink === mode) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const page = new URL(location.href);
  page.searchParams.set("mode", mode);
  history.replaceState(null, "", page);
}

for (const link of links) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(/** @type {string} */ (link.dataset.modeLink));
  });
}
