/**
 * The sockets that bring a page its news: notices when one is dead or closed, says so where one looks, and lets htmx
 * connect again.
 */

import { complain } from "./complaint.js";

/** Close code of a socket whose subject was deleted. */
const GONE = 4404;
/** Regular close codes, from a proxy for instance: htmx reconnects by itself after other codes only. */
const POLITE = [1000, 1001, 1005];
/** The code of a line that broke. */
const BROKEN = 1006;
/** What the server sends when there are no news, every 15 seconds (training/runs/live.py). */
const BEAT_MESSAGE = "<!-- beat -->";
/** Milliseconds of silence after which a socket is dead: two beats, and some time for them to arrive. */
const SILENCE = 35_000;
/** The same when one comes back to the page. */
const SILENCE_ON_RETURN = 20_000;

const LOST = "The connection is lost; training goes on. This page catches up as soon as it is back.";

/** When each socket was last heard of, in milliseconds. @type {Map<WebSocket, number>} */
const heard = new Map();

const { createWebSocket } = window.htmx;
window.htmx.createWebSocket = (/** @type {string} */ url) => {
  const socket = createWebSocket(url);
  const listen = () => heard.set(socket, Date.now());
  listen();
  for (const event of ["open", "message"]) socket.addEventListener(event, listen);
  socket.addEventListener("close", () => heard.delete(socket));
  return socket;
};

/** Give up each socket that has been silent for so long. @param {number} silence in milliseconds */
function check(silence) {
  for (const [socket, at] of heard) {
    if (Date.now() - at >= silence) giveUp(socket);
  }
}

/** @param {WebSocket} socket */
function giveUp(socket) {
  const { onclose } = socket;
  heard.delete(socket);
  // A dead line takes long to close, and whatever comes of it then is about a socket that has a successor.
  socket.onclose = null;
  socket.close();
  onclose?.call(socket, new CloseEvent("close", { code: BROKEN }));
}

setInterval(() => check(SILENCE), 5000);
window.addEventListener("online", () => check(0));
window.addEventListener("offline", () => show(true));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") check(SILENCE_ON_RETURN);
});

/** @param {boolean} isLost */
function show(isLost) {
  const notice = document.getElementById("connection");
  if (notice) notice.textContent = isLost ? LOST : "";
}

document.addEventListener("htmx:wsClose", ({ target, detail }) => {
  const { code } = detail.event;
  if (code === GONE) {
    complain("This run is no longer there: it was deleted, perhaps in another tab.");
    return;
  }
  show(true);
  if (POLITE.includes(code) && target instanceof Node && target.isConnected) {
    setTimeout(() => detail.socketWrapper.reconnect(), 500 + 2000 * Math.random());
  }
});

document.addEventListener("htmx:wsOpen", () => show(false));

/** Id of the element that had the focus before news came. */
let focused = "";

document.addEventListener("htmx:wsBeforeMessage", (event) => {
  show(false); // whatever was thought of the line, it brings news
  if (event.detail.message === BEAT_MESSAGE) event.preventDefault();
  focused = document.activeElement?.id ?? "";
});

document.addEventListener("htmx:wsAfterMessage", () => {
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
});
