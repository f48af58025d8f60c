// Shows a theme as soon as the server has kept it: its answer carries the event "theme".

document.addEventListener("theme", (event) => {
  document.documentElement.dataset.theme = event.detail.theme;
});
