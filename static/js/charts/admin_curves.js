// A run's curves in the admin, in the colours of the admin's theme.

import { all } from "../page/dom.js";
import { Curves } from "./curves.js";

const root = document.documentElement;

function follow() {
  const theme = root.classList.contains("dark") ? "dark" : "light";
  if (root.dataset.theme !== theme) root.dataset.theme = theme;
}

follow();
new MutationObserver(follow).observe(root, { attributeFilter: ["class"] });
for (const element of all(document, "[data-curves]", HTMLElement)) new Curves(element);
