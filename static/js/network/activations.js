/** Activation functions. */

import { NetworkError } from "./error.js";

/** @typedef {(values: Float32Array, width: number) => void} Activate changes rows of that width in place */

const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;

/** @param {number} z @returns {number} 1/(1+e⁻ᶻ) */
export const sigmoid = (z) => 1 / (1 + Math.exp(-z));

/** @type {Record<string, Activate>} */
const ACTIVATIONS = {
  linear: () => {},
  sigmoid: each(sigmoid),
  tanh: each(Math.tanh),
  relu: each((z) => Math.max(z, 0)),
  leaky_relu: each((z) => (z > 0 ? z : 0.01 * z)),
  elu: each((z) => (z > 0 ? z : Math.expm1(z))),
  gelu: each((z) => (z / 2) * (1 + Math.tanh(GELU_SCALE * (z + GELU_CUBE * z * z * z)))),
  softmax: (values, width) => {
    for (let start = 0; start < values.length; start += width) {
      const row = values.subarray(start, start + width);
      const largest = row.reduce((a, b) => Math.max(a, b));
      row.forEach((z, i) => (row[i] = Math.exp(z - largest)));
      const total = row.reduce((a, b) => a + b);
      row.forEach((z, i) => (row[i] = z / total));
    }
  },
};

/** @param {(z: number) => number} of @returns {Activate} */
function each(of) {
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = of(values[i]);
  };
}

/** @param {string} name @returns {Activate} @throws {NetworkError} when there is none of that name */
export function activationOf(name) {
  if (!Object.hasOwn(ACTIVATIONS, name)) throw new NetworkError(`This page does not know the activation “${name}”.`);
  return ACTIVATIONS[name];
}
