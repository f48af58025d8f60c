/**
 * Layers that read an image row by row, or a sequence step by step.
 *
 * In each step, each gate has a sum of the inputs, x · weight + bias, and one of the state before, h · recurrent
 * (+ recurrent_bias). A cell computes its next state from the two.
 */

import { activationOf, sigmoid } from "./activations.js";
import { Product } from "./product.js";

/** @typedef {import("./layers.js").Make} Make */
/**
 * @callback Cell writes the state after step t into h
 * @param {Float32Array} x sums of the inputs @param {Float32Array} past sums of the state before
 * @param {Float32Array} before that state @param {Float32Array} h @param {number} t
 */

/** @param {number} gates @param {(spec: import("./layers.js").Spec) => Cell} cell @returns {Make} */
function recurrent(gates, cell) {
  return (spec, [steps, ...step], tensor) => {
    const { units } = spec;
    const width = gates * units;
    const features = step.reduce((a, b) => a * b, 1);
    const weight = tensor("weight", features * width); // (features, gates · units)
    const back = tensor("recurrent", units * width);
    const bias = tensor("bias", width);
    const pastBias = spec.type === "gru" ? tensor("recurrent_bias", width) : new Float32Array(width);
    const next = cell(spec);
    const product = new Product(Math.max(features, units));
    const [x, past] = [new Float32Array(width), new Float32Array(width)];
    const all = new Float32Array((steps + 1) * units); // zeros, and the state after each step
    const at = Array.from({ length: steps + 1 }, (_, t) => all.subarray(t * units, (t + 1) * units));
    const states = all.subarray(units);

    return {
      ...{ weight, recurrent: back, bias, states },
      gives: spec.return_sequences ? [steps, units] : [units],
      operations: steps * (weight.length + back.length),
      forward(inputs) {
        for (let t = 0; t < steps; t++) {
          x.set(bias);
          product.take(inputs, t * features, features, 0);
          product.addTo(weight, width, x, 0);
          past.set(pastBias);
          product.take(at[t], 0, units, 0);
          product.addTo(back, width, past, 0);
          next(x, past, at[t], at[t + 1], t);
        }
        return spec.return_sequences ? states : at[steps];
      },
    };
  };
}

export const simple_rnn = recurrent(1, ({ activation, units }) => {
  const activate = activationOf(activation);
  return (x, past, _before, h) => {
    for (let i = 0; i < units; i++) h[i] = x[i] + past[i];
    activate(h, units);
  };
});

/** Gates z, r, h, as in Keras with reset_after: h ← z ∘ h + (1 − z) ∘ tanh(x_h + r ∘ past_h). */
export const gru = recurrent(3, ({ units }) => (x, past, before, h) => {
  for (let i = 0; i < units; i++) {
    const z = sigmoid(x[i] + past[i]);
    const r = sigmoid(x[units + i] + past[units + i]);
    const candidate = Math.tanh(x[2 * units + i] + r * past[2 * units + i]);
    h[i] = z * before[i] + (1 - z) * candidate;
  }
});

/** Gates i, f, c, o: c ← f ∘ c + i ∘ tanh(c's sum); h ← o ∘ tanh c. */
export const lstm = recurrent(4, ({ units }) => {
  const memory = new Float32Array(units);
  return (x, past, _before, h, t) => {
    if (t === 0) memory.fill(0);
    for (let i = 0; i < units; i++) {
      const gate = (/** @type {number} */ number) => x[number * units + i] + past[number * units + i];
      memory[i] = sigmoid(gate(1)) * memory[i] + sigmoid(gate(0)) * Math.tanh(gate(2));
      h[i] = sigmoid(gate(3)) * Math.tanh(memory[i]);
    }
  };
});
