/** The paper of a drawing: a canvas that follows mouse, finger or pen, and shows the strokes. */

import { Drawing } from "./drawing.js";

/** @typedef {import("./ink.js").Point} Point */
/** @typedef {import("./ink.js").Stroke} Stroke */

// In sides of the paper.
export const TAP = 0.06; // ink below this size is not enlarged to fill the image
const PEN_WIDTH = 0.05;
const ERASER = 0.05; // radius
const PEN_ERASER_BUTTON = 32; // of PointerEvent.buttons: the other end of some pens

export class Paper {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} changed called when the drawing changed
   * @param {() => void} hovered called when only the eraser's ring moved; the caller paints in its own time
   */
  constructor(canvas, changed, hovered) {
    this.canvas = canvas;
    this.changed = changed;
    this.hovered = hovered;
    this.drawing = new Drawing();
    this.erases = false;
    /** @type {{pointer: number, erases: boolean, at: Point} | null} */
    this.gesture = null;
    /** @type {Point | null} where the mouse hovers */
    this.hover = null;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", (event) => this.#up(event));
    canvas.addEventListener("pointerleave", () => this.#hoverAt(null));
  }

  /** Whether pen or eraser is down. */
  get isBusy() {
    return this.gesture !== null;
  }

  /** Show the strokes as they are, in the canvas's text colour. */
  paint() {
    const { canvas } = this;
    const side = Math.round(canvas.clientWidth * window.devicePixelRatio);
    if (canvas.width !== side || canvas.height !== side) canvas.width = canvas.height = side;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.clearRect(0, 0, side, side);
    context.fillStyle = context.strokeStyle = getComputedStyle(canvas).color;
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = PEN_WIDTH * side;
    for (const stroke of this.drawing.strokes) paintStroke(context, stroke, side);
    const ring = this.gesture?.at ?? this.hover;
    if (ring && (this.gesture?.erases ?? this.erases)) {
      context.lineWidth = 1.5 * window.devicePixelRatio;
      context.beginPath();
      context.arc(ring[0] * side, ring[1] * side, ERASER * side, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** @param {PointerEvent} event @returns {Point} */
  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    // Captured, a pointer may leave the paper; its ink stays at the edge, where one can see it.
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return [Math.min(Math.max(x, 0), 1), Math.min(Math.max(y, 0), 1)];
  }

  /** @param {Point | null} point */
  #hoverAt(point) {
    this.hover = point;
    if (this.erases) this.hovered();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const penEraser = (event.buttons & PEN_ERASER_BUTTON) !== 0;
    if (this.gesture || !event.isPrimary || (event.button !== 0 && !penEraser)) return;
    this.canvas.setPointerCapture(event.pointerId);
    const at = this.#place(event);
    this.gesture = { pointer: event.pointerId, erases: this.erases || penEraser, at };
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
    if (this.gesture?.pointer !== event.pointerId) {
      if (event.pointerType === "mouse") this.#hoverAt(this.#place(event));
      return;
    }
    // A browser reports once a frame; in between lie points that make the curve round.
    const between = event.getCoalescedEvents?.() ?? [];
    for (const step of between.length ? between : [event]) {
      const at = this.#place(step);
      if (this.gesture.erases) this.drawing.erase(this.gesture.at, at, ERASER);
      else this.drawing.extend(at);
      this.gesture.at = at;
    }
    this.changed();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (this.gesture?.pointer !== event.pointerId) return;
    this.gesture = null;
    this.changed();
  }
}

/**
 * One stroke, rounded by curves through the midpoints of its points.
 * @param {CanvasRenderingContext2D} context @param {Stroke} stroke @param {number} side
 */
function paintStroke(context, stroke, side) {
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
