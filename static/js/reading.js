/** What a network makes of a drawing, shown: its image, its layers at work, ten bars and one answer in words. */

import { LEGENDS, paintCells, scaleOf } from "./layer_cells.js";

/** @typedef {import("./network.js").Network} Network */

const SIDE = 28; // pixels of the image
const CLOSE = 0.2; // of the first two probabilities: nearer to one another, the network is not sure

/** @param {number} probability @returns {string} such as "98.3 %" */
function percent(probability) {
  return `${(100 * probability).toFixed(1)}\u00a0%`;
}

/**
 * The answer in words.
 * @param {Float32Array} probabilities of the ten digits
 * @returns {{digit: number, second: number, sure: boolean, mark: string, says: string, detail: string}}
 */
export function verdict(probabilities) {
  const [first, second] = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const [most, next] = [probabilities[first], probabilities[second]];
  if (most - next < CLOSE) {
    const detail = `${percent(most)} and ${percent(next)}`;
    return { digit: first, second, sure: false, mark: "?", says: `Not sure: ${first} or ${second}`, detail };
  }
  const says = `Looks like ${first === 8 ? "an" : "a"} ${first}`;
  return { digit: first, second, sure: true, mark: String(first), says, detail: percent(most) };
}

/** The parts of a pad that show a reading. */
export class Reading {
  /** @param {HTMLElement} pad */
  constructor(pad) {
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (pad.querySelector(`[data-pad-${name}]`));
    this.image = /** @type {HTMLCanvasElement} */ (part("image"));
    this.layers = part("layers");
    this.legend = part("legend");
    this.words = { mark: part("digit"), says: part("says"), detail: part("detail") };
    this.bars = [.../** @type {NodeListOf<HTMLElement>} */ (pad.querySelectorAll("[data-pad-bar]"))].map((row) => ({
      row,
      fill: /** @type {HTMLElement} */ (row.querySelector("[data-pad-fill]")),
      percent: /** @type {HTMLElement} */ (row.querySelector("[data-pad-percent]")),
    }));
    /** @type {{activation: string, units: number, canvas: HTMLCanvasElement, active: HTMLElement}[]} */
    this.hidden = [];
  }

  /** Make room for the hidden layers of a network. @param {Network} network */
  introduce(network) {
    this.hidden = network.layers.slice(0, -1).map(({ activation, units }) => ({
      activation,
      units,
      canvas: document.createElement("canvas"),
      active: document.createElement("span"),
    }));
    const figures = this.hidden.map(({ canvas, active }, i) => {
      const figure = document.createElement("figure");
      const caption = document.createElement("figcaption");
      caption.append(`Hidden layer ${i + 1}`, active);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `The neurons of hidden layer ${i + 1}`);
      figure.append(caption, canvas);
      return figure;
    });
    this.layers.replaceChildren(...figures);
    const scales = new Set(this.hidden.map(({ activation }) => scaleOf(activation)));
    this.legend.textContent = [...scales].map((scale) => LEGENDS[scale]).join(" ");
  }

  /** @param {Uint8Array} pixels 784, 0 = paper; shown white on black, as in MNIST */
  paintImage(pixels) {
    const shown = new ImageData(SIDE, SIDE);
    pixels.forEach((value, i) => shown.data.set([value, value, value, 255], 4 * i));
    /** @type {CanvasRenderingContext2D} */ (this.image.getContext("2d")).putImageData(shown, 0, 0);
  }

  /** Light up the hidden layers. @param {Float32Array[]} outputs of all layers; none leaves the cells empty */
  paintLayers(outputs) {
    this.hidden.forEach(({ activation, units, canvas, active }, i) => {
      const layer = outputs.length ? outputs[i] : null;
      paintCells(canvas, units, activation, layer);
      const counts = layer && activation === "relu";
      active.textContent = counts ? `${layer.filter((output) => output > 0).length} of ${units} active` : `${units} neurons`;
    });
  }

  /** @param {Float32Array | null} probabilities of the ten digits; null leaves the bars blank */
  paintBars(probabilities) {
    const answer = probabilities && verdict(probabilities);
    this.bars.forEach(({ row, fill, percent: text }, digit) => {
      row.classList.toggle("winner", digit === answer?.digit && answer.sure);
      row.classList.toggle("rival", !answer?.sure && (digit === answer?.digit || digit === answer?.second));
      fill.style.width = probabilities ? `${100 * probabilities[digit]}%` : "0";
      text.textContent = probabilities ? percent(probabilities[digit]) : "–";
    });
  }

  /** @param {string} mark one character @param {string} says @param {string} detail */
  say(mark, says, detail) {
    this.words.mark.textContent = mark;
    this.words.says.textContent = says;
    this.words.detail.textContent = detail;
  }
}
