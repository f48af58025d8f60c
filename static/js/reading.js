/** What a network makes of a drawing, shown: its image, its layers at work, ten bars and one answer in words. */

import { LayerFigures } from "./layer_figures.js";

const SIDE = 28; // pixels of the image
const CLOSE = 0.2; // of the first two probabilities: nearer to one another, the network is not sure
// What looks less like a digit than all but these shares of real digits is doubted, or taken for none.
const DOUBTFUL = 0.01;
const STRANGE = 0.002;

/** @param {number} probability @returns {string} such as "98.3 %" */
function percent(probability) {
  return `${(100 * probability).toFixed(1)}\u00a0%`;
}

/**
 * The answer in words.
 * @param {Float32Array} probabilities of the ten digits
 * @param {number | null} [familiarity] the share of real digits that look less like digits, where that is known
 * @returns {{digit: number | null, second: number, sure: boolean, mark: string, says: string, detail: string}}
 *   whose digit is null for what is none
 */
export function verdict(probabilities, familiarity = null) {
  const [first, second] = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const [most, next] = [probabilities[first], probabilities[second]];
  if (familiarity !== null && familiarity < STRANGE) {
    const detail = `998 of 1,000 digits look more like one; nearest: ${first}`;
    return { digit: null, second, sure: false, mark: "–", says: "No digit, it seems", detail };
  }
  if (familiarity !== null && familiarity < DOUBTFUL && most - next >= CLOSE) {
    const detail = `${percent(most)}, but 99 of 100 digits look more like one`;
    return { digit: first, second: first, sure: false, mark: "?", says: `Not sure: perhaps ${first}`, detail };
  }
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

  /** @param {import("./network.js").Prediction | null} prediction null leaves the bars blank */
  paintBars(prediction) {
    const probabilities = prediction?.probabilities;
    const answer = probabilities && verdict(probabilities, prediction.familiarity);
    this.bars.forEach(({ row, fill, percent: text }, digit) => {
      row.classList.toggle("winner", digit === answer?.digit && answer.sure);
      const isRival = !answer?.sure && answer?.digit !== null && (digit === answer?.digit || digit === answer?.second);
      row.classList.toggle("rival", isRival);
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
