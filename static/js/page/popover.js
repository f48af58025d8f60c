/**
 * Places a popover beside the button that opens it: below the button where there is room, else above it.
 *
 * CSS anchors (`position-area`) would do the same without a script, but on pages with many popovers they keep WebKit
 * 2.50 laying out for ever. Without this script a popover is in the middle of the window.
 */
import { find } from "./dom.js";

const GAP = 4; // pixels to the button
const EDGE = 16; // pixels to the window's edge

/** @type {HTMLElement | null} */
let open = null;

document.addEventListener("beforetoggle", shown, { capture: true });
document.addEventListener("scroll", place, { capture: true, passive: true });
window.addEventListener("resize", place);

/** @param {Event} event */
function shown(event) {
  const popover = event.target;
  if (!(event instanceof ToggleEvent) || !(popover instanceof HTMLElement)) return;
  if (event.newState === "open") {
    open = popover;
    requestAnimationFrame(place); // it has a size by then, and has not been painted
  } else if (open === popover) {
    open = null;
  }
}

function place() {
  if (!open?.isConnected) return;
  const button = find(document, `[popovertarget="${open.id}"]`, HTMLElement).getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  const [above, below] = [button.top, innerHeight - button.bottom].map((room) => room - GAP - EDGE);
  open.style.setProperty("--room", `${Math.max(above, below)}px`);
  const box = open.getBoundingClientRect();
  const isBelow = box.height <= below || below >= above;
  const isLeft = button.left + button.right < width;
  const left = isLeft ? button.left : button.right - box.width;
  const top = isBelow ? button.bottom + GAP : button.top - GAP - box.height;
  open.style.inset = `${top}px auto auto ${Math.max(EDGE, Math.min(left, width - EDGE - box.width))}px`;
  open.style.margin = "0";
}
