/** The browser of datasets: the chosen network goes through the images shown, and marks what it reads wrongly. */

const picker = () => document.querySelector("[data-network-picker]");
const browser = () => document.querySelector("[data-browser]");
/** @returns {string[]} the name of each label */
const classes = () => browser().dataset.classes.split(",");
/** Clothes and letters are nothing that the starter network has ever seen. */
const canRead = () => !picker().value.startsWith("starter") || classes().join("") === "0123456789";

/**
 * @param {string[]} indices
 * @returns {Promise<{index: number, label: number, prediction: number, probabilities: number[]}[]>}
 */
async function predictions(indices) {
  const url = new URL(picker().selectedOptions[0].dataset.predictions, location.href);
  url.searchParams.set("dataset", browser().dataset.dataset);
  url.searchParams.set("split", browser().dataset.split);
  for (const index of indices) url.searchParams.append("index", index);
  const response = await fetch(url);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()).predictions;
}

async function markTiles() {
  const tiles = [...document.querySelectorAll("[data-index]")];
  if (!tiles.length || !picker()) return;
  if (!canRead()) {
    for (const tile of tiles) tile.querySelector(".mark")?.remove();
    document.querySelector("[data-score]").textContent = "";
    return;
  }
  const answers = await predictions(tiles.map((tile) => tile.dataset.index));
  if (!tiles[0].isConnected) return; // another page or dataset has come meanwhile
  const right = answers.filter((answer) => answer.prediction === answer.label).length;
  document.querySelector("[data-score]").textContent = `· ${right} of ${answers.length} read rightly`;
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
  if (!section || !picker()) return;
  const verdict = section.querySelector("[data-verdict]");
  markCurrent(section.dataset.chosen);
  if (!canRead()) {
    verdict.textContent = "The starter network reads digits only. Choose one that you trained on these images.";
    verdict.className = "muted";
    section.querySelector("[data-bars]").replaceChildren();
    return;
  }
  try {
    const [answer] = await predictions([section.dataset.chosen]);
    if (!section.isConnected) return;
    const right = answer.prediction === answer.label;
    const name = classes()[answer.prediction];
    verdict.textContent = right ? `✓ read as ${name}: right` : `✗ read as ${name}: wrong`;
    verdict.className = `verdict ${right ? "right" : "wrong"}`;
    section.querySelector("[data-bars]").replaceChildren(...answer.probabilities.map((p, n) => bar(p, n, answer)));
  } catch {
    verdict.textContent = "The network could not be asked. Choose the digit again to retry.";
  }
}

/** @param {string} index */
function markCurrent(index) {
  for (const tile of document.querySelectorAll("[data-index]")) {
    tile.toggleAttribute("aria-current", false);
    if (tile.dataset.index === index) tile.setAttribute("aria-current", "true");
  }
}

/** One of ten bars, in the labels' order; the winner is named by a mark as well. */
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
  if (event.target.matches("[data-network-picker]")) {
    markTiles();
    judgeChosen();
  }
});

document.addEventListener("htmx:load", (event) => {
  const element = event.detail.elt;
  const has = (selector) => element.matches(selector) || element.querySelector(selector);
  if (has("[data-browser]") || has("[data-network-picker]")) markTiles();
  if (has("[data-chosen]") || has("[data-network-picker]")) judgeChosen();
});

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
});
