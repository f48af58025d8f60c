/** The widget's texts. */

/** @typedef {{mark: string, says: string, detail: string}} Words */

/** @type {Record<string, Words>} */
export const WORDS = {
  loading: { mark: "", says: "Loading the network…", detail: "You can draw already." },
  ready: { mark: "", says: "Ready to read", detail: "Draw any digit." },
  broken: { mark: "?", says: "No answer", detail: "Its weights grew beyond all bounds." },
};

export const UNNAMED = "The attribute “network” must name a shared network.";
export const MISSING = "No element here holds a network’s file in base64.";
export const UNREACHABLE = "The network’s server can’t be reached.";
export const THANKS = "Sent. Thank you.";
export const CONSENT =
  "“Send” gives drawing and digit, nothing else, to this network’s owner, who may train with them.";
