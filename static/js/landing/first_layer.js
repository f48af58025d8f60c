/** On the landing page: the weights of some neurons of the pad's network, as pictures. */

import { channels } from "../inspection/layer_colours.js";
import { all } from "../page/dom.js";
import { colour } from "../page/theme_watch.js";
import { load } from "../network/load.js";
import { Network } from "../network/network.js";

const PIXELS = 784;
const SHOWN = 8;

/**
 * @param {Float32Array} weights one for each pixel
 * @returns {HTMLCanvasElement}
 */
function picture(weights) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 28;
  const [negative, zero, positive] = ["negative", "zero", "positive"].map((name) => channels(colour(name)));
  const limit = Math.max(...weights.map(Math.abs)) || 1;
  const image = new ImageData(28, 28);
  weights.forEach((weight, i) => {
    const far = weight < 0 ? negative : positive;
    const share = Math.abs(weight) / limit;
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = zero[c] + share * (far[c] - zero[c]);
    image.data[4 * i + 3] = 255;
  });
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}

/** @param {HTMLElement} element */
async function show(element) {
  const network = Network.fromBytes(await load(element.dataset.weights ?? ""));
  const { weight, units } = network.layers[0];
  if (!weight) throw new TypeError("The first layer has no weights.");
  const strength = (/** @type {number} */ unit) => {
    let sum = 0;
    for (let i = unit; i < weight.length; i += units) sum += weight[i] ** 2;
    return sum;
  };
  const strongest = [...Array(units).keys()].sort((a, b) => strength(b) - strength(a)).slice(0, SHOWN);
  element.replaceChildren(
    ...strongest.map((unit) => picture(Float32Array.from({ length: PIXELS }, (_, i) => weight[i * units + unit]))),
  );
}

for (const element of all(document, "[data-weights]", HTMLElement)) {
  show(element).catch(() => element.closest(".card")?.remove());
}
