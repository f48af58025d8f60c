/** The page's address, which keeps the choices made on the page: a reload, or a link to it, has them again. */

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
