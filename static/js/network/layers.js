/** The types of layers, by name. Each makes a layer, whose outputs share one buffer. */

import { activationOf } from "./activations.js";
import { average_pooling, conv2d, max_pooling } from "./convolution.js";
import { NetworkError } from "./error.js";
import { Product } from "./product.js";
import { gru, lstm, simple_rnn } from "./recurrent.js";

/**
 * Shapes are of one image, channels last: [28, 28, 1] an image, [h, w, c] maps, [steps, features], [units].
 *
 * @typedef {object} Spec a layer's description in the file, spelt as in Keras: its type, and those fields that it has
 * @property {string} type
 * @property {string} activation
 * @property {number} units @property {boolean} return_sequences
 * @property {number} filters @property {number} kernel_size @property {number} strides @property {string} padding
 * @property {number} pool_size
 *
 * @typedef {object} Part what a type of layer makes
 * @property {number[]} gives shape of its outputs
 * @property {number} operations multiplications per image
 * @property {(x: Float32Array) => Float32Array} forward
 * @property {Float32Array} [states] of a recurrent layer: [steps, units], after the latest `forward`
 * @property {Float32Array} [weight] @property {Float32Array} [bias] @property {Float32Array} [recurrent]
 *
 * @callback Make
 * @param {Spec} spec @param {number[]} reads shape of its inputs
 * @param {(name: string, size: number) => Float32Array} tensor of this layer, which must have that size
 * @returns {Part}
 */

const EPSILON = 1e-3; // added to the variance in batch normalisation

/** @param {number[]} shape @returns {number} numbers in it */
export function sizeOf(shape) {
  return shape.reduce((a, b) => a * b, 1);
}

/** @type {Make} */
function dense({ units, activation }, reads, tensor) {
  const inputs = sizeOf(reads);
  const weight = tensor("weight", inputs * units); // (inputs, units)
  const bias = tensor("bias", units);
  const activate = activationOf(activation);
  const product = new Product(inputs);
  const y = new Float32Array(units);
  return {
    ...{ weight, bias, gives: [units], operations: weight.length },
    forward(x) {
      y.set(bias);
      product.take(x, 0, inputs, 0);
      product.addTo(weight, units, y, 0);
      activate(y, units);
      return y;
    },
  };
}

/** With the statistics of the training: y = gamma ∘ (x − mean)/√(variance + ε) + beta. @type {Make} */
function batch_normalization(_spec, reads, tensor) {
  const channels = reads[reads.length - 1];
  const [gamma, beta, mean, variance] = ["gamma", "beta", "mean", "variance"].map((name) => tensor(name, channels));
  const factors = gamma.map((value, i) => value / Math.sqrt(variance[i] + EPSILON));
  const y = new Float32Array(sizeOf(reads));
  return {
    ...{ gives: reads, operations: y.length },
    forward(x) {
      for (let i = 0, channel = 0; i < y.length; i++) {
        y[i] = factors[channel] * (x[i] - mean[channel]) + beta[channel];
        if (++channel === channels) channel = 0;
      }
      return y;
    },
  };
}

/** @type {Make} */
function activation({ activation }, reads) {
  const activate = activationOf(activation);
  const y = new Float32Array(sizeOf(reads));
  return {
    ...{ gives: reads, operations: y.length },
    forward(x) {
      y.set(x);
      activate(y, reads[reads.length - 1]);
      return y;
    },
  };
}

/** @type {Make} */
const flatten = (_spec, reads) => ({ gives: [sizeOf(reads)], operations: 0, forward: (x) => x });

/** Only training drops units. @type {Make} */
const dropout = (_spec, reads) => ({ gives: reads, operations: 0, forward: (x) => x });

/** @type {Record<string, Make>} */
const LAYERS = {
  ...{ dense, conv2d, max_pooling, average_pooling, flatten, dropout, batch_normalization, activation },
  ...{ simple_rnn, gru, lstm },
};

/** @param {string} type @returns {Make} @throws {NetworkError} when there is none of that name */
export function layerOf(type) {
  if (!Object.hasOwn(LAYERS, type)) throw new NetworkError(`This page cannot compute a layer of the type “${type}”.`);
  return LAYERS[type];
}
