/** News for screen readers, which hear only what has stayed a while. */

const QUIET = 700; // milliseconds without other news before it is announced

export class Announcement {
  timer = 0;

  /** @param {() => Element | null | undefined} status the live region, which may be replaced meanwhile */
  constructor(status) {
    this.status = status;
  }

  /** @param {string} text */
  say(text) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const status = this.status();
      if (status) status.textContent = text;
    }, QUIET);
  }
}
