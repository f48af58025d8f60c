/**
 * The wide paper: reads a number while it is drawn, digit by digit.
 *
 * Hooked by `data-number` (templates/digits/draw/_number.html). It uses the network of the pad on the same page.
 */

import { Paper } from "../canvas/paper.js";
import { Tools } from "../canvas/tools.js";
import { TAP } from "../ink/drawing.js";
import { InkError, normalise } from "../ink/normalise.js";
import { segmented } from "../ink/segmentation.js";
import { Announcement } from "../page/announcement.js";
import { all, find } from "../page/dom.js";
import { watchTheme } from "../page/theme_watch.js";
import { BatchReader } from "../prediction/batch_reader.js";
import { figures, isSure, marked, showAnswer, spoken } from "../prediction/digit_tiles.js";

/** @typedef {import("../prediction/batch_reader.js").Answer} Answer */
/** @typedef {import("../ink/segmentation.js").Segment} Segment */

const MOST_DIGITS = 20;
const ROOM = 0.04; // sides of the paper between ink and its box: the pen is 0.05 wide
const LABEL = 18; // font size of the reading at a box, in CSS pixels
const EMPTY = { says: "Ready to read", detail: "Leave a little room between the digits." };

class NumberPad {
  /** @param {HTMLElement} element @param {HTMLElement} pad whose network reads */
  constructor(element, pad) {
    this.element = element;
    this.paper = new Paper(
      find(element, "[data-number-canvas]", HTMLCanvasElement),
      () => this.#schedule(true),
      () => this.#schedule(false),
    );
    this.tools = new Tools(element, this.paper, () => this.#jump());
    this.reader = new BatchReader(pad, () => this.#schedule(true));
    /** @type {Segment[]} the digits that were read */
    this.segments = [];
    /** @type {Answer[]} one for each segment */
    this.answers = [];
    this.stale = true; // whether drawing or network changed since the last reading
    this.frame = 0;
    this.announcement = new Announcement(() => this.#part("status"));
    this.#part("retry").addEventListener("click", () => this.reader.reload());
    const repaint = () => this.#schedule(false);
    new ResizeObserver(repaint).observe(this.paper.canvas);
    watchTheme(repaint);
    this.#schedule(true);
  }

  /** @param {string} name */
  #part(name) {
    return find(this.element, `[data-number-${name}]`, HTMLElement);
  }

  /** The whole drawing changed: answers about the old one are not wanted. */
  #jump() {
    this.reader.forget();
    this.#schedule(true);
  }

  /** Paint in the next frame. @param {boolean} stale whether to read the drawing again */
  #schedule(stale) {
    this.stale ||= stale;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (this.stale) this.#read();
      this.#paint();
    });
  }

  #read() {
    this.stale = false;
    const { drawing } = this.paper;
    if (drawing.isEmpty) {
      this.reader.forget();
      return this.#show([], [], EMPTY);
    }
    try {
      const segments = segmented(drawing.strokes);
      if (segments.length > MOST_DIGITS) {
        throw new InkError(`A number has at most ${MOST_DIGITS} digits here; this one has ${segments.length}.`);
      }
      const images = segments.map(({ strokes }) => normalise(strokes, TAP).pixels);
      this.reader.read(images, (answers) => {
        this.#show(segments, answers);
        this.#schedule(false);
      });
      if (this.reader.state.says) this.#show([], [], this.reader.state);
    } catch (error) {
      if (!(error instanceof InkError)) throw error;
      this.reader.forget();
      this.#show([], [], { says: "Too much ink", detail: error.message });
    }
  }

  /**
   * @param {Segment[]} segments @param {Answer[]} answers
   * @param {import("../prediction/batch_reader.js").Words} [words] shown when there are no answers
   */
  #show(segments, answers, words) {
    this.segments = segments;
    this.answers = answers;
    const unsure = answers.filter((answer) => !isSure(answer)).length;
    const detail = unsure ? `Not sure of ${unsure} of ${answers.length}` : `Sure of every digit`;
    this.#part("says").replaceChildren(...(words ? [words.says] : figures(answers)));
    this.#part("says").classList.toggle("words", Boolean(words));
    this.#part("detail").textContent = words?.detail ?? detail;
    this.#part("retry").hidden = !this.reader.canRetry;
    const list = this.#part("answers");
    const template = find(this.element, "[data-number-answer]", HTMLTemplateElement);
    while (list.children.length > answers.length) list.lastElementChild?.remove();
    while (list.children.length < answers.length) list.append(template.content.cloneNode(true));
    answers.forEach((answer, i) => showAnswer(list.children[i], answer));
    this.announcement.say(words ? `${words.says}, ${words.detail}` : spoken(answers));
  }

  #paint() {
    this.paper.paint();
    this.tools.paint();
    this.#part("hint").hidden = !this.paper.drawing.isEmpty;
    this.#paintBoxes();
  }

  /** A thin box around each digit, dashed where the network isn't sure; the reading is below, else above, it. */
  #paintBoxes() {
    const { canvas, side } = this.paper;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const pixel = window.devicePixelRatio;
    const colours = getComputedStyle(this.element);
    context.strokeStyle = colours.getPropertyValue("--muted");
    context.fillStyle = colours.color;
    context.lineWidth = pixel;
    context.font = `600 ${LABEL * pixel}px ${colours.fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "top";
    this.segments.forEach((segment, i) => {
      const [left, top, right, bottom] = [
        segment.left - ROOM,
        segment.top - ROOM,
        segment.right + ROOM,
        segment.bottom + ROOM,
      ].map((length) => Math.round(length * side * pixel) + 0.5 * pixel);
      context.setLineDash(isSure(this.answers[i]) ? [] : [5 * pixel, 4 * pixel]);
      context.strokeRect(left, top, right - left, bottom - top);
      const below = bottom + (LABEL + 4) * pixel <= canvas.height;
      const y = below ? bottom + 4 * pixel : Math.max(top - (LABEL + 2) * pixel, 2 * pixel);
      context.fillText(marked(this.answers[i]), (left + right) / 2, y);
    });
    context.setLineDash([]);
  }
}

for (const element of all(document, "[data-number]", HTMLElement)) {
  new NumberPad(element, find(document, "[data-pad]", HTMLElement));
}
