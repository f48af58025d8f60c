/** On every page: says when a request fails. */

import { complain } from "./complaint.js";

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
        : status === 429 || status === 503
          ? "The server has much to do just now. Nothing was changed; try again in half a minute."
          : `The server could not do that (error ${status}). Nothing was changed; try again in a moment.`,
  );
});
