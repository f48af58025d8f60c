/** Loads networks from this server. */

import { NetworkError } from "./network.js";

/**
 * @param {string} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<ArrayBuffer>} bytes of the network's file
 * @throws {NetworkError} when the server refuses
 */
export async function load(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new NetworkError(`The server answered ${response.status}.`);
  return response.arrayBuffer();
}

/**
 * Why a network did not load, in a sentence for people.
 * @param {unknown} error from loading or reading it
 */
export const reason = (error) => (error instanceof NetworkError ? error.message : "The server cannot be reached.");
