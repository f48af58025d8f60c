/** The page that shares a network with other pages: each choice changes snippet and preview. */

import { all, around, find } from "../page/dom.js";

document.addEventListener("change", (event) => {
  const choices = around(event, "[data-embed-options]");
  if (!choices || !(event.target instanceof HTMLInputElement)) return;
  const chosen = all(choices, "input:checked", HTMLInputElement).filter(({ value }) => value);
  find(document, "[data-snippet-options]", HTMLElement).textContent = chosen
    .map(({ name, value }) => ` ${name}="${value}"`)
    .join("");
  const { name, value } = event.target;
  const preview = find(document, "[data-preview]", HTMLElement);
  preview.toggleAttribute(name, Boolean(value));
  if (value) preview.setAttribute(name, value);
});

document.addEventListener("click", async (event) => {
  const button = around(event, "[data-copy]");
  if (!button) return;
  const snippet = find(document, "[data-snippet]", HTMLElement);
  const says = find(document, "[data-copied]", HTMLElement);
  try {
    await navigator.clipboard.writeText(snippet.textContent ?? "");
    button.textContent = says.textContent = "Copied";
  } catch {
    // Without TLS pages have no clipboard: the snippet is selected, so that one key copies it.
    getSelection()?.selectAllChildren(snippet);
    button.textContent = says.textContent = "Press Ctrl+C";
  }
});
