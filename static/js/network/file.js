/**
 * A file in the safetensors format, opened: https://github.com/huggingface/safetensors#format
 *
 * Eight bytes say how long the JSON header is; behind it lie the tensors, end to end.
 */

import { DAMAGED, NetworkError } from "./error.js";

const LENGTH = 8; // bytes
const NUMBER = 4; // bytes of a 32-bit float

/**
 * @param {ArrayBuffer} bytes
 * @returns {{metadata: Record<string, string>, tensor: (name: string) => Float32Array}} what is said about the
 *   tensors, and their numbers by name, without a copy where that can be
 */
export function opened(bytes) {
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, LENGTH, length)));
  const tensor = (/** @type {string} */ name) => {
    const [start, end] = header[name].data_offsets.map((/** @type {number} */ offset) => LENGTH + length + offset);
    if (end > bytes.byteLength) throw new NetworkError(DAMAGED);
    if (header[name].dtype !== "F32") throw new NetworkError(`${name} is not made of 32-bit floats.`);
    if (start % NUMBER) return new Float32Array(bytes.slice(start, end));
    return new Float32Array(bytes, start, (end - start) / NUMBER);
  };
  return { metadata: header.__metadata__, tensor };
}
