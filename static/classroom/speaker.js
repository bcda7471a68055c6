// The speaker's window: the keys of a clicker, and a clock.
"use strict";

(() => {
  if (!document.body.classList.contains("speaker")) return;
  const BEGUN = "backstep-lecture-begun";
  const clock = $("#clock time");
  let begun = Date.now();

  function keep() {
    try {
      sessionStorage.setItem(BEGUN, String(begun));
    } catch { /* it begins again when the page is loaded */ }
  }
  try {
    begun = Number(sessionStorage.getItem(BEGUN)) || begun;
  } catch { /* as above */ }
  keep();

  function showTime() {
    const seconds = Math.max(0, Math.floor((Date.now() - begun) / 1000));
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
    clock.textContent = `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
  }
  setInterval(showTime, 1000);
  showTime();

  document.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-does=restart]")) return;
    begun = Date.now();
    keep();
    showTime();
  });

  lectureKeys({
    ArrowRight: () => press("/step"),
    ArrowLeft: () => press("/back"),
    " ": () => press("/step"),
    PageDown: () => press("/script/next"),
    PageUp: () => press("/script/previous"),
  });
})();
