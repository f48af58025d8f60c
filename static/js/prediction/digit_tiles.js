/** Answers about several digits: a tile for each (templates/digits/draw/_answer.html), and the number they form. */

import { paintImage } from "../canvas/image.js";
import { find } from "../page/dom.js";

/** @typedef {import("./batch_reader.js").Answer} Answer */

/** Whether the network is sure of an answer. @param {Answer} answer */
export const isSure = ({ answer }) => Boolean(answer?.sure);

/** The digit, marked where the network isn't sure. @param {Answer} answer @returns {string} such as "7" or "7?" */
export function marked({ answer }) {
  if (!answer) return "?";
  return answer.sure ? answer.mark : `${answer.digit ?? ""}?`;
}

/** Digits as one number, one element for each. @param {Answer[]} answers @returns {HTMLElement[]} */
export function figures(answers) {
  return answers.map((answer) => {
    const figure = document.createElement("span");
    figure.textContent = marked(answer);
    figure.classList.toggle("unsure", !isSure(answer));
    return figure;
  });
}

/** The number for a screen reader. @param {Answer[]} answers @returns {string} */
export function spoken(answers) {
  const unsure = answers.flatMap((answer, i) => (isSure(answer) ? [] : [`${i + 1}`]));
  const number = answers.map(({ answer }) => answer?.digit ?? "?").join("");
  return unsure.length ? `${number}; not sure of digit ${unsure.join(", ")}` : number;
}

/** Fill a tile. @param {Element} tile @param {Answer} answer */
export function showAnswer(tile, { pixels, answer }) {
  const part = (/** @type {string} */ name) => find(tile, `[data-answer-${name}]`, HTMLElement);
  paintImage(find(tile, "[data-answer-image]", HTMLCanvasElement), pixels);
  tile.classList.toggle("unsure", !answer?.sure);
  part("mark").textContent = marked({ pixels, answer });
  part("says").textContent = answer?.sure ? "" : (answer?.says ?? "No answer");
  part("detail").textContent = answer?.detail ?? "";
}
