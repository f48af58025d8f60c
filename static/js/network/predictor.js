/** A network that never holds up the page: a large one computes in a worker. */

import { Network } from "./network.js";

/** @typedef {import("./network.js").Prediction} Prediction */
/** @typedef {{image: Float32Array, answered: (prediction: Prediction) => void}} Question */

// Most multiplications in the page itself: some 4 ms of a computer, a frame of a slow phone.
const AT_ONCE = 4e6;

const startWorker = () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });

export class Predictor {
  /**
   * @param {ArrayBuffer} bytes of the network's file; do not use them afterwards
   * @param {() => void} failed called if the worker stops: there will be no answers
   * @param {(() => Worker) | null} [start] starts the worker of a large network; null computes it in the page as well
   * @throws {import("./error.js").NetworkError} when the bytes are no network
   */
  constructor(bytes, failed, start = startWorker) {
    const network = Network.fromBytes(bytes);
    this.layers = network.layers; // their tensors go to the worker, where there is one
    /** @type {Question | null} the newest, while the worker computes another */
    this.waiting = null;
    /** @type {Question | null} the worker's, unless its answer is no longer wanted */
    this.asked = null;
    this.isBusy = false;
    if (!start || network.operations <= AT_ONCE) {
      this.network = network;
      network.warmUp();
      return;
    }
    this.worker = start();
    this.worker.addEventListener("message", ({ data }) => this.#answer(data));
    this.worker.addEventListener("error", failed);
    this.worker.postMessage(bytes, [bytes]);
  }

  /** Whether answers come later, from a worker. */
  get isLate() {
    return !this.network;
  }

  /**
   * Ask for the answer to an image; a small network gives it at once. A new question replaces one that still waits.
   * @param {Float32Array} image 784 pixels from 0 to 1
   * @param {(prediction: Prediction) => void} answered with a prediction that the next one may overwrite
   */
  predict(image, answered) {
    if (this.network) return answered(this.network.predict(image));
    this.waiting = { image, answered };
    this.#ask();
  }

  /** Drop the answers to earlier questions. */
  forget() {
    this.waiting = this.asked = null;
  }

  /** End the worker. */
  close() {
    this.forget();
    this.worker?.terminate();
  }

  #ask() {
    if (this.isBusy || !this.waiting) return;
    this.isBusy = true;
    [this.asked, this.waiting] = [this.waiting, null];
    this.worker?.postMessage(this.asked.image);
  }

  /** @param {Prediction} prediction */
  #answer(prediction) {
    const question = this.asked;
    this.isBusy = false;
    this.#ask();
    question?.answered(prediction);
  }
}
