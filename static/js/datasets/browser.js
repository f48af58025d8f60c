/** The browser of datasets: the chosen network reads the images shown, and marks the ones that it misreads. */

import { all, around, find, isTyping } from "../page/dom.js";

/** @typedef {{index: number, label: number, prediction: number, probabilities: number[]}} Answer */

/** @returns {HTMLSelectElement | null} null until the server sends it */
const picker = () => document.querySelector("select[data-network-picker]");
const shown = () => find(document, "[data-browser]", HTMLElement).dataset;
/** The name of each label. */
const classes = () => (shown().classes ?? "").split(",");
/**
 * Whether the network was made for such images: the starter network has never seen clothes or letters.
 * @param {HTMLSelectElement} networks
 */
const canRead = (networks) => !networks.value.startsWith("starter") || classes().join("") === "0123456789";

/**
 * @param {HTMLSelectElement} networks
 * @param {string[]} indices
 * @returns {Promise<Answer[]>}
 */
async function predictions(networks, indices) {
  const url = new URL(networks.selectedOptions[0].dataset.predictions ?? "", location.href);
  url.searchParams.set("dataset", shown().dataset ?? "");
  url.searchParams.set("split", shown().split ?? "");
  for (const index of indices) url.searchParams.append("index", index);
  const response = await fetch(url);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()).predictions;
}

async function markTiles() {
  const tiles = all(document, "[data-index]", HTMLElement);
  const networks = picker();
  if (!tiles.length || !networks) return;
  const score = find(document, "[data-score]", HTMLElement);
  if (!canRead(networks)) {
    for (const tile of tiles) tile.querySelector(".mark")?.remove();
    score.textContent = "";
    return;
  }
  const answers = await predictions(networks, tiles.map((tile) => tile.dataset.index ?? ""));
  if (!tiles[0].isConnected) return; // another page or dataset arrived meanwhile
  const right = answers.filter((answer) => answer.prediction === answer.label).length;
  score.textContent = `· ${right} of ${answers.length} read rightly`;
  answers.forEach((answer, i) => {
    tiles[i].querySelector(".mark")?.remove();
    if (answer.prediction === answer.label) return;
    const mark = document.createElement("span");
    mark.className = "mark";
    mark.textContent = `✗ ${classes()[answer.prediction]}`;
    mark.title = mark.textContent;
    tiles[i].append(mark);
  });
}

async function judgeChosen() {
  const section = document.querySelector("[data-chosen]");
  const networks = picker();
  if (!(section instanceof HTMLElement) || !networks) return;
  const verdict = find(section, "[data-verdict]", HTMLElement);
  const bars = find(section, "[data-bars]", HTMLElement);
  const index = section.dataset.chosen ?? "";
  markCurrent(index);
  if (!canRead(networks)) {
    verdict.textContent = "The starter network reads digits only. Choose one that you trained on these images.";
    verdict.className = "muted";
    bars.replaceChildren();
    return;
  }
  try {
    const [answer] = await predictions(networks, [index]);
    if (!section.isConnected) return;
    const right = answer.prediction === answer.label;
    const name = classes()[answer.prediction];
    verdict.textContent = right ? `✓ read as ${name}: right` : `✗ read as ${name}: wrong`;
    verdict.className = `verdict ${right ? "right" : "wrong"}`;
    bars.replaceChildren(...answer.probabilities.map((p, n) => bar(p, n, answer)));
  } catch {
    verdict.textContent = "The network could not be asked. Choose the digit again to retry.";
  }
}

/** @param {string} index */
function markCurrent(index) {
  for (const tile of all(document, "[data-index]", HTMLElement)) {
    tile.toggleAttribute("aria-current", false);
    if (tile.dataset.index === index) tile.setAttribute("aria-current", "true");
  }
}

/**
 * One bar for each label, in the labels' order; the likeliest one has a mark as well.
 * @param {number} probability
 * @param {number} digit
 * @param {Answer} answer
 */
function bar(probability, digit, answer) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const meter = document.createElement("meter");
  const value = document.createElement("span");
  const winner = digit === answer.prediction;
  name.textContent = classes()[digit];
  meter.value = probability;
  meter.setAttribute("aria-label", `Label ${classes()[digit]}`);
  value.textContent = `${(100 * probability).toFixed(1)} %${winner ? " ◂" : ""}`;
  item.classList.toggle("winner", winner);
  item.append(name, meter, value);
  return item;
}

document.addEventListener("change", (event) => {
  if (around(event, "[data-network-picker]")) {
    markTiles();
    judgeChosen();
  }
});

document.addEventListener("htmx:load", (event) => {
  const element = event.detail.elt;
  const has = (/** @type {string} */ selector) => element.matches(selector) || element.querySelector(selector);
  if (has("[data-browser]") || has("[data-network-picker]")) markTiles();
  if (has("[data-chosen]") || has("[data-network-picker]")) judgeChosen();
});

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  all(document, `[data-key="${CSS.escape(event.key)}"]`, HTMLElement)[0]?.click();
});
