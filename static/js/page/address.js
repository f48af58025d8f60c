/** The page's address. It keeps choices made on the page: a reload or a link restores them. */

/**
 * Keep a choice in the address.
 * @param {string} name of the parameter @param {Iterable<string>} values
 */
export function remember(name, values) {
  const page = new URL(location.href);
  page.searchParams.delete(name);
  for (const value of values) page.searchParams.append(name, value);
  history.replaceState(null, "", page);
}
