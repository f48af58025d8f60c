/** The text of a worker like network/worker.js, inserted by training/sharing/widget_bundle.py. */
export const WORKER_SOURCE = "";
