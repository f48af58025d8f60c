/** What a network makes of a drawing, shown: its image, its layers at work, ten bars and one answer in words. */

import { LayerFigures } from "./layer_figures.js";

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
    this.figures = new LayerFigures(part("layers"), part("legend"));
    this.words = { mark: part("digit"), says: part("says"), detail: part("detail") };
    this.bars = [.../** @type {NodeListOf<HTMLElement>} */ (pad.querySelectorAll("[data-pad-bar]"))].map((row) => ({
      row,
      fill: /** @type {HTMLElement} */ (row.querySelector("[data-pad-fill]")),
      percent: /** @type {HTMLElement} */ (row.querySelector("[data-pad-percent]")),
    }));
  }

  /** @param {Uint8Array} pixels 784, 0 = paper; shown white on black, as in MNIST */
  paintImage(pixels) {
    const shown = new ImageData(SIDE, SIDE);
    pixels.forEach((value, i) => shown.data.set([value, value, value, 255], 4 * i));
    /** @type {CanvasRenderingContext2D} */ (this.image.getContext("2d")).putImageData(shown, 0, 0);
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
