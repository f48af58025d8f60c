// Shows a theme as soon as the server has saved it: its answer causes the event "theme".

document.addEventListener("theme", (event) => {
  document.documentElement.dataset.theme = event.detail.theme;
});
