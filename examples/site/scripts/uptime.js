// How long ago this page was loaded, as minutes and seconds. It starts again only with the page.

export function showUptime(element) {
  const show = () => { element.textContent = minutes(performance.now() / 1000); };
  show();
  setInterval(show, 1000);
}

export function minutes(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
