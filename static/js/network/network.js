/**
 * A trained network in the page: read from a safetensors file of this application, it recognises digits.
 *
 * A file holds `0.weight`, `0.bias`, `1.weight` … and, in its metadata, the architecture: a JSON list of layers spelt
 * as in Keras. Layers and tensors are those of training/ml/nn/network.py.
 */

import { familiarityBy } from "./calibration.js";
import { DAMAGED, NetworkError } from "./error.js";
import { opened } from "./file.js";
import { layerOf, sizeOf } from "./layers.js";

export { NetworkError };

const IMAGE = [28, 28, 1];
const DIGITS = 10;

/**
 * @typedef {import("./layers.js").Spec} Spec
 * @typedef {import("./layers.js").Part & Spec & {reads: number[]}} Layer in its place
 *
 * @typedef {object} Prediction
 * @property {Float32Array} probabilities of the ten digits
 * @property {number | null} familiarity the share of real digits that look less like digits; null where it is unknown
 * @property {Float32Array[]} layers outputs of each layer; the last are the probabilities
 * @property {(Float32Array | undefined)[]} states of each recurrent layer, after each step; undefined for others
 */

/** Layers from the image to the answer. */
export class Network {
  /** @param {Layer[]} layers @param {ReturnType<typeof familiarityBy>} familiarity */
  constructor(layers, familiarity) {
    this.layers = layers;
    this.familiarity = familiarity;
    /** Multiplications per image, some fewer where its paper saves the first layer work. */
    this.operations = layers.reduce((sum, { operations }) => sum + operations, 0);
  }

  /**
   * Read a network from the bytes of its file, without a copy where possible.
   * @param {ArrayBuffer} bytes
   * @returns {Network}
   * @throws {NetworkError} when they are something else, or incomplete
   */
  static fromBytes(bytes) {
    try {
      const { metadata, tensor } = opened(bytes);
      let shape = IMAGE;
      const layers = JSON.parse(metadata.architecture).map((/** @type {Spec} */ spec, /** @type {number} */ i) => {
        const layer = placed(spec, i, shape, tensor);
        shape = layer.gives;
        return layer;
      });
      const answer = shape.join("×");
      if (answer !== `${DIGITS}`) {
        throw new NetworkError(`This network has ${answer} outputs instead of one for each digit.`);
      }
      return new Network(layers, familiarityBy(metadata));
    } catch (error) {
      if (error instanceof NetworkError) throw error;
      throw new NetworkError(DAMAGED);
    }
  }

  /** Compute once in advance: a browser runs code slowly the first time. */
  warmUp() {
    this.predict(new Float32Array(sizeOf(IMAGE)).fill(1));
  }

  /**
   * Compute the answer to one image.
   * @param {Float32Array} image 784 pixels from 0 to 1
   * @returns {Prediction} whose layers and states the next prediction overwrites
   */
  predict(image) {
    let x = image;
    const layers = this.layers.map((layer) => (x = layer.forward(x)));
    return { probabilities: x.slice(), familiarity: this.familiarity(x), layers, states: this.layers.map(({ states }) => states) };
  }
}

/**
 * @param {Spec} spec @param {number} i @param {number[]} reads @param {(name: string) => Float32Array} tensor
 * @returns {Layer} with its weights
 */
function placed(spec, i, reads, tensor) {
  const own = (/** @type {string} */ name, /** @type {number} */ size) => {
    const numbers = tensor(`${i}.${name}`);
    if (numbers.length === size) return numbers;
    throw new NetworkError(`Layer ${i + 1} of this network has not the weights that its size asks for.`);
  };
  return { ...spec, reads, ...layerOf(spec.type)(spec, reads, own) };
}
