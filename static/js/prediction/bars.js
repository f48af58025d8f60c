/** Ten probabilities shown as bars (templates/digits/draw/_bars.html). */

import { all, find } from "../page/dom.js";
import { percent, verdict } from "./verdict.js";

export class Bars {
  /** @param {ParentNode} place that contains the ten rows */
  constructor(place) {
    this.bars = all(place, "[data-pad-bar]", HTMLElement).map((row) => ({
      row,
      fill: find(row, "[data-pad-fill]", HTMLElement),
      percent: find(row, "[data-pad-percent]", HTMLElement),
    }));
  }

  /**
   * @param {ArrayLike<number> | null} probabilities of the ten digits; null leaves the bars blank
   * @param {number | null} [familiarity] the share of real digits that look less like digits, where it is known
   */
  paint(probabilities, familiarity) {
    const answer = probabilities && verdict(probabilities, familiarity);
    this.bars.forEach(({ row, fill, percent: text }, digit) => {
      row.classList.toggle("winner", digit === answer?.digit && answer.sure);
      const isRival = !answer?.sure && answer?.digit !== null && (digit === answer?.digit || digit === answer?.second);
      row.classList.toggle("rival", isRival);
      fill.style.transform = `scaleX(${probabilities ? probabilities[digit] : 0})`;
      const says = probabilities ? percent(probabilities[digit]) : "–";
      if (text.textContent !== says) /** @type {Text} */ (text.firstChild).data = says;
    });
  }
}
