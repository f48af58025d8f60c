/** The text of a worker that computes a network, as network/worker.js does; training/sharing/widget_bundle.py puts it here. */
export const WORKER_SOURCE = "";
