/** What a network makes of a drawing, shown: its image, its layers at work, ten bars and one answer in words. */

import { LayerFigures } from "./layer_figures.js";
import { percent, verdict } from "./verdict.js";

export { verdict };

const SIDE = 28; // pixels of the image

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
