/** The file of a network, from this server. */

import { NetworkError } from "./network.js";

/**
 * @param {string} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<ArrayBuffer>}
 * @throws {NetworkError} when the server does not give it
 */
export async function load(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new NetworkError(`The server answered ${response.status}.`);
  return response.arrayBuffer();
}

/**
 * Why a network did not load, in a sentence for people.
 * @param {unknown} error that loading or reading it threw
 */
export const reason = (error) => (error instanceof NetworkError ? error.message : "The server cannot be reached.");
