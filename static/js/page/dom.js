/** Elements of a page, of the kind that a module needs. */

/**
 * The element below `root` that the selector names. Throws where there is none of that kind.
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => E} kind such as HTMLInputElement
 * @returns {E}
 */
export function find(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`There is no ${kind.name} ${selector}.`);
  return found;
}

/**
 * The elements below `root` that the selector names and that are of that kind.
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
 * The element around an event's target, or the target itself, that the selector names.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function around({ target }, selector) {
  return target instanceof Element ? target.closest(selector) : null;
}

/** Whether a key was pressed in a field: then it is text, not a command. @param {Event} event */
export const isTyping = (event) => around(event, "input, textarea, select, [contenteditable]") !== null;
