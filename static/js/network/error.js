/** Thrown when a file is no network that this page can compute; its message is for people. */
export class NetworkError extends Error {}

export const DAMAGED = "This file is not a network, or not the whole of one.";
