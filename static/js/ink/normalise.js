/**
 * A person's ink as a 28×28 image in MNIST's convention.
 *
 * The twin of `digits/ink/strokes.py`, which says how and why. Both do the same float64 operations in the same order,
 * so that page and server get the same pixels (`tests/digits/ink_vectors.json`).
 */

export const FIELD = 28; // side of the image in pixels
export const BOX = 20; // larger side of the ink in pixels
export const CENTRE = 14; // index of the centre of mass, in both directions
export const PEN = 2.4; // width of the pen in pixels
const CELLS = 16; // cells per side of a pixel: consecutive points in one cell count once
const MOST_POINTS = 4096; // more are thinned evenly
export const MOST_STROKES = 1024; // more are refused
const LARGEST = 1e9; // of a coordinate, without its sign
const SMALLEST = 1e-9; // smaller ink is a dot

/** @typedef {[number, number]} Point x and y, y downwards */
/** @typedef {Point[]} Stroke */

/** Thrown when strokes can't become an image; its message is one line, for people. */
export class InkError extends Error {}

/**
 * Scale strokes to MNIST's 20-pixel box, draw them with a constant pen and centre their mass.
 *
 * A point (x, y) of the strokes lies at (x · scale + offset[0], y · scale + offset[1]) of the image.
 *
 * @param {Stroke[]} strokes in any unit; a stroke of one point is a dot
 * @param {number} [smallest] ink whose larger side is below it is scaled as if it were that large
 * @param {number} [pen] width of the pen in pixels of the image
 * @returns {{pixels: Uint8Array, image: Float32Array, scale: number, offset: Point, box: number[], corner: Point}}
 *   784 pixels, 0 = paper and 255 = ink; the same from 0 to 1; scale and offset; the box of the points (left, top,
 *   right and bottom, in the strokes' unit); and the image's column and row at which the ink starts
 * @throws {InkError} when there is no point, a coordinate is not a finite number of at most ±1e9, or there are more
 *   than 1,024 strokes
 */
export function normalise(strokes, smallest = 0, pen = PEN) {
  const paths = strokes.filter((stroke) => stroke.length > 0);
  const [left, top, right, bottom] = bounds(paths);
  const extent = Math.max(right - left, bottom - top, smallest);
  const scale = extent > SMALLEST ? (BOX - pen) / extent : 0;

  // The edge of the ink, pen included, is put at 0.
  const scaled = paths.map((path) =>
    path.map(([x, y]) => /** @type {Point} */ ([(x - left) * scale + pen / 2, (y - top) * scale + pen / 2])),
  );
  const raster = rasterised(thinned(scaled), pen);
  const across = new Float64Array(BOX);
  const down = new Float64Array(BOX);
  raster.forEach((value, i) => {
    across[i % BOX] += value;
    down[Math.floor(i / BOX)] += value;
  });
  const column = place(across);
  const row = place(down);
  const pixels = new Uint8Array(FIELD * FIELD);
  raster.forEach((value, i) => {
    if (value) pixels[(row + Math.floor(i / BOX)) * FIELD + column + (i % BOX)] = value;
  });
  const image = Float32Array.from(pixels, (value) => value / 255);
  /** @type {Point} */
  const offset = [pen / 2 - left * scale + column, pen / 2 - top * scale + row];
  return { pixels, image, scale, offset, box: [left, top, right, bottom], corner: [column, row] };
}

/** @param {Stroke[]} paths @returns {[number, number, number, number]} left, top, right and bottom */
function bounds(paths) {
  if (!paths.length) throw new InkError("There is no ink: draw something first.");
  if (paths.length > MOST_STROKES) {
    throw new InkError(`A drawing has at most ${MOST_STROKES} strokes; this one has ${paths.length}.`);
  }
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const path of paths) {
    for (const [x, y] of path) {
      if (!(Math.abs(x) <= LARGEST && Math.abs(y) <= LARGEST)) {
        throw new InkError("Each coordinate of a stroke must be a finite number of at most ±1e9.");
      }
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x);
      bottom = Math.max(bottom, y);
    }
  }
  return [left, top, right, bottom];
}

/** The paths without points that make no difference; the ends of each stay. @param {Stroke[]} paths */
function thinned(paths) {
  const seen = paths.map((path) => path.filter((_, i) => i === path.length - 1 || moves(path, i)));
  const step = Math.ceil(seen.reduce((total, path) => total + path.length, 0) / MOST_POINTS);
  return seen.map((path) => path.filter((_, i) => i % step === 0 || i === path.length - 1));
}

/** Whether a point is the first, or in another cell than the one before it. @param {Stroke} path @param {number} i */
function moves(path, i) {
  if (i === 0) return true;
  const [[beforeX, beforeY], [x, y]] = [path[i - 1], path[i]];
  return (
    Math.floor(x * CELLS) !== Math.floor(beforeX * CELLS) || Math.floor(y * CELLS) !== Math.floor(beforeY * CELLS)
  );
}

/**
 * How much of each of the 20×20 pixels the pen covers: (pen + 1 pixel) / 2 minus the distance, 0 to 255.
 * @param {Stroke[]} paths @param {number} pen @returns {Uint8Array}
 */
function rasterised(paths, pen) {
  const reach = pen / 2 + 0.5;
  const nearest = new Float64Array(BOX * BOX).fill(Infinity); // squared distances
  for (const path of paths) {
    for (let i = Math.min(1, path.length - 1); i < path.length; i++) {
      approach(nearest, path[Math.max(i - 1, 0)], path[i], reach);
    }
  }
  return Uint8Array.from(nearest, (squared) => {
    const coverage = Math.min(Math.max(reach - Math.sqrt(squared), 0), 1);
    return Math.floor(coverage * 255 + 0.5);
  });
}

/**
 * Update the squared distances of the pixels within reach of the line from one point to the next.
 * @param {Float64Array} nearest @param {Point} start @param {Point} end @param {number} reach
 */
function approach(nearest, [x, y], [endX, endY], reach) {
  const dx = endX - x;
  const dy = endY - y;
  const length = dx * dx + dy * dy || 1;
  const lastColumn = Math.min(Math.max(x, endX) + reach, BOX);
  const lastRow = Math.min(Math.max(y, endY) + reach, BOX);
  for (let row = Math.max(Math.floor(Math.min(y, endY) - reach), 0); row < lastRow; row++) {
    for (let column = Math.max(Math.floor(Math.min(x, endX) - reach), 0); column < lastColumn; column++) {
      const px = column + 0.5 - x;
      const py = row + 0.5 - y;
      const along = Math.min(Math.max((px * dx + py * dy) / length, 0), 1);
      const ex = px - along * dx;
      const ey = py - along * dy;
      const squared = ex * ex + ey * ey;
      if (squared < nearest[row * BOX + column]) nearest[row * BOX + column] = squared;
    }
  }
}

/**
 * Where the raster starts in the image along one axis, given the ink in each of its 20 columns or rows.
 * @param {Float64Array} mass @returns {number}
 */
function place(mass) {
  let [moment, total, size] = [0, 0, 0];
  mass.forEach((ink, i) => {
    moment += ink * i;
    total += ink;
    if (ink) size = i + 1;
  });
  return Math.min(Math.max(Math.floor(CENTRE - moment / total + 0.5), 0), FIELD - size);
}
