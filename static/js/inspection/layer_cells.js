/**
 * A layer at work: a picture with a cell for each of its outputs, brighter for a larger number.
 *
 * Neurons stand row by row; the maps of a convolution are small pictures side by side; in a sequence, a row is a step
 * and a column a neuron. Lengths are whole pixels of the screen, for crisp edges.
 */

import { paletteOf } from "./layer_colours.js";

/** @typedef {import("./layer_colours.js").Scale} Scale */
/**
 * @typedef {object} Layout
 * @property {number} width of the picture @property {number} height
 * @property {number} across width of a cell @property {number} down its height
 * @property {Int32Array} left of each cell @property {Int32Array} top
 * @property {Int32Array} from index of the output that each cell shows
 */

// In CSS pixels.
const LARGEST_CELL = 12; // a side, gap included
const SMALLEST_CELL = 5;
const GAP = 2; // between maps
const LARGEST_MAP = 56; // a side
const MAPS_HEIGHT = 92; // of all maps of a layer, more only where cells of one pixel need it
const STEPS_HEIGHT = 84;

const ROW = 32; // neurons, or more where the layer has too many for ROWS
const ROWS = 8;
const MOST_NEURONS = 1024; // of a layer that are shown
const MOST_MAPS = 32;

/**
 * @param {Omit<Layout, "left" | "top" | "from">} size @param {number} count of cells
 * @param {(cell: number) => number[]} place left, top and output of each @returns {Layout}
 */
function layout(size, count, place) {
  const [left, top, from] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  for (let cell = 0; cell < count; cell++) [left[cell], top[cell], from[cell]] = place(cell);
  return { ...size, left, top, from };
}

/** @param {number[]} shape @param {number} room @param {number} ratio pixels of the screen per CSS pixel */
function neurons([units], room, ratio) {
  const count = Math.min(units, MOST_NEURONS);
  const wanted = Math.max(Math.min(ROW, count), Math.ceil(count / ROWS));
  const columns = Math.max(Math.min(wanted, Math.floor(room / (SMALLEST_CELL * ratio))), 1);
  const cell = Math.max(Math.floor(Math.min(room / columns, LARGEST_CELL * ratio)), 1);
  const side = Math.max(cell - Math.round(ratio), 1); // and a gap
  const size = { width: columns * cell, height: Math.ceil(count / columns) * cell, across: side, down: side };
  return layout(size, count, (i) => [(i % columns) * cell, Math.floor(i / columns) * cell, i]);
}

/** @param {number[]} shape @param {number} room @param {number} ratio */
function maps([rows, columns, channels], room, ratio) {
  const count = Math.min(channels, MOST_MAPS);
  const gap = Math.round(GAP * ratio);
  const fitting = (/** @type {number} */ cell) => Math.max(Math.floor((room + gap) / (columns * cell + gap)), 1);
  const height = (/** @type {number} */ cell) => Math.ceil(count / fitting(cell)) * (rows * cell + gap) - gap;
  let cell = Math.max(Math.floor((LARGEST_MAP * ratio) / Math.max(rows, columns)), 1);
  while (cell > 1 && height(cell) > MAPS_HEIGHT * ratio) cell--;
  const across = Math.ceil(count / Math.ceil(count / fitting(cell))); // rows of the same length
  const [stepX, stepY] = [columns * cell + gap, rows * cell + gap];
  const size = { width: Math.min(across, count) * stepX - gap, height: Math.ceil(count / across) * stepY - gap };
  return layout({ ...size, across: cell, down: cell }, count * rows * columns, (i) => {
    const [map, at] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
    const left = (map % across) * stepX + (at % columns) * cell;
    const top = Math.floor(map / across) * stepY + Math.floor(at / columns) * cell;
    return [left, top, at * channels + map];
  });
}

/** @param {number[]} shape @param {number} room @param {number} ratio */
function steps([length, units], room, ratio) {
  const count = Math.min(units, MOST_NEURONS, Math.floor(room));
  const across = Math.max(Math.floor(Math.min(room / count, LARGEST_CELL * ratio)), 1);
  const down = Math.max(Math.floor(Math.min((STEPS_HEIGHT * ratio) / length, LARGEST_CELL * ratio)), 1);
  return layout({ width: count * across, height: length * down, across, down }, count * length, (i) => {
    const [step, unit] = [Math.floor(i / count), i % count];
    return [unit * across, step * down, step * units + unit];
  });
}

const LAYOUTS = [neurons, steps, maps]; // by the number of a shape's axes

export class LayerCells {
  /** @param {number[]} shape of the outputs shown @param {Scale} scale */
  constructor(shape, scale) {
    this.shape = shape;
    this.scale = scale;
    this.canvas = document.createElement("canvas");
    /** @type {Layout | null} */
    this.layout = null;
    this.room = 0;
  }

  /** How many neurons or maps are shown. */
  get shown() {
    const all = this.shape[this.shape.length - 1];
    if (this.shape.length === 2) return Math.min(all, MOST_NEURONS, Math.floor(this.room) || all);
    return Math.min(all, this.shape.length === 3 ? MOST_MAPS : MOST_NEURONS);
  }

  /**
   * Show the layer's outputs; null leaves the cells empty.
   * @param {Float32Array | null} outputs @param {number} width available, in CSS pixels
   */
  paint(outputs, width) {
    const { left, top, from, across, down } = this.#fit(width);
    const palette = paletteOf(this.canvas, this.scale);
    const shade = outputs ? palette.shading(outputs) : () => palette.blank;
    const { pixels, image } = this;
    if (!pixels || !image) return; // there is no room yet
    const stride = this.canvas.width;
    for (let cell = 0; cell < from.length; cell++) {
      const colour = shade(outputs ? outputs[from[cell]] : 0);
      const start = top[cell] * stride + left[cell];
      for (let row = 0; row < down; row++) {
        const at = start + row * stride;
        for (let column = 0; column < across; column++) pixels[at + column] = colour;
      }
    }
    this.context?.putImageData(image, 0, 0);
  }

  /** Lay the cells out again if the room has changed. @param {number} width @returns {Layout} */
  #fit(width) {
    const ratio = window.devicePixelRatio;
    const room = Math.max(Math.floor(width * ratio), 1);
    if (this.layout && this.room === room) return this.layout;
    this.room = room;
    this.layout = LAYOUTS[this.shape.length - 1](this.shape, room, ratio);
    [this.canvas.width, this.canvas.height] = [this.layout.width, this.layout.height];
    this.canvas.style.width = `${this.layout.width / ratio}px`;
    this.canvas.style.height = `${this.layout.height / ratio}px`;
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.image = new ImageData(this.layout.width, this.layout.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    return this.layout;
  }
}
