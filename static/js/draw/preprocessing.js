/**
 * From a drawing to the 28×28 pixels that a network sees: five pictures (templates/digits/draw/_preprocessing.html).
 *
 * Each shows a step of `ink/normalise.js`. They are played once, each step growing out of the one before; after that
 * they follow the drawing.
 */

import { PEN_WIDTH, paintStroke } from "../canvas/paper.js";
import { TAP } from "../ink/drawing.js";
import { BOX, CENTRE, FIELD, InkError, PEN, normalise } from "../ink/normalise.js";
import { all, find } from "../page/dom.js";
import { watchTheme } from "../page/theme_watch.js";

/** @typedef {import("../ink/normalise.js").Point} Point */
/** @typedef {import("../ink/normalise.js").Stroke} Stroke */
/** @typedef {(at: Point) => Point} Place from sides of the paper to pixels of the image */
/**
 * @typedef {object} Way from the ink to the image; lengths in pixels of the image, 28 of which are the paper's side
 * @property {Stroke[]} strokes in sides of the paper
 * @property {Uint8Array} pixels 784
 * @property {number} scale from sides of the paper to pixels
 * @property {[number, number, number, number]} box of the ink on the paper: left, top, right and bottom
 * @property {[number, number, number, number]} frame that the box becomes, in the middle of the image
 * @property {Point} before place of the ink's edge then, in whole pixels
 * @property {Point} shift that then brings the centre of mass to the middle
 * @property {Point} mass centre of mass after the shift
 * @property {string[]} says a sentence for each picture
 */

const LASTS = 600; // milliseconds per picture

/** @param {number} from @param {number} to @param {number} t */
const between = (from, to, t) => from + (to - from) * t;

/** @param {number} count @param {string} one @param {string} [many] */
const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** @param {Stroke[]} strokes in sides of the paper @returns {Way | null} null when nothing is drawn */
function wayOf(strokes) {
  if (!strokes.length) return null;
  const { pixels, scale, box, corner } = normalise(strokes, TAP);
  const [left, top, right, bottom] = box.map((side) => side * FIELD);
  const [width, height] = [(box[2] - box[0]) * scale + PEN, (box[3] - box[1]) * scale + PEN];
  /** @type {Point} */
  const before = [Math.round((FIELD - width) / 2), Math.round((FIELD - height) / 2)];
  /** @type {Point} */
  const shift = [corner[0] - before[0], corner[1] - before[1]];
  const edge = ((PEN / 2) * FIELD) / scale; // of the pen, were it as wide on the paper as in the image
  return {
    ...{ strokes, pixels, scale, before, shift, mass: massOf(pixels) },
    box: [left - edge, top - edge, right + edge, bottom + edge],
    frame: [before[0], before[1], before[0] + width, before[1] + height],
    says: sentences(strokes, box, Math.max(width, height) >= BOX - 0.01, shift),
  };
}

/** @param {Uint8Array} pixels @returns {Point} */
function massOf(pixels) {
  let [x, y, total] = [0, 0, 0];
  pixels.forEach((ink, i) => {
    x += ink * (i % FIELD);
    y += ink * Math.floor(i / FIELD);
    total += ink;
  });
  return [x / total + 0.5, y / total + 0.5]; // a pixel's index is half a pixel before its middle
}

/**
 * @param {Stroke[]} strokes @param {number[]} box @param {boolean} isEnlarged
 * @param {Point} shift @returns {string[]}
 */
function sentences(strokes, [left, top, right, bottom], isEnlarged, [x, y]) {
  const points = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  const share = (/** @type {number} */ side) => `${Math.round(100 * side)}\u00a0%`;
  const moves = [
    x && `${counted(Math.abs(x), "pixel")} ${x < 0 ? "left" : "right"}`,
    y && `${counted(Math.abs(y), "pixel")} ${y < 0 ? "up" : "down"}`,
  ].filter(Boolean);
  return [
    `${counted(strokes.length, "stroke")} as you drew, kept as ${counted(points, "point")}.`,
    `${share(right - left)} of the paper wide, ${share(bottom - top)} high. Where and how large no longer counts.`,
    isEnlarged
      ? `The longer side becomes ${BOX} pixels, and the pen always ${PEN} wide.`
      : "So small that it stays small: a dot is not blown up.",
    `The centre of mass moves ${moves.length ? moves.join(" and ") : "nowhere: it is there already"}.`,
    `${FIELD} × ${FIELD} pixels from black to white.`,
  ];
}

/** A canvas that takes lengths in pixels of the image. */
class Picture {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.unit = 1;
  }

  /** Begin with empty paper. */
  clear() {
    const side = Math.round(this.canvas.clientWidth * window.devicePixelRatio);
    if (this.canvas.width !== side || this.canvas.height !== side) this.canvas.width = this.canvas.height = side;
    this.unit = side / FIELD;
    this.context.globalAlpha = 1;
    this.context.clearRect(0, 0, side, side);
    this.context.lineCap = this.context.lineJoin = "round";
    this.colour = getComputedStyle(this.canvas).color;
  }

  /** @param {Stroke[]} strokes @param {Place} place @param {number} pen @param {string} [colour] */
  ink(strokes, place, pen, colour = this.colour) {
    this.context.fillStyle = this.context.strokeStyle = colour ?? "";
    this.context.lineWidth = pen * this.unit;
    for (const stroke of strokes) paintStroke(this.context, stroke.map(place), this.unit);
  }

  /** @param {[number, number, number, number]} box @param {string} token of the colour @param {number} alpha */
  frame([left, top, right, bottom], token, alpha) {
    this.#pen(token, alpha, [4, 3]);
    const { context, unit } = this;
    context.strokeRect(left * unit, top * unit, (right - left) * unit, (bottom - top) * unit);
    this.#done();
  }

  /** @param {Point} from @param {Point} to */
  arrow([x, y], [endX, endY]) {
    const { context, unit } = this;
    this.#pen("--negative", 1, []);
    context.fillStyle = context.strokeStyle;
    context.lineWidth *= 1.5;
    context.beginPath();
    context.moveTo(x * unit, y * unit);
    context.lineTo(endX * unit, endY * unit);
    context.stroke();
    context.beginPath();
    context.arc(endX * unit, endY * unit, 3 * window.devicePixelRatio, 0, 2 * Math.PI);
    context.fill();
    this.#done();
  }

  /** The middle, as a cross. */
  middle() {
    const { context, unit } = this;
    const [at, arm] = [(CENTRE + 0.5) * unit, 2 * unit];
    this.#pen("--muted", 1, []);
    context.beginPath();
    context.moveTo(at - arm, at);
    context.lineTo(at + arm, at);
    context.moveTo(at, at - arm);
    context.lineTo(at, at + arm);
    context.stroke();
    this.#done();
  }

  /** @param {Uint8Array} pixels @param {number} alpha */
  pixels(pixels, alpha) {
    const { context, unit } = this;
    context.globalAlpha = alpha;
    pixels.forEach((ink, i) => {
      const [left, top] = [i % FIELD, Math.floor(i / FIELD)].map((at) => Math.round(at * unit));
      const [right, bottom] = [(i % FIELD) + 1, Math.floor(i / FIELD) + 1].map((at) => Math.round(at * unit));
      context.fillStyle = `rgb(${ink} ${ink} ${ink})`;
      context.fillRect(left, top, right - left, bottom - top);
    });
    this.#done();
  }

  /** @param {string} token @param {number} alpha @param {number[]} dash */
  #pen(token, alpha, dash) {
    const ratio = window.devicePixelRatio;
    this.context.strokeStyle = getComputedStyle(this.canvas).getPropertyValue(token).trim();
    this.context.globalAlpha = alpha;
    this.context.lineWidth = 1.5 * ratio;
    this.context.setLineDash(dash.map((length) => length * ratio));
  }

  #done() {
    this.context.setLineDash([]);
    this.context.globalAlpha = 1;
  }
}

/** @type {Place} */
const onPaper = ([x, y]) => [x * FIELD, y * FIELD];

/** @param {Way} way @param {number} t how far from the paper to the frame, 0 to 1 @returns {Place} */
function towardsFrame({ box, frame }, t) {
  const [left, top, right, bottom] = box.map((side, i) => between(side, frame[i], t));
  const [across, down] = [(right - left) / (box[2] - box[0]), (bottom - top) / (box[3] - box[1])];
  return ([x, y]) => [left + (x * FIELD - box[0]) * across, top + (y * FIELD - box[1]) * down];
}

/** @param {Way} way @param {number} t how far to the middle, 0 to 1 @returns {Place} */
function towardsMiddle(way, t) {
  const inFrame = towardsFrame(way, 1);
  return (at) => {
    const [x, y] = inFrame(at);
    return [x + t * way.shift[0], y + t * way.shift[1]];
  };
}

/** The part of the strokes that is drawn at time t. @param {Stroke[]} strokes @param {number} t */
function drawnAt(strokes, t) {
  let left = Math.ceil(t * strokes.reduce((sum, stroke) => sum + stroke.length, 0));
  const drawn = strokes.map((stroke) => {
    const part = stroke.slice(0, Math.max(left, 0));
    left -= stroke.length;
    return part;
  });
  return drawn.filter((stroke) => stroke.length);
}

/**
 * Paint each picture at time t, from 0, where the one before ends, to 1.
 * @type {((picture: Picture, way: Way, t: number) => void)[]}
 */
const PAINTERS = [
  (picture, way, t) => picture.ink(drawnAt(way.strokes, t), onPaper, PEN_WIDTH * FIELD),
  (picture, way, t) => {
    const sheet = [0, 0, FIELD, FIELD];
    picture.ink(way.strokes, onPaper, PEN_WIDTH * FIELD);
    const [left, top, right, bottom] = way.box.map((side, i) => between(sheet[i], side, t));
    picture.frame([left, top, right, bottom], "--positive", 1);
  },
  (picture, way, t) => {
    const [left, top, right, bottom] = way.box.map((side, i) => between(side, way.frame[i], t));
    picture.ink(way.strokes, towardsFrame(way, t), between(PEN_WIDTH * FIELD, PEN, t));
    picture.frame([left, top, right, bottom], "--positive", 1);
  },
  (picture, way, t) => {
    const [x, y] = way.mass;
    picture.ink(way.strokes, towardsMiddle(way, t), PEN);
    picture.middle();
    const start = /** @type {Point} */ ([x - way.shift[0], y - way.shift[1]]);
    picture.arrow(start, [between(start[0], x, t), between(start[1], y, t)]);
  },
  (picture, way, t) => {
    if (t < 1) picture.ink(way.strokes, towardsMiddle(way, 1), PEN);
    picture.pixels(way.pixels, t);
  },
];

/** The panel, the button that opens it, and the one that plays it. */
class Preprocessing {
  /** @param {HTMLElement} pad */
  constructor(pad) {
    this.panel = find(pad, "[data-steps]", HTMLElement);
    this.toggle = find(pad, "[data-steps-toggle]", HTMLElement);
    this.button = find(pad, "[data-steps-play]", HTMLElement);
    this.pictures = all(pad, "[data-steps-picture]", HTMLCanvasElement).map((canvas) => new Picture(canvas));
    this.sentences = all(pad, "[data-steps-says]", HTMLElement).map((element) => ({
      element,
      says: element.textContent ?? "",
    }));
    /** @type {Stroke[]} */
    this.strokes = [];
    /** @type {Way | null} */
    this.way = null;
    /** @type {number | null} time at which the playing began */
    this.since = null;
    this.wasPlayed = false;
    this.frame = 0;
    this.#listen(pad);
  }

  /** @param {HTMLElement} pad */
  #listen(pad) {
    pad.addEventListener("pad:prediction", (event) => this.#follow(event.detail));
    this.toggle.addEventListener("click", () => this.#open(Boolean(this.panel.hidden)));
    this.button.addEventListener("click", () => (this.since === null ? this.#play() : this.#skip()));
    this.panel.addEventListener("click", ({ target }) => {
      if (target instanceof Node && !this.button.contains(target)) this.#skip();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.since === null) return;
      event.preventDefault();
      this.#skip();
    });
    new ResizeObserver(() => this.#schedule()).observe(this.panel);
    watchTheme(() => this.#schedule());
  }

  /** @param {import("./pad.js").PadPrediction} detail */
  #follow({ strokes, finished }) {
    this.strokes = strokes;
    if (this.panel.hidden) return;
    if (!finished || !strokes.length) this.#skip();
    if (this.since !== null) return;
    if (finished && strokes.length && !this.wasPlayed) return this.#play();
    this.#schedule();
  }

  /** @param {boolean} open */
  #open(open) {
    this.panel.hidden = !open;
    this.toggle.setAttribute("aria-expanded", String(open));
    this.#skip();
    if (!open) return;
    this.panel.scrollIntoView({ block: "nearest" });
    if (this.strokes.length && !this.wasPlayed) this.#play();
    else this.#schedule();
  }

  #play() {
    this.wasPlayed = true;
    this.#look();
    if (this.way && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.since = performance.now();
    this.#schedule();
  }

  #skip() {
    this.since = null;
    this.#schedule();
  }

  /** Take the drawing as it is now. */
  #look() {
    try {
      this.way = wayOf(this.strokes);
    } catch (error) {
      if (!(error instanceof InkError)) throw error;
      this.way = null;
    }
  }

  #schedule() {
    if (!this.panel.hidden) this.frame ||= requestAnimationFrame((now) => this.#paint(now));
  }

  /** @param {number} now */
  #paint(now) {
    this.frame = 0;
    const time = this.since === null ? Infinity : Math.max(now - this.since, 0) / LASTS;
    if (this.since === null) this.#look();
    else if (time >= PAINTERS.length) this.since = null;
    this.pictures.forEach((picture, i) => {
      picture.clear();
      const t = Math.min(time - i, 1);
      if (this.way && t >= 0) PAINTERS[i](picture, this.way, t * t * (3 - 2 * t));
    });
    this.sentences.forEach(({ element, says }, i) => (element.textContent = this.way?.says[i] ?? says));
    this.button.textContent = this.since === null ? "Play again" : "Skip";
    this.button.setAttribute("aria-disabled", String(!this.way));
    if (this.since !== null) this.#schedule();
  }
}

for (const pad of all(document, "[data-pad]", HTMLElement)) new Preprocessing(pad);
