/**
 * A trained network in the page: reads the safetensors files that the application writes and recognises digits.
 *
 * A file holds `0.weight` (inputs × units), `0.bias`, `1.weight` … as 32-bit floats, and in its metadata the
 * architecture: a JSON list of layers. The format: https://github.com/huggingface/safetensors#format
 */

const PIXELS = 784;
const DIGITS = 10;
const DAMAGED = "This file is not a network, or not the whole of one.";

/** @typedef {{units: number, activation: string, weight: Float32Array, bias: Float32Array}} Layer */

/** Thrown when a file is not a network that this page can compute. */
export class NetworkError extends Error {}

/**
 * What each unit makes of its sum, by name: given all sums of a layer, changes them in place.
 * @type {Record<string, (sums: Float32Array) => void>}
 */
const ACTIVATIONS = {
  linear: () => {},
  sigmoid: each((z) => 1 / (1 + Math.exp(-z))),
  tanh: each(Math.tanh),
  relu: each((z) => Math.max(z, 0)),
  leaky_relu: each((z) => (z > 0 ? z : 0.01 * z)),
  elu: each((z) => (z > 0 ? z : Math.expm1(z))),
  gelu: each((z) => (z / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)))),
  softmax: (sums) => {
    const largest = sums.reduce((a, b) => Math.max(a, b));
    sums.forEach((z, i) => (sums[i] = Math.exp(z - largest)));
    const total = sums.reduce((a, b) => a + b);
    sums.forEach((z, i) => (sums[i] = z / total));
  },
};

/** @param {(z: number) => number} of @returns {(sums: Float32Array) => void} */
function each(of) {
  return (sums) => sums.forEach((z, i) => (sums[i] = of(z)));
}

/** A feed-forward network: layers of weights, each with its activation. */
export class Network {
  /** @param {Layer[]} layers */
  constructor(layers) {
    this.layers = layers;
  }

  /**
   * Read a network from the bytes of its file.
   * @param {ArrayBuffer} bytes
   * @returns {Network}
   * @throws {NetworkError} when they are something else, or broken off
   */
  static fromBytes(bytes) {
    try {
      const { header, tensor } = opened(bytes);
      const architecture = JSON.parse(header.__metadata__.architecture);
      let inputs = PIXELS;
      const layers = architecture.map((/** @type {any} */ layer, /** @type {number} */ i) => {
        const read = dressed(layer, i, inputs, tensor);
        inputs = layer.units;
        return read;
      });
      if (inputs !== DIGITS) throw new NetworkError(`This network has ${inputs} outputs instead of one for each digit.`);
      return new Network(layers);
    } catch (error) {
      if (error instanceof NetworkError) throw error;
      throw new NetworkError(DAMAGED);
    }
  }

  /**
   * Compute the answer to one image.
   * @param {Float32Array} image 784 pixels from 0 to 1
   * @returns {{probabilities: Float32Array, layers: Float32Array[]}} of the ten digits; and what the units of each
   *   layer put out, the last being the answer
   */
  predict(image) {
    const layers = [];
    let inputs = image;
    for (const layer of this.layers) {
      inputs = forward(layer, inputs);
      layers.push(inputs);
    }
    return { probabilities: inputs, layers };
  }
}

/** @param {Layer} layer @param {Float32Array} inputs @returns {Float32Array} activation(inputs · weight + bias) */
function forward({ units, activation, weight, bias }, inputs) {
  const sums = Float32Array.from(bias);
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (input === 0) continue; // most of an image is paper
    const row = i * units;
    for (let unit = 0; unit < units; unit++) sums[unit] += input * weight[row + unit];
  }
  ACTIVATIONS[activation](sums);
  return sums;
}

/**
 * @param {ArrayBuffer} bytes
 * @returns {{header: any, tensor: (name: string) => Float32Array}} the file's description, and its numbers by name
 */
function opened(bytes) {
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
  const tensor = (/** @type {string} */ name) => {
    const [start, end] = header[name].data_offsets;
    if (8 + length + end > bytes.byteLength) throw new NetworkError(DAMAGED);
    if (header[name].dtype !== "F32") throw new NetworkError(`${name} is not made of 32-bit floats.`);
    return new Float32Array(bytes.slice(8 + length + start, 8 + length + end)); // slice: need not be aligned
  };
  return { header, tensor };
}

/**
 * @param {{type: string, units: number, activation: string}} layer @param {number} i @param {number} inputs
 * @param {(name: string) => Float32Array} tensor @returns {Layer} with its weights
 */
function dressed({ type, units, activation }, i, inputs, tensor) {
  if (type !== "dense") throw new NetworkError(`This page cannot compute a layer of the type “${type}”.`);
  if (!(activation in ACTIVATIONS)) throw new NetworkError(`This page does not know the activation “${activation}”.`);
  const [weight, bias] = [tensor(`${i}.weight`), tensor(`${i}.bias`)];
  if (weight.length !== inputs * units || bias.length !== units) {
    throw new NetworkError(`Layer ${i + 1} of this network has not the weights that its size asks for.`);
  }
  return { units, activation, weight, bias };
}
