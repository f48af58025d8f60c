/** The choice of a network on the drawing page: the pad reads with whichever is chosen. */

const pad = document.querySelector("[data-pad]");

/** @param {HTMLSelectElement} select */
function choose(select) {
  const [option] = select.selectedOptions;
  pad.dispatchEvent(
    new CustomEvent("pad:network", { detail: { url: option.dataset.url, name: option.textContent.trim() } }),
  );
  const page = new URL(location.href);
  page.searchParams.set("network", select.value);
  history.replaceState(null, "", page);
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-network-picker]")) choose(event.target);
});

document.addEventListener("htmx:load", (event) => {
  const element = event.detail.elt;
  const select = element.matches("[data-network-picker]") ? element : element.querySelector("[data-network-picker]");
  if (select && select.value !== "starter") choose(select);
});
