// On a phone a swipe across the drawing turns to the next gap of layers; up and down scrolls the page.
// The tabs above the drawing do the same without this.
"use strict";

(() => {
  const SWIPE = 40; // px: less is a tap
  let swipe = null;
  let stepShown = String(momentShown());

  const gapTabs = () => [...document.querySelectorAll(".gaps input")];

  function showGap(gap) {
    const tabs = gapTabs();
    if (tabs.length) tabs[Math.max(0, Math.min(tabs.length - 1, gap))].checked = true;
  }

  document.addEventListener("pointerdown", (event) => {
    const starts = event.isPrimary && event.pointerType !== "mouse" && event.target.closest("#graph");
    swipe = starts ? { x: event.clientX, y: event.clientY } : null;
  });
  document.addEventListener("pointercancel", () => { swipe = null; }); // the page scrolls
  document.addEventListener("pointerup", ({ clientX, clientY }) => {
    if (!swipe) return;
    const across = clientX - swipe.x, down = clientY - swipe.y;
    swipe = null;
    if (Math.abs(across) < SWIPE || Math.abs(across) < 2 * Math.abs(down)) return;
    showGap(gapTabs().findIndex((tab) => tab.checked) - Math.sign(across));
  });

  // What has the focus is in sight: a line in its gap, a unit in the gap before it.
  document.addEventListener("focusin", ({ target }) => {
    const [, kind, layer] = target.closest("#graph [id]")?.id.match(/^(edge|bias|unit)-(\d)/) ?? [];
    if (!kind || !target.matches(":focus-visible")) return;
    showGap(kind === "unit" ? layer - 1 : Number(layer));
  });

  // A step shows the gap that it is about; opening a derivation or a panel leaves the choice alone.
  document.addEventListener("htmx:after:swap", () => {
    const now = String(momentShown());
    if (now !== stepShown) for (const tab of gapTabs()) tab.checked = tab.defaultChecked;
    stepShown = now;
  });
})();
