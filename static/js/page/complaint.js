/** Says at the top of the page that something failed. */

/** @param {string} text */
export function complain(text) {
  const notice = document.createElement("p");
  notice.className = "notice wrong";
  notice.textContent = text;
  document.getElementById("messages")?.replaceChildren(notice);
}
