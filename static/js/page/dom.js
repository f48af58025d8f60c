/** Finds elements of a page, of the kind that a module needs. */

/**
 * The first element below `root` that matches the selector.
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => E} kind such as HTMLInputElement
 * @returns {E}
 * @throws {TypeError} when there is none, or it is of another kind
 */
export function find(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`There is no ${kind.name} ${selector}.`);
  return found;
}

/**
 * The elements below `root` that match the selector and are of that kind.
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => E} kind
 * @returns {E[]}
 */
export function all(root, selector, kind) {
  return [...root.querySelectorAll(selector)].flatMap((element) => (element instanceof kind ? [element] : []));
}

/**
 * An event's target, or the nearest element around it, that matches the selector.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function around({ target }, selector) {
  return target instanceof Element ? target.closest(selector) : null;
}

/** Whether the event is in a field, where a key is text and no command. @param {Event} event */
export const isTyping = (event) => around(event, "input, textarea, select, [contenteditable]") !== null;
