/** A run's page: curves that grow, the tab's title, Space to pause, and news for screen readers at a sane rate. */

import { Curves } from "../charts/curves.js";
import { Pinned } from "./pinned.js";

const page = document.querySelector("[data-run]");
const curves = new Curves(document.querySelector("[data-curves]"));
const pinned = [...document.querySelectorAll("[data-pinned]")].map((element) => new Pinned(element));

/** @returns {HTMLElement | null} */
const state = () => document.getElementById("run-progress");

function title() {
  const { status, percent, left } = state().dataset;
  const prefix =
    status === "running" ? `${percent} %${left ? ` · ${left} left` : ""} · ` : status === "queued" ? "in line · " : "";
  document.title = `${prefix}${page.dataset.title} · TryML`;
}

let announced = "";

/** Says a change of status at once, and progress each quarter. */
function announce() {
  const { status, percent } = state().dataset;
  const text = status === "running" ? `running, ${25 * Math.floor(percent / 25)} %` : status;
  if (text === announced) return;
  announced = text;
  document.querySelector("[data-announce]").textContent = text;
}

/** Keeps the log's newest line in sight, unless one has scrolled up to read an older one. */
class Log {
  constructor() {
    this.follows = true;
    document.addEventListener("scroll", ({ target }) => target === this.#list && this.#look(), { capture: true });
    this.show();
  }

  get #list() {
    return document.getElementById("run-log");
  }

  #look() {
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    this.follows = scrollHeight - scrollTop - clientHeight < 2;
  }

  show() {
    if (this.follows) this.#list.scrollTop = this.#list.scrollHeight;
  }
}

const log = new Log();

document.addEventListener("htmx:wsAfterMessage", () => {
  const carrier = document.getElementById("run-points");
  const points = JSON.parse(carrier.dataset.points || "[]");
  for (const shown of [curves, ...pinned]) {
    if ("rewound" in carrier.dataset) shown.clear();
    shown.add(points);
  }
  curves.mark(JSON.parse(carrier.dataset.changes || "[]"));
  title();
  announce();
  log.show();
});

document.addEventListener("htmx:afterSettle", title);

/** Which button a key presses. */
const KEYS = { " ": "[data-key-toggle]", s: "[data-key-step]" };

document.addEventListener("keydown", (event) => {
  if (!(event.key in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("a, button, input, select, textarea, summary, [tabindex]")) return;
  const button = document.querySelector(KEYS[event.key]);
  if (!button) return;
  event.preventDefault();
  button.click();
});

curves.mark(JSON.parse(document.getElementById("run-points").dataset.changes || "[]"));

for (const shown of pinned) shown.add(JSON.parse(document.getElementById("points").textContent));

title();
