/** The colours of a layer's outputs. */

/** @typedef {"light" | "signed"} Scale light for outputs that are never negative */

const STEPS = 255; // shades between 0 and the strongest
const NEVER_NEGATIVE = new Set(["relu", "sigmoid", "softmax"]);

/** @type {Record<Scale, string>} */
export const LEGENDS = {
  light: "black 0, white the strongest of its layer",
  signed: "orange negative, grey 0, blue positive, up to the strongest of its layer",
};

/**
 * @param {import("../network/network.js").Layer} layer @param {Scale} reads of its inputs
 * @returns {Scale} of its outputs
 */
export function scaleOf(layer, reads) {
  if (layer.activation) return NEVER_NEGATIVE.has(layer.activation) ? "light" : "signed";
  return layer.type === "batch_normalization" || layer.states ? "signed" : reads;
}

/** @param {string} hex such as "#f59322" @returns {number[]} red, green and blue, 0 to 255 */
export function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** The colours of one scale in one theme, each as one number, as an image's memory holds a pixel. */
class Palette {
  /** @param {string} blank @param {string} low @param {string} zero @param {string} high */
  constructor(blank, low, zero, high) {
    this.blank = new Uint32Array(Uint8ClampedArray.of(...channels(blank), 255).buffer)[0];
    const [least, middle, most] = [low, zero, high].map(channels);
    const shades = new Uint8ClampedArray(4 * (2 * STEPS + 1));
    for (let step = -STEPS; step <= STEPS; step++) {
      const far = step < 0 ? least : most;
      const share = Math.abs(step) / STEPS;
      const shade = middle.map((value, i) => value + share * (far[i] - value));
      shades.set([...shade, 255], 4 * (step + STEPS));
    }
    this.shades = new Uint32Array(shades.buffer); // from the lowest over 0 to the highest
  }

  /**
   * @param {Float32Array} outputs of a layer, the strongest of which gets the last shade
   * @returns {(output: number) => number} the shade of an output
   */
  shading(outputs) {
    let strongest = 0;
    for (let i = 0; i < outputs.length; i++) strongest = Math.max(strongest, Math.abs(outputs[i]));
    const factor = STEPS / (strongest || 1);
    return (output) => this.shades[Math.round(output * factor) + STEPS];
  }
}

/** @type {Map<string, Palette>} */
const palettes = new Map();

/** @param {Element} element in the theme @param {Scale} scale @returns {Palette} */
export function paletteOf(element, scale) {
  const style = getComputedStyle(element);
  const token = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const blank = token("--line");
  const ends = scale === "light" ? ["#000000", "#000000", "#ffffff"] : ["--negative", "--zero", "--positive"].map(token);
  const key = [blank, ...ends].join();
  const palette = palettes.get(key) ?? new Palette(blank, ends[0], ends[1], ends[2]);
  palettes.set(key, palette);
  return palette;
}
