/** What a network makes of a drawing, shown: its image, its layers at work, ten bars and one answer in words. */

import { Bars } from "../prediction/bars.js";
import { LayerFigures } from "../inspection/layer_figures.js";

const SIDE = 28; // pixels of the image

/** The parts of a pad that show a reading. */
export class Reading {
  /** @param {HTMLElement} pad */
  constructor(pad) {
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (pad.querySelector(`[data-pad-${name}]`));
    this.image = /** @type {HTMLCanvasElement} */ (part("image"));
    this.figures = new LayerFigures(part("layers"), part("legend"));
    /** @type {Record<string, HTMLElement>} */
    this.words = { mark: part("digit"), says: part("says"), detail: part("detail") };
    this.bars = new Bars(pad);
  }

  /** @param {Uint8Array} pixels 784, 0 = paper; shown white on black, as in MNIST */
  paintImage(pixels) {
    const shown = new ImageData(SIDE, SIDE);
    pixels.forEach((value, i) => shown.data.set([value, value, value, 255], 4 * i));
    /** @type {CanvasRenderingContext2D} */ (this.image.getContext("2d")).putImageData(shown, 0, 0);
  }

  /**
   * @param {string} mark one character @param {string} says @param {string} detail
   * @returns {boolean} whether that is news
   */
  say(mark, says, detail) {
    const { words } = this;
    const news = Object.entries({ mark, says, detail }).filter(([name, text]) => words[name].textContent !== text);
    for (const [name, text] of news) words[name].textContent = text;
    return news.length > 0;
  }
}
