// A run's curves in the admin, in the colours of the theme that is chosen there.

import { Curves } from "./curves.js";

const root = document.documentElement;

function follow() {
  const theme = root.classList.contains("dark") ? "dark" : "light";
  if (root.dataset.theme === theme) return;
  root.dataset.theme = theme;
  document.dispatchEvent(new CustomEvent("theme"));
}

follow();
new MutationObserver(follow).observe(root, { attributeFilter: ["class"] });
for (const element of document.querySelectorAll("[data-curves]")) new Curves(element);
