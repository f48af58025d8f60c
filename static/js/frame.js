/** What every page does: says when a request failed, and that the connection for live news is lost or back. */

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

/** @param {boolean} lost */
function connection(lost) {
  const notice = document.getElementById("connection");
  if (notice) notice.hidden = !lost;
}

document.addEventListener("htmx:wsClose", () => connection(true));
document.addEventListener("htmx:wsOpen", () => connection(false));
