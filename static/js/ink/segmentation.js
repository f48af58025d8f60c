/**
 * The strokes of a number, separated into digits.
 *
 * Strokes above each other belong together: a 7 and its bar, a 1 and its foot. So do two consecutive strokes that are
 * near and complete each other, as the two of a 4, or a 5 and its flag: two digits would each be whole. Digits may
 * stand at different heights, and their columns may overlap a little. Digits written over each other, and several in
 * one stroke, can't be separated in this way: they count as one.
 */

import { dense } from "./drawing.js";
import { InkError, MOST_STROKES } from "./normalise.js";

/** @typedef {import("./normalise.js").Stroke} Stroke */
/** @typedef {{left: number, right: number, top: number, bottom: number}} Box */
/** @typedef {Box & {strokes: Stroke[], last: number}} Segment strokes of one digit in the order in which they were
 *   drawn, the box of all, and the place of the last among all strokes */

const ABOVE = 0.5; // overlap, as a share of the narrower's width, from which strokes lie above each other
const NARROWEST = 0.1; // heights: least width of a stroke when overlaps are measured
const NEAR = 0.25; // heights: widest gap between the columns of one digit's strokes
const STEP = 0.04; // of the larger side: from one point to the next when distances are measured
const POINTS = 128; // most points of a segment when distances are measured

/**
 * @param {Stroke[]} strokes in any unit, y downwards
 * @returns {Segment[]} from left to right; none when nothing is drawn
 * @throws {InkError} when there are more than 1,024 strokes
 */
export function segmented(strokes) {
  if (strokes.length > MOST_STROKES) {
    throw new InkError(`A drawing has at most ${MOST_STROKES} strokes; this one has ${strokes.length}.`);
  }
  /** @type {Segment[]} */
  let segments = [];
  strokes.forEach((stroke, i) => {
    if (stroke.length) segments = withAllAbove(segments, { ...boxOf(stroke), strokes: [stroke], last: i });
  });
  segments.sort((a, b) => a.last - b.last);
  for (let i = 1; i < segments.length; i++) {
    // The next segment may complete the two together.
    if (complete(segments[i - 1], segments[i])) segments.splice(--i, 2, joined(segments[i], segments[i + 1]));
  }
  return segments.sort((a, b) => a.left + a.right - b.left - b.right);
}

/**
 * The segments and one more, joined with those that lie above or below it.
 * @param {Segment[]} segments @param {Segment} added
 */
function withAllAbove(segments, added) {
  const above = segments.filter((segment) => areAbove(segment, added));
  return [...segments.filter((segment) => !above.includes(segment)), [...above, added].reduce(joined)];
}

/** @param {Box} a @param {Box} b */
function areAbove(a, b) {
  const narrowest = NARROWEST * height(union(a, b));
  const [one, other] = [a, b].map((box) => widened(box, narrowest));
  return -gap(one, other) >= ABOVE * Math.min(width(one), width(other));
}

/** @param {Box} box @param {number} least width @returns {Box} */
function widened(box, least) {
  const more = Math.max(least - width(box), 0) / 2;
  return { ...box, left: box.left - more, right: box.right + more };
}

/**
 * Whether two consecutive segments look like parts of one digit. The weights come from a logistic regression on pairs
 * in numbers composed of the digits of 24 writers. It is measured on other writers.
 * @param {Segment} a @param {Segment} b
 */
function complete(a, b) {
  const both = union(a, b);
  const whole = height(both);
  if (!whole || gap(a, b) > NEAR * whole) return false;
  const [left, right] = a.left + a.right < b.left + b.right ? [a, b] : [b, a];
  const score =
    14 * (whole / Math.max(height(a), height(b), whole / 10)) - // one reaches further up or down than the other
    13.5 * (Math.min(height(a), height(b)) / whole) - // one is low
    22 * (distance(a, b, STEP * Math.max(whole, width(both))) / whole) -
    6 * (width(both) / whole) +
    6 * ((right.top - left.top) / whole) - // as in a 4
    3;
  return score > 0;
}

/** @param {Segment} a @param {Segment} b @returns {Segment} */
function joined(a, b) {
  const [first, second] = a.last < b.last ? [a, b] : [b, a];
  return { ...union(a, b), strokes: [...first.strokes, ...second.strokes], last: second.last };
}

/**
 * About the least distance between two segments.
 * @param {Segment} a @param {Segment} b @param {number} step between the points on their strokes that are compared
 */
function distance(a, b, step) {
  const [some, others] = [a, b].map(({ strokes }) => thinned(strokes.flatMap((stroke) => dense(stroke, step))));
  let least = Infinity;
  for (const [x, y] of some) {
    for (const [otherX, otherY] of others) least = Math.min(least, Math.hypot(x - otherX, y - otherY));
  }
  return least;
}

/** @param {Stroke} points */
function thinned(points) {
  const step = Math.ceil(points.length / POINTS);
  return points.filter((_, i) => i % step === 0);
}

/** @param {Stroke} stroke @returns {Box} */
function boxOf(stroke) {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const [x, y] of stroke) {
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

/** @param {Box} a @param {Box} b @returns {Box} */
function union(a, b) {
  const [left, right] = [Math.min(a.left, b.left), Math.max(a.right, b.right)];
  return { left, right, top: Math.min(a.top, b.top), bottom: Math.max(a.bottom, b.bottom) };
}

/** Gap between the columns of two boxes; negative when they overlap. @param {Box} a @param {Box} b */
const gap = (a, b) => Math.max(a.left, b.left) - Math.min(a.right, b.right);
/** @param {Box} box */
const width = ({ left, right }) => right - left;
/** @param {Box} box */
const height = ({ top, bottom }) => bottom - top;
