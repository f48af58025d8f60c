/**
 * A file in the safetensors format, opened: https://github.com/huggingface/safetensors#format
 *
 * Eight bytes hold the length of the JSON header; the tensors follow it, end to end. Weights may be 8-bit integers:
 * then the tensor `<name>.scale` holds the unit of each output, which is the last axis.
 */

import { DAMAGED, NetworkError } from "./error.js";

const LENGTH = 8; // bytes
const NUMBER = 4; // bytes of a 32-bit float

/**
 * @param {ArrayBuffer} bytes
 * @returns {{metadata: Record<string, string>, tensor: (name: string) => Float32Array}} metadata, and the numbers of a
 *   tensor by name, without a copy where possible
 */
export function opened(bytes) {
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, LENGTH, length)));
  const place = (/** @type {string} */ name) => {
    const [start, end] = header[name].data_offsets.map((/** @type {number} */ offset) => LENGTH + length + offset);
    if (end > bytes.byteLength) throw new NetworkError(DAMAGED);
    return { start, end };
  };
  const floats = (/** @type {string} */ name) => {
    if (header[name].dtype !== "F32") throw new NetworkError(`${name} is not made of 32-bit floats.`);
    const { start, end } = place(name);
    if (start % NUMBER) return new Float32Array(bytes.slice(start, end));
    return new Float32Array(bytes, start, (end - start) / NUMBER);
  };
  const tensor = (/** @type {string} */ name) => {
    if (header[name].dtype !== "I8") return floats(name);
    const { start, end } = place(name);
    const scale = floats(`${name}.scale`);
    const whole = new Float32Array(new Int8Array(bytes, start, end - start));
    for (let i = 0; i < whole.length; i++) whole[i] *= scale[i % scale.length];
    return whole;
  };
  return { metadata: header.__metadata__, tensor };
}
