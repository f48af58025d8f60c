/** A large network's worker, out of the widget's own file: another origin's can't be started. */

import { WORKER_SOURCE } from "./worker_source.js";

let address = "";

/** @returns {Worker} one that fails where the page's policy has no `worker-src blob:` */
export function startInlineWorker() {
  address ||= URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "text/javascript" }));
  return new Worker(address);
}
