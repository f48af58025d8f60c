/** The layers of a network at work: a picture with a caption for each layer that is shown, and the legend. */

import { LayerCells } from "./layer_cells.js";
import { LEGENDS, scaleOf } from "./layer_colours.js";

/** @typedef {import("./layer_colours.js").Scale} Scale */
/** @typedef {import("../network/network.js").Layer} Layer */
/** @typedef {import("../network/network.js").Prediction} Prediction */
/**
 * @typedef {object} Shown
 * @property {Layer} layer @property {Scale} scale
 * @property {number} at position of the layer whose outputs are shown: this one, or a normalisation or activation after
 */

/** @type {Record<string, string>} name of each type of layer that is shown */
const LABELS = {
  dense: "Dense",
  conv2d: "Convolution",
  max_pooling: "Max pooling",
  average_pooling: "Average pooling",
  simple_rnn: "Simple RNN",
  gru: "GRU",
  lstm: "LSTM",
};
const NUMBER = new Intl.NumberFormat("en");
const BENDS = new Set(["batch_normalization", "activation"]);
// By the number of axes of the outputs.
const SUBJECTS = [
  "Each cell is a neuron",
  "Rows are steps, from the top of the image to its bottom, and columns neurons",
  "Each small picture is what one filter found",
];

/** @param {Layer} layer @returns {number[]} shape of the outputs shown */
function shapeOf({ gives, states, reads }) {
  return states ? [reads[0], gives[gives.length - 1]] : gives;
}

/**
 * The sizes from the image to the answer, such as "784 → 160 → 64 → 10".
 * @param {Layer[]} layers @returns {string}
 */
export function sizes(layers) {
  const image = layers[0].type === "dense" ? "784" : "28×28";
  const written = [image, ...layers.map(({ gives }) => gives.join("×"))];
  return written.filter((size, i) => size !== written[i - 1]).join("\u00a0→ ");
}

/** @param {Layer[]} layers @returns {Shown[]} layers to show between image and answer */
function toSee(layers) {
  /** @type {Shown[]} */
  const shown = [];
  /** @type {Scale} */
  let scale = "light"; // of the image
  layers.slice(0, -1).forEach((layer, at) => {
    scale = scaleOf(layer, scale);
    const last = shown[shown.length - 1];
    if (layer.type in LABELS) shown.push({ layer, scale, at });
    else if (BENDS.has(layer.type) && last && `${shapeOf(last.layer)}` === `${layer.gives}`) {
      Object.assign(last, { scale, at });
    }
  });
  return shown;
}

/** @param {Shown[]} shown @returns {string[]} a name for each, numbered where there are several of a type */
function names(shown) {
  const label = (/** @type {Shown} */ { layer }) =>
    shown.every((one) => one.layer.type === "dense") ? "Hidden layer" : LABELS[layer.type];
  const labels = shown.map(label);
  return labels.map((name, i) => {
    const before = labels.slice(0, i).filter((other) => other === name).length;
    const isAlone = labels.indexOf(name) === labels.lastIndexOf(name) && name !== "Hidden layer";
    return isAlone ? name : `${name} ${before + 1}`;
  });
}

/** One layer's picture and the words above it. */
class LayerFigure {
  /** @param {Shown} shown @param {string} name @param {boolean} counts whether neurons above 0 are counted */
  constructor({ layer, scale, at }, name, counts) {
    this.at = at;
    this.counts = counts;
    this.isRecurrent = layer.states !== undefined;
    this.cells = new LayerCells(shapeOf(layer), scale);
    this.cells.canvas.setAttribute("role", "img");
    this.cells.canvas.setAttribute("aria-label", `${name} at work`);
    this.size = document.createElement("span");
    const caption = document.createElement("figcaption");
    caption.append(name, this.size);
    this.element = document.createElement("figure");
    this.element.append(caption, this.cells.canvas);
  }

  /** @param {Prediction | null} prediction @param {number} width */
  paint(prediction, width) {
    this.cells.paint(this.#outputs(prediction), width);
  }

  /** @param {Prediction | null} prediction */
  say(prediction) {
    const text = this.#measure(this.#outputs(prediction));
    if (this.size.textContent !== text) this.size.textContent = text;
  }

  /** @param {Prediction | null} prediction */
  #outputs(prediction) {
    return (prediction && (this.isRecurrent ? prediction.states : prediction.layers)[this.at]) ?? null;
  }

  /** @param {Float32Array | null} outputs */
  #measure(outputs) {
    const { shape, shown } = this.cells;
    const [all, axes] = [shape[shape.length - 1], shape.length];
    const part = shown < all ? `${NUMBER.format(shown)} of ${NUMBER.format(all)}` : NUMBER.format(all);
    if (axes === 3) return `${part} maps of ${shape[0]}×${shape[1]}`;
    if (axes === 2) return `${shape[0]} steps, ${part} neurons`;
    if (!outputs || !this.counts) return `${part} neurons`;
    const active = outputs.reduce((sum, output) => sum + (output > 0 ? 1 : 0), 0);
    const text = `${NUMBER.format(active)} of ${NUMBER.format(all)} active`;
    return shown < all ? `${text}, ${NUMBER.format(shown)} shown` : text;
  }
}

export class LayerFigures {
  /** @param {HTMLElement} place for the figures @param {HTMLElement} legend */
  constructor(place, legend) {
    this.place = place;
    this.legend = legend;
    /** @type {LayerFigure[]} */
    this.figures = [];
    this.width = place.clientWidth;
    new ResizeObserver(() => (this.width = place.clientWidth)).observe(place);
  }

  /** Make room for the layers of a network. @param {Layer[]} layers */
  introduce(layers) {
    const shown = toSee(layers);
    const titles = names(shown);
    this.figures = shown.map((one, i) => new LayerFigure(one, titles[i], layers[one.at].activation === "relu"));
    this.place.replaceChildren(...this.figures.map(({ element }) => element));
    const subjects = new Set(shown.map(({ layer }) => SUBJECTS[shapeOf(layer).length - 1]));
    const scales = new Set(shown.map(({ scale }) => scale));
    this.legend.textContent = shown.length ? legend([...subjects], [...scales]) : "";
  }

  /** Light up the layers. @param {Prediction | null} prediction null leaves the cells empty */
  paint(prediction) {
    for (const figure of this.figures) figure.paint(prediction, this.width);
    // Afterwards: pictures need the page's style, which the browser computes again after a change of words.
    for (const figure of this.figures) figure.say(prediction);
  }
}

/** @param {string[]} subjects @param {Scale[]} scales */
function legend(subjects, scales) {
  const both = `${LEGENDS.light}; where numbers can be negative, ${LEGENDS.signed}`;
  const colours = scales.length > 1 ? both : LEGENDS[scales[0]];
  if (subjects.length === 1) return `${subjects[0]}: ${colours}.`;
  return `${subjects.join(". ")}. ${colours[0].toUpperCase()}${colours.slice(1)}.`;
}
