/** A reading, shown: the image, the layers at work, ten bars and one answer in words. */

import { paintImage } from "../canvas/image.js";
import { LayerFigures } from "../inspection/layer_figures.js";
import { find } from "../page/dom.js";
import { Bars } from "../prediction/bars.js";

/** The parts of a pad that show a reading. */
export class ReadingPanel {
  /** @param {HTMLElement} pad */
  constructor(pad) {
    const part = (/** @type {string} */ name) => find(pad, `[data-pad-${name}]`, HTMLElement);
    this.image = find(pad, "[data-pad-image]", HTMLCanvasElement);
    this.figures = new LayerFigures(part("layers"), part("legend"));
    /** @type {Record<string, HTMLElement>} */
    this.words = { mark: part("digit"), says: part("says"), detail: part("detail") };
    this.bars = new Bars(pad);
  }

  /** @param {Uint8Array} pixels 784 */
  paintImage(pixels) {
    paintImage(this.image, pixels);
  }

  /**
   * @param {string} mark one character @param {string} says @param {string} detail
   * @returns {boolean} whether any of them changed
   */
  say(mark, says, detail) {
    const { words } = this;
    const news = Object.entries({ mark, says, detail }).filter(([name, text]) => words[name].textContent !== text);
    for (const [name, text] of news) words[name].textContent = text;
    return news.length > 0;
  }
}
