/**
 * The paper of a drawing: a canvas that follows mouse, finger or pen, and shows the strokes.
 *
 * The unit of length is the side of the paper: the height, where the paper is wider than high.
 */

import { Drawing } from "../ink/drawing.js";

/** @typedef {import("../ink/normalise.js").Point} Point */
/** @typedef {import("../ink/normalise.js").Stroke} Stroke */

// In sides of the paper.
export const PEN_WIDTH = 0.05; // width
const ERASER = 0.05; // radius
const PEN_ERASER_BUTTON = 32; // of PointerEvent.buttons: the other end of some pens
const PALM = 2000; // milliseconds after the last event of a pen in which a touch is the hand that holds it

export class Paper {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} changed called when the drawing changed
   * @param {() => void} repaint called when the same drawing looks different; the caller paints in its own time
   */
  constructor(canvas, changed, repaint) {
    this.canvas = canvas;
    this.changed = changed;
    this.repaint = repaint;
    this.drawing = new Drawing();
    this.erases = false;
    /** @type {{pointer: number, type: string, erases: boolean, at: Point, depth: number} | null} */
    this.gesture = null;
    this.penSeen = -Infinity; // time stamp of a pen's last event
    this.box = new DOMRect(); // of the canvas, in CSS pixels of the window
    /** @type {Point | null} where the mouse hovers */
    this.hover = null;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", (event) => this.#cancel(event));
    canvas.addEventListener("lostpointercapture", (event) => this.#up(event));
    canvas.addEventListener("pointerleave", () => this.#hoverAt(null));
    // A finger held still would select text around the canvas, or bring up a magnifier or a menu.
    canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    canvas.addEventListener("contextmenu", (event) => this.gesture && event.preventDefault());
    this.#watchResolution();
  }

  /** Whether pen or eraser is down. */
  get isBusy() {
    return this.gesture !== null;
  }

  /** A side in CSS pixels: less than the height where the paper has become too narrow for its ink. */
  get side() {
    return this.#sideOf(this.canvas.getBoundingClientRect());
  }

  /** @param {DOMRect} box of the canvas */
  #sideOf({ width, height }) {
    let right = 0;
    for (const [x] of this.drawing.strokes.flat()) right = Math.max(right, x);
    return right * height > width ? width / right : height;
  }

  /** Paint the strokes in the canvas's text colour. */
  paint() {
    const { canvas } = this;
    // The size on the screen, after zoom and scale. It stays during a stroke, and measuring takes time.
    if (!this.gesture) this.box = canvas.getBoundingClientRect();
    const { box } = this;
    const width = Math.round(box.width * devicePixelRatio) || 1;
    const height = Math.round(box.height * devicePixelRatio) || 1;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const side = this.#sideOf(box) * devicePixelRatio;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.clearRect(0, 0, width, height);
    context.fillStyle = context.strokeStyle = getComputedStyle(canvas).color;
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = PEN_WIDTH * side;
    for (const stroke of this.drawing.strokes) paintStroke(context, stroke, side);
    const ring = this.gesture?.at ?? this.hover;
    if (ring && (this.gesture?.erases ?? this.erases)) {
      context.lineWidth = 1.5 * devicePixelRatio;
      context.beginPath();
      context.arc(ring[0] * side, ring[1] * side, ERASER * side, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** Paint again when the size of a pixel changes: with another screen, or another zoom of the page. */
  #watchResolution() {
    const resolution = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const changed = () => {
      this.repaint();
      this.#watchResolution();
    };
    resolution.addEventListener("change", changed, { once: true });
  }

  /** @param {PointerEvent} event @param {DOMRect} box of the canvas @returns {Point} */
  #place(event, box = this.canvas.getBoundingClientRect()) {
    const side = this.#sideOf(box);
    // A captured pointer may leave the paper; its ink stays at the edge, where it is visible.
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return [Math.min(Math.max(x, 0), box.width) / side, Math.min(Math.max(y, 0), box.height) / side];
  }

  /** @param {Point | null} point */
  #hoverAt(point) {
    this.hover = point;
    if (this.erases) this.repaint();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.#see(event);
    const penEraser = (event.buttons & PEN_ERASER_BUTTON) !== 0;
    if (!event.isPrimary || (event.button !== 0 && !penEraser) || this.#isPalm(event)) return;
    // The hand often touches the paper before its pen does.
    if (event.pointerType === "pen" && this.gesture?.type === "touch") this.#takeBack();
    if (this.gesture) return;
    this.canvas.setPointerCapture(event.pointerId);
    const [at, type] = [this.#place(event), event.pointerType];
    const depth = this.drawing.past.length;
    this.gesture = { pointer: event.pointerId, type, erases: this.erases || penEraser, at, depth };
    if (this.gesture.erases) {
      this.drawing.beginErasing();
      this.drawing.erase(at, at, ERASER);
    } else {
      this.drawing.begin(at);
    }
    this.changed();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    this.#see(event);
    if (this.gesture?.pointer !== event.pointerId) {
      if (event.pointerType === "mouse") this.#hoverAt(this.#place(event));
      return;
    }
    // A browser sends one event per frame; the points in between make the curve round.
    const between = event.getCoalescedEvents?.() ?? [];
    const box = this.canvas.getBoundingClientRect();
    for (const step of between.length ? between : [event]) {
      const at = this.#place(step, box);
      if (this.gesture.erases) this.drawing.erase(this.gesture.at, at, ERASER);
      else this.drawing.extend(at);
      this.gesture.at = at;
    }
    this.changed();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    this.#see(event);
    if (this.gesture?.pointer !== event.pointerId) return;
    this.gesture = null;
    this.changed();
  }

  /** A touch that the system cancels is no drawing, but a palm or a gesture of the system's own. */
  #cancel(/** @type {PointerEvent} */ event) {
    if (this.gesture?.pointer === event.pointerId && event.pointerType === "touch") this.#takeBack();
    this.#up(event);
  }

  /** Undo the current gesture and all that it drew. */
  #takeBack() {
    while (this.gesture && this.drawing.past.length > this.gesture.depth) this.drawing.undo();
    this.gesture = null;
    this.changed();
  }

  /** @param {PointerEvent} event */
  #see({ pointerType, timeStamp }) {
    if (pointerType === "pen") this.penSeen = timeStamp;
  }

  /** Whether it is a touch while a pen is in use. @param {PointerEvent} event */
  #isPalm({ pointerType, timeStamp }) {
    return pointerType === "touch" && timeStamp - this.penSeen < PALM;
  }
}

/**
 * One stroke, rounded by curves through the midpoints of its points.
 * @param {CanvasRenderingContext2D} context @param {Stroke} stroke @param {number} side
 */
export function paintStroke(context, stroke, side) {
  const points = stroke.map(([x, y]) => [x * side, y * side]);
  const last = points[points.length - 1];
  context.beginPath();
  if (points.every(([x, y]) => x === last[0] && y === last[1])) {
    context.arc(last[0], last[1], context.lineWidth / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  context.moveTo(points[0][0], points[0][1]);
  for (let i = 1; i < points.length - 1; i++) {
    const [[x, y], [nextX, nextY]] = [points[i], points[i + 1]];
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  context.lineTo(last[0], last[1]);
  context.stroke();
}
