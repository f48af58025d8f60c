/**
 * On every page: says when a request fails, and when the connection for live news is lost or back; keeps the focus
 * when news replace the element that has it.
 */

const messages = document.getElementById("messages");

/** @param {string} text */
function complain(text) {
  const notice = document.createElement("p");
  notice.className = "notice wrong";
  notice.textContent = text;
  messages?.replaceChildren(notice);
}

document.addEventListener("htmx:sendError", () => {
  complain("The server can't be reached. Nothing you typed is lost; try again in a moment.");
});

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  complain(
    status === 403
      ? "This page is out of date, because you signed in or out since. Reload it; nothing was changed."
      : status === 404
        ? "That is no longer there. Reload the page to see what is."
        : `The server could not do that (error ${status}). Nothing was changed; try again in a moment.`,
  );
});

/** Close code of a socket whose subject was deleted. */
const GONE = 4404;
/** Regular close codes, from a proxy for instance: htmx reconnects by itself after other codes only. */
const POLITE = [1000, 1001, 1005];

document.addEventListener("htmx:wsClose", ({ target, detail }) => {
  const { code } = detail.event;
  if (code === GONE) {
    complain("This run is no longer there: it was deleted, perhaps in another tab.");
    return;
  }
  const notice = document.getElementById("connection");
  if (notice) notice.hidden = false;
  if (POLITE.includes(code) && target instanceof Node && target.isConnected) {
    setTimeout(() => detail.socketWrapper.reconnect(), 500 + 2000 * Math.random());
  }
});

document.addEventListener("htmx:wsOpen", () => {
  const notice = document.getElementById("connection");
  if (notice) notice.hidden = true;
});

/** Id of the element that had the focus before news came. */
let focused = "";

document.addEventListener("htmx:wsBeforeMessage", () => {
  focused = document.activeElement?.id ?? "";
});

document.addEventListener("htmx:wsAfterMessage", () => {
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
});
