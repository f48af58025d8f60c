/** The worker of a large network, from the widget's own file: a page can't start another origin's worker. */

import { WORKER_SOURCE } from "./worker_source.js";

let address = "";

/** @returns {Worker} which fails where the page's policy has no `worker-src blob:` */
export function startInlineWorker() {
  address ||= URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "text/javascript" }));
  return new Worker(address);
}
