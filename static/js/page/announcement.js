/** News for screen readers. They hear a text only after it has stayed a while. */

const QUIET = 700; // milliseconds without other news before a text is announced

export class Announcement {
  timer = 0;

  /** @param {() => Element | null | undefined} status the live region; the page may replace it meanwhile */
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
