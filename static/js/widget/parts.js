/** The widget's elements, inside its shadow. */

import { STYLES } from "./styles.js";
import { CONSENT } from "./words.js";

const TEN = [...Array(10).keys()];

/** One style sheet for all widgets of a page; unlike a style element, it needs no permission in the page's policy. */
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLES);

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Record<string, string>} attributes @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** @param {string} text @param {Record<string, string>} [more] */
const button = (text, more = {}) => make("button", { type: "button", ...more }, text);

/** @typedef {ReturnType<typeof build>} Parts */

/** @param {ShadowRoot} root to fill */
export function build(root) {
  root.adoptedStyleSheets = [sheet];
  const canvas = make("canvas", { role: "img", "aria-label": "Paper: draw a digit with mouse, finger or pen" });
  const hint = make("p", { class: "hint", "aria-hidden": "true" }, "Draw a digit");
  const [undo, clear, retry] = [button("Undo"), button("Clear"), button("Try again", { hidden: "" })];
  const [mark, says, detail] = ["mark", "says", "detail"].map((name) => make("p", { class: name }));
  mark.setAttribute("aria-hidden", "true");
  const bars = TEN.map((digit) => {
    const [fill, percent] = [make("div", { class: "fill" }), make("span", { class: "hidden" })];
    const name = make("span", { class: "digit" }, `${digit}`);
    return { row: make("li", {}, make("div", { class: "track" }, fill), name, percent), fill, percent };
  });
  const status = make("p", { class: "hidden", role: "status" });

  const wrong = button("Wrong? Tell which it is", { hidden: "" });
  const digits = TEN.map((digit) => button(`${digit}`, { "aria-pressed": "false" }));
  const [send, cancel] = [button("Send", { "aria-disabled": "true" }), button("Cancel")];
  const outcome = make("p", { class: "note", role: "status" });
  const correct = make(
    "fieldset",
    { class: "correct", hidden: "" },
    make("legend", { class: "says" }, "Which digit is it?"),
    make("div", { class: "digits" }, ...digits),
    make("p", { class: "note" }, CONSENT),
    make("div", { class: "tools" }, send, cancel),
  );

  root.append(
    make(
      "div",
      { class: "frame" },
      make(
        "div",
        { class: "parts", role: "group", "aria-label": "Digit reader" },
        make(
          "div",
          { class: "draw" },
          make("div", { class: "paper" }, canvas, hint),
          make("div", { class: "tools" }, undo, clear),
        ),
        make(
          "div",
          { class: "read" },
          make("div", { class: "verdict" }, mark, make("div", {}, says, detail)),
          retry,
          make("ol", { class: "bars", "aria-label": "How likely each digit is" }, ...bars.map(({ row }) => row)),
          wrong,
          correct,
          outcome,
        ),
      ),
      status,
    ),
  );
  return { canvas, hint, undo, clear, retry, mark, says, detail, bars, status, wrong, correct, digits, send, cancel, outcome };
}
