/**
 * Places a popover beside the button that opens it: below the button where there is room, else above it.
 *
 * CSS anchors (`position-area`) would do the same without a script, but on pages with many popovers they keep WebKit
 * 2.50 laying out for ever. Without this script a popover is in the middle of the window.
 */
export {};

const GAP = 4; // pixels to the button
const EDGE = 16; // pixels to the window's edge

/** @type {HTMLElement | null} */
let shown = null;
// A sheet rather than a style attribute, which the page's policy forbids wherever a swap copies it.
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets.push(sheet);

document.addEventListener("beforetoggle", follow, { capture: true });
document.addEventListener("scroll", place, { capture: true, passive: true });
window.addEventListener("resize", place);

/** @param {Event} event */
function follow(event) {
  const popover = event.target;
  if (!(event instanceof ToggleEvent) || !(popover instanceof HTMLElement)) return;
  if (event.newState === "open") {
    shown = popover;
    requestAnimationFrame(place); // it has a size by then, and has not been painted
  } else if (shown === popover) {
    shown = null;
  }
}

function place() {
  const opener = shown && document.querySelector(`[popovertarget="${shown.id}"]`);
  if (!shown || !opener) return; // a swap has taken them away
  const button = opener.getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  const [above, below] = [button.top, innerHeight - button.bottom].map((room) => room - GAP - EDGE);
  const room = `--room: ${Math.max(above, below)}px`;
  sheet.replaceSync(`[popover]:popover-open { ${room} }`);
  const box = shown.getBoundingClientRect();
  const isBelow = box.height <= below || below >= above;
  const isLeft = button.left + button.right < width;
  const top = isBelow ? button.bottom + GAP : button.top - GAP - box.height;
  const left = Math.max(EDGE, Math.min(isLeft ? button.left : button.right - box.width, width - EDGE - box.width));
  sheet.replaceSync(`[popover]:popover-open { ${room}; inset: ${top}px auto auto ${left}px; margin: 0 }`);
}
