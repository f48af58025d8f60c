/** Computes a network beside the page: receives the bytes of its file, and then image after image. */

import { Network } from "./network.js";

/** @type {Network} */
let network;

addEventListener("message", ({ data }) => {
  if (data instanceof ArrayBuffer) {
    network = Network.fromBytes(data);
    network.warmUp();
  } else {
    postMessage(network.predict(data));
  }
});
