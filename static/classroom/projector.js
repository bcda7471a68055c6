// The projector's page: the keys of a clicker, a black screen, full screen, and controls that fade.
// Without it the buttons and links do the same, and stay.
"use strict";

(() => {
  if (!document.body.classList.contains("projector")) return;
  const FADE_AFTER = 3000; // milliseconds without a movement of the pointer
  const root = document.documentElement, options = $("#options"), blank = $("#blank");
  let fading = 0;
  let pointer = "";
  let leftFullScreen = 0;

  function wake() {
    root.classList.remove("idle");
    clearTimeout(fading);
    fading = setTimeout(() => root.classList.add("idle"), FADE_AFTER);
  }
  document.addEventListener("pointermove", ({ screenX, screenY }) => {
    const place = `${screenX} ${screenY}`;
    if (place !== pointer) wake(); // a browser also says it when something moves below the pointer
    pointer = place;
  });
  document.addEventListener("focusin", wake);
  wake();

  function black(on) {
    blank.hidden = !on;
  }
  function full() {
    const done = document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.();
    done?.catch(() => {}); // not allowed here
  }
  document.addEventListener("fullscreenchange", () => { leftFullScreen = document.fullscreenElement ? 0 : Date.now(); });

  function go(path) {
    black(false);
    press(path);
  }
  function turn() {
    const choices = [...options.elements.join];
    choices[(choices.findIndex((each) => each.checked) + 1) % choices.length].checked = true;
  }
  function escape() {
    if (!blank.hidden) return black(false);
    if (document.fullscreenElement || Date.now() - leftFullScreen < 500) return; // the browser's own
    location.assign(document.body.dataset.home);
  }

  lectureKeys({
    ArrowRight: () => go("/step"),
    " ": () => go("/step"),
    ArrowLeft: () => go("/back"),
    // An open question comes first: a clicker shows its answer, and then goes on.
    PageDown: () => go($("#card.asked") ? "/step" : "/script/next"),
    PageUp: () => go("/script/previous"),
    b: () => black(blank.hidden),
    ".": () => black(blank.hidden),
    f: full,
    m: () => { options.elements.matrices.checked = !options.elements.matrices.checked; },
    q: turn,
    Escape: escape,
  });

  const does = { blank: () => black(true), full };
  document.addEventListener("click", (event) => {
    if (event.target.closest("#blank")) return black(false);
    does[event.target.closest("[data-does]")?.dataset.does]?.();
    // What was clicked would keep the space bar for itself.
    if (event.detail && event.target.closest(".remote")) document.activeElement.blur();
  });
  options.addEventListener("submit", (event) => event.preventDefault());

  // The screen stays on where a browser allows that.
  async function stayOn() {
    try {
      await navigator.wakeLock?.request("screen");
    } catch { /* it may go off */ }
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) stayOn(); });
  stayOn();
})();
