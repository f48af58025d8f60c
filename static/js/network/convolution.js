/** Layers that read maps of features: numbers [row][column][channel] in one array. */

import { activationOf } from "./activations.js";
import { Product } from "./product.js";

/** @typedef {import("./layers.js").Make} Make */

/**
 * Along one side of a map: the number of places of a kernel, and of zeros before the map.
 * @param {number} extent @param {number} size @param {number} strides @param {string} padding
 */
function places(extent, size, strides, padding) {
  if (padding !== "same") return { count: Math.floor((extent - size) / strides) + 1, before: 0 };
  const count = Math.ceil(extent / strides);
  // As in TensorFlow, the smaller half of the zeros comes before.
  return { count, before: Math.floor(Math.max((count - 1) * strides + size - extent, 0) / 2) };
}

/** @type {Make} */
export function conv2d({ filters, kernel_size: size, strides, padding, activation }, reads, tensor) {
  const [height, width, channels] = reads;
  const weight = tensor("weight", size * size * channels * filters); // (size, size, channels, filters)
  const bias = tensor("bias", filters);
  const activate = activationOf(activation);
  const down = places(height, size, strides, padding);
  const across = places(width, size, strides, padding);
  const product = new Product(size * size * channels);
  const y = new Float32Array(down.count * across.count * filters);

  /** Take the inputs under the kernel with its corner at this row and column. */
  function look(/** @type {Float32Array} */ x, /** @type {number} */ top, /** @type {number} */ left) {
    const first = Math.max(left, 0);
    const count = (Math.min(left + size, width) - first) * channels;
    const end = Math.min(top + size, height);
    for (let row = Math.max(top, 0); row < end; row++) {
      const tap = (row - top) * size + first - left;
      product.take(x, (row * width + first) * channels, count, tap * channels);
    }
  }

  return {
    ...{ weight, bias, gives: [down.count, across.count, filters] },
    operations: down.count * across.count * weight.length,
    forward(x) {
      let at = 0;
      for (let row = 0; row < down.count; row++) {
        for (let column = 0; column < across.count; column++, at += filters) {
          look(x, row * strides - down.before, column * strides - across.before);
          y.set(bias, at);
          product.addTo(weight, filters, y, at);
        }
      }
      activate(y, filters);
      return y;
    },
  };
}

/**
 * @param {number} start @param {(pooled: number, value: number) => number} pooling
 * @param {(size: number) => number} factor of the result @returns {Make}
 */
function pool(start, pooling, factor) {
  return ({ pool_size: size }, [height, width, channels]) => {
    const [rows, columns] = [Math.floor(height / size), Math.floor(width / size)];
    const y = new Float32Array(rows * columns * channels);
    const scale = factor(size);

    /** Pool one place of every window. */
    function take(/** @type {Float32Array} */ x, /** @type {number} */ down, /** @type {number} */ right) {
      let at = 0;
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const from = ((row * size + down) * width + column * size + right) * channels;
          for (let channel = 0; channel < channels; channel++, at++) y[at] = pooling(y[at], x[from + channel]);
        }
      }
    }

    return {
      gives: [rows, columns, channels],
      operations: y.length,
      forward(x) {
        y.fill(start);
        for (let place = 0; place < size * size; place++) take(x, Math.floor(place / size), place % size);
        for (let i = 0; i < y.length; i++) y[i] *= scale;
        return y;
      },
    };
  };
}

export const max_pooling = pool(-Infinity, Math.max, () => 1);
export const average_pooling = pool(
  0,
  (sum, value) => sum + value,
  (size) => 1 / size ** 2,
);
