/** Shows times of day by the reader's clock; the server writes them in UTC, which the title keeps. */

import { all } from "./dom.js";

const format = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function show() {
  for (const time of all(document, "time[data-local-time]", HTMLTimeElement)) {
    const at = new Date(time.dateTime);
    time.textContent = format.format(at);
    time.title = `${at.toLocaleString()} ${zone} · ${time.title}`;
    time.removeAttribute("data-local-time"); // done
  }
}

for (const event of ["htmx:wsAfterMessage", "htmx:afterSettle"]) document.addEventListener(event, show);
show();
