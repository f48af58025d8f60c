/** The source of the widget's network: an element of the page, the server, or the browser's cache. */

import { MISSING, UNNAMED, UNREACHABLE } from "./words.js";

const KEPT = "tryml-digit"; // name of a cache of the page's own origin
const IGNORE = { ignoreVary: true }; // a cache holds answers to one origin only
const LONGEST = 300; // characters of a reason
const HERE = import.meta.url; // address of the widget's own file; the networks are beside it

/** Thrown when there is no network, or a correction is refused; its message is for people. */
export class SourceError extends Error {
  /** @param {string} message @param {number} [status] of the server's refusal */
  constructor(message, status) {
    super(message);
    this.isFinal = status === 403 || status === 404;
  }
}

/**
 * @typedef {object} Loaded
 * @property {ArrayBuffer} bytes of the network's file
 * @property {URL | null} corrections address for corrections, if the network's owner takes them
 */

/**
 * @param {string} name key of a shared network, its whole address, or "#id" of an element whose text is the network's
 *   file in base64
 * @param {AbortSignal} signal
 * @returns {Promise<Loaded>}
 * @throws {SourceError}
 */
export async function load(name, signal) {
  if (name.startsWith("#")) return { bytes: inPage(name.slice(1)), corrections: null };
  const place = addressOf(name);
  const cache = await kept();
  const about = await newest(place, cache, signal);
  const file = new URL(`${about.version}.safetensors`, place);
  const known = await cache?.match(file, IGNORE);
  const bytes = await (known ?? (await answered(file, { signal }))).arrayBuffer();
  if (!known) await keep(cache, place, file, bytes);
  await cache?.put(place, new Response(JSON.stringify(about))).catch(() => {});
  return { bytes, corrections: about.corrections ? new URL("corrections", place) : null };
}

/** @param {string} id @returns {ArrayBuffer} */
function inPage(id) {
  try {
    // Where there is no such element this throws, which is caught.
    const text = atob(/** @type {HTMLElement} */ (document.getElementById(id)).textContent);
    return Uint8Array.from(text, (character) => character.charCodeAt(0)).buffer;
  } catch {
    throw new SourceError(MISSING);
  }
}

/** @param {string} name @returns {URL} */
function addressOf(name) {
  try {
    return new URL(name.replace(/\/*$/, "/"), name && HERE);
  } catch {
    throw new SourceError(UNNAMED);
  }
}

/** @returns {Promise<Cache | null>} null where the page isn't secure, or may store nothing */
async function kept() {
  try {
    return await caches.open(KEPT);
  } catch {
    return null;
  }
}

/**
 * The shared network at a place: as the server says or, while it is away, as it said last.
 * @param {URL} place @param {Cache | null} cache @param {AbortSignal} signal
 * @returns {Promise<{version: string, corrections: boolean}>}
 */
async function newest(place, cache, signal) {
  try {
    return await (await answered(new URL("network", place), { signal, cache: "no-cache" })).json();
  } catch (error) {
    if (error instanceof SourceError && error.isFinal) await keep(cache, place);
    const old = await cache?.match(place, IGNORE);
    if (old) return old.json();
    throw error;
  }
}

/**
 * Keep this file of a place and no other, and the widget itself for pages that load without a server.
 * @param {Cache | null} cache @param {URL} place @param {URL} [file] @param {ArrayBuffer} [bytes]
 */
async function keep(cache, place, file, bytes) {
  if (!cache) return;
  try {
    for (const { url } of await cache.keys()) {
      if (url.startsWith(place.href)) await cache.delete(url, IGNORE);
    }
    if (!file) return;
    await cache.put(file, new Response(bytes));
    await cache.add(HERE);
  } catch {
    // There is no room: it is loaded again next time.
  }
}

/**
 * @param {URL} url @param {RequestInit} options @returns {Promise<Response>} to a request without cookies
 * @throws {SourceError} when the server can't be reached, or refuses
 */
async function answered(url, options) {
  const answer = await fetch(url, { credentials: "omit", ...options }).catch(() => {
    throw new SourceError(UNREACHABLE);
  });
  if (answer.ok) return answer;
  const isReason = answer.headers.get("Content-Type")?.startsWith("text/plain");
  const reason = isReason ? (await answer.text()).slice(0, LONGEST) : `The server answered ${answer.status}.`;
  throw new SourceError(reason, answer.status);
}

/**
 * Give a drawing to the network's owner.
 * @param {URL} url @param {object} correction @throws {SourceError} when it is refused
 */
export async function send(url, correction) {
  const headers = { "Content-Type": "application/json" };
  await answered(url, { method: "POST", headers, body: JSON.stringify(correction) });
}
