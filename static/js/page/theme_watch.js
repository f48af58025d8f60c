/** The colours of the theme, and news of their change: by another theme, or by the system's, light or dark. */

/**
 * The value of a colour of css/tokens.css in the theme shown.
 * @param {string} name without the leading dashes
 */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** @param {() => void} repaint called after each change */
export function watchTheme(repaint) {
  new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
}
