/** An image as the network sees it: white ink on black, as in MNIST. */

import { FIELD } from "../ink/normalise.js";

/** @param {HTMLCanvasElement} canvas of as many pixels @param {Uint8Array} pixels 784, 0 = paper and 255 = ink */
export function paintImage(canvas, pixels) {
  const image = new ImageData(FIELD, FIELD);
  pixels.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}
