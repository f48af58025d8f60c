/**
 * A drawing as strokes, to be extended, erased in parts, cleared and undone.
 *
 * Points are [x, y] in sides of the paper, from 0 at the left or top to 1.
 */

/** @typedef {import("./normalise.js").Point} Point */
/** @typedef {import("./normalise.js").Stroke} Stroke */

export const TAP = 0.06; // sides of the paper: ink below this size is not enlarged to fill the image
const DENSITY = 0.01; // sides of the paper between points, before an eraser can take single ones

export class Drawing {
  constructor() {
    /** @type {Stroke[]} */
    this.strokes = [];
    /** @type {Stroke[][]} earlier states for undoing, newest last */
    this.past = [];
    /** @type {Stroke[] | null} state before erasing, until the eraser hits something */
    this.untouched = null;
  }

  get isEmpty() {
    return !this.strokes.length;
  }

  get canUndo() {
    return this.past.length > 0;
  }

  /** Put the pen down. @param {Point} point */
  begin(point) {
    this.past.push(this.strokes);
    this.strokes = [...this.strokes, [point]];
  }

  /** Move the pen that is down. @param {Point} point */
  extend(point) {
    const stroke = this.strokes[this.strokes.length - 1];
    const [x, y] = stroke[stroke.length - 1];
    if (x !== point[0] || y !== point[1]) stroke.push(point);
  }

  /** Put the eraser down: one undo restores all that it erases until it is put down again. */
  beginErasing() {
    this.untouched = this.strokes;
  }

  /**
   * Erase all points within a radius of the eraser's way.
   * @param {Point} from @param {Point} to @param {number} radius
   */
  erase(from, to, radius) {
    const near = (/** @type {Point} */ point) => distance(point, from, to) <= radius;
    const left = this.strokes.flatMap((stroke) => {
      const points = dense(stroke, DENSITY);
      return points.some(near) ? runs(points, (point) => !near(point)) : [stroke];
    });
    if (left.length === this.strokes.length && left.every((stroke, i) => stroke === this.strokes[i])) return;
    if (this.untouched) this.past.push(this.untouched);
    this.untouched = null;
    this.strokes = left;
  }

  /** Replace the strokes. @param {Stroke[]} strokes */
  put(strokes) {
    this.past.push(this.strokes);
    this.strokes = strokes;
  }

  clear() {
    if (!this.isEmpty) this.put([]);
  }

  undo() {
    this.strokes = this.past.pop() ?? this.strokes;
  }
}

/**
 * The stroke with points added where two lie far apart.
 * @param {Stroke} stroke @param {number} step between them, at most
 * @returns {Stroke}
 */
export function dense(stroke, step) {
  return stroke.flatMap((end, i) => {
    const start = stroke[Math.max(i - 1, 0)];
    const pieces = Math.max(Math.ceil(Math.hypot(end[0] - start[0], end[1] - start[1]) / step), 1);
    return Array.from({ length: pieces }, (_, piece) => {
      const along = (piece + 1) / pieces;
      return /** @type {Point} */ ([start[0] + along * (end[0] - start[0]), start[1] + along * (end[1] - start[1])]);
    });
  });
}

/**
 * The strokes with rounded coordinates, which are shorter to send.
 * @param {Stroke[]} strokes @param {number} steps per side of the paper
 * @returns {Stroke[]}
 */
export function rounded(strokes, steps) {
  return strokes.map((stroke) => {
    return stroke.map(([x, y]) => [Math.round(x * steps) / steps, Math.round(y * steps) / steps]);
  });
}

/** The longest parts of a stroke with points that all stay. @param {Stroke} stroke @param {(at: Point) => boolean} stays */
function runs(stroke, stays) {
  /** @type {Stroke[]} */
  const parts = [];
  stroke.forEach((point, i) => {
    if (!stays(point)) return;
    if (i > 0 && stays(stroke[i - 1])) parts[parts.length - 1].push(point);
    else parts.push([point]);
  });
  return parts;
}

/** How far a point is from the line between two others. @param {Point} point @param {Point} start @param {Point} end */
function distance([x, y], [startX, startY], [endX, endY]) {
  const [dx, dy] = [endX - startX, endY - startY];
  const length = dx * dx + dy * dy || 1;
  const along = Math.min(Math.max(((x - startX) * dx + (y - startY) * dy) / length, 0), 1);
  return Math.hypot(x - startX - along * dx, y - startY - along * dy);
}
