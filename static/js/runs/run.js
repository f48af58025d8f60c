/** A run's page: growing curves, the tab's title, Space to pause, and not too much news for screen readers. */

import { Curves } from "../charts/curves.js";
import { all, around, find } from "../page/dom.js";
import { Pinned } from "./pinned.js";

const page = find(document, "[data-run]", HTMLElement);
const curves = new Curves(find(document, "[data-curves]", HTMLElement));
const pinned = all(document, "[data-pinned]", HTMLElement).map((element) => new Pinned(element));

const state = () => find(document, "#run-progress", HTMLElement);
/** The element with new points and changes of the learning rate. */
const carrier = () => find(document, "#run-points", HTMLElement);

function title() {
  const { status, percent, left } = state().dataset;
  const prefix =
    status === "running" ? `${percent} %${left ? ` · ${left} left` : ""} · ` : status === "queued" ? "in line · " : "";
  document.title = `${prefix}${page.dataset.title} · TryML`;
}

let announced = "";

/** Announces each change of status, and each quarter of the progress. */
function announce() {
  const { status = "", percent } = state().dataset;
  const text = status === "running" ? `running, ${25 * Math.floor(Number(percent) / 25)} %` : status;
  if (text === announced) return;
  announced = text;
  find(document, "[data-announce]", HTMLElement).textContent = text;
}

/** Keeps the log's newest line in view, unless the reader has scrolled up to an older one. */
class Log {
  constructor() {
    this.follows = true;
    document.addEventListener("scroll", ({ target }) => target === this.#list && this.#look(), { capture: true });
    this.show();
  }

  get #list() {
    return find(document, "#run-log", HTMLElement);
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
  const news = carrier().dataset;
  const points = JSON.parse(news.points || "[]");
  for (const shown of [curves, ...pinned]) {
    if ("rewound" in news) shown.clear();
    shown.add(points);
  }
  curves.mark(JSON.parse(news.changes || "[]"));
  title();
  announce();
  log.show();
});

document.addEventListener("htmx:afterSettle", title);

/**
 * The button of each key.
 * @type {Record<string, string>}
 */
const KEYS = { " ": "[data-key-toggle]", s: "[data-key-step]" };

document.addEventListener("keydown", (event) => {
  if (!(event.key in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (around(event, "a, button, input, select, textarea, summary, [tabindex]")) return;
  const button = document.querySelector(KEYS[event.key]);
  if (!(button instanceof HTMLElement)) return;
  event.preventDefault();
  button.click();
});

curves.mark(JSON.parse(carrier().dataset.changes || "[]"));

for (const shown of pinned) shown.add(JSON.parse(find(document, "#points", HTMLScriptElement).text));

title();
