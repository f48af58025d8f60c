/** The page on which a network is put on other pages: what one chooses changes snippet and preview alike. */

document.addEventListener("change", ({ target }) => {
  const choices = target.closest("[data-embed-options]");
  if (!choices) return;
  const chosen = [...choices.querySelectorAll("input:checked")].filter(({ value }) => value);
  document.querySelector("[data-snippet-options]").textContent = chosen
    .map(({ name, value }) => ` ${name}="${value}"`)
    .join("");
  const { name, value } = target;
  document.querySelector("[data-preview]").toggleAttribute(name, Boolean(value));
  if (value) document.querySelector("[data-preview]").setAttribute(name, value);
});

document.addEventListener("click", async ({ target }) => {
  if (!target.closest("[data-copy]")) return;
  const snippet = document.querySelector("[data-snippet]");
  const says = document.querySelector("[data-copied]");
  try {
    await navigator.clipboard.writeText(snippet.textContent);
    target.textContent = says.textContent = "Copied";
  } catch {
    // Without TLS there is no clipboard for pages: it is chosen, so that one key copies it.
    getSelection().selectAllChildren(snippet);
    target.textContent = says.textContent = "Press Ctrl+C";
  }
});
