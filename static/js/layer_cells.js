/** A layer at work: a canvas with one cell for each of its neurons, brighter the more the neuron puts out. */

const ROW = 32; // cells, while the layer fits into ROWS of them
const ROWS = 8;
const LARGEST_CELL = 12; // CSS pixels a side, gap included
const NEVER_NEGATIVE = new Set(["relu", "sigmoid"]);

export const LEGENDS = {
  light: "Each cell is a neuron: black 0, white the strongest of its layer.",
  signed: "Each cell is a neuron: orange negative, grey 0, blue positive, up to the strongest of its layer.",
};

/** @param {string} activation @returns {"light" | "signed"} how its outputs are coloured */
export function scaleOf(activation) {
  return NEVER_NEGATIVE.has(activation) ? "light" : "signed";
}

/**
 * Paint the outputs of a layer; null leaves the cells empty.
 * @param {HTMLCanvasElement} canvas as wide as there is room; its height follows
 * @param {number} units @param {string} activation @param {Float32Array | null} outputs
 */
export function paintCells(canvas, units, activation, outputs) {
  const columns = Math.max(Math.min(ROW, units), Math.ceil(units / ROWS));
  const room = /** @type {HTMLElement} */ (canvas.parentElement).clientWidth;
  const cell = Math.min(room / columns, LARGEST_CELL);
  const gap = cell > 4 ? 1 : 0;
  const ratio = window.devicePixelRatio;
  const size = [columns * cell, Math.ceil(units / columns) * cell];
  const [width, height] = size.map((length) => Math.round(length * ratio));
  if (canvas.width !== width || canvas.height !== height) {
    [canvas.width, canvas.height] = [width, height];
    [canvas.style.width, canvas.style.height] = size.map((length) => `${length}px`);
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.clearRect(0, 0, width, height);
  const colour = colours(canvas, activation, outputs);
  for (let unit = 0; unit < units; unit++) {
    // Edges on whole pixels of the screen keep the cells crisp.
    const left = Math.round((unit % columns) * cell * ratio);
    const top = Math.round(Math.floor(unit / columns) * cell * ratio);
    const side = Math.max(Math.floor((cell - gap) * ratio), 1);
    context.fillStyle = colour(unit);
    context.fillRect(left, top, side, side);
  }
}

/**
 * @param {Element} element whose theme counts @param {string} activation @param {Float32Array | null} outputs
 * @returns {(unit: number) => string} the colour of each cell
 */
function colours(element, activation, outputs) {
  const style = getComputedStyle(element);
  const token = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  if (!outputs) {
    const blank = token("--line");
    return () => blank;
  }
  const strongest = outputs.reduce((most, output) => Math.max(most, Math.abs(output)), 0) || 1;
  if (scaleOf(activation) === "light") {
    return (unit) => {
      const level = Math.round((255 * outputs[unit]) / strongest);
      return `rgb(${level} ${level} ${level})`;
    };
  }
  const [negative, zero, positive] = ["--negative", "--zero", "--positive"].map(token);
  return (unit) => {
    const share = (100 * outputs[unit]) / strongest;
    return `color-mix(in srgb, ${share < 0 ? negative : positive} ${Math.abs(share)}%, ${zero})`;
  };
}
