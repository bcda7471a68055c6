// Moving along the error curve moves through the iterations: it drives the slider of the iterations,
// which the server answers. Without this the slider and its number field do the same.
"use strict";

(() => {
  let pointer = null; // the pointer that moves along the curve

  const plot = (target) => target.closest?.(".curve svg");

  function goTo(event) {
    const svg = document.querySelector(".curve svg");
    const slider = document.querySelector("#scrub input");
    if (!svg || !slider) return;
    const { left, width } = svg.getBoundingClientRect();
    const [first, last, from, to] = ["first", "last", "left", "right"].map((name) => Number(svg.dataset[name]));
    const x = (event.clientX - left) / width * svg.viewBox.baseVal.width;
    const share = Math.min(1, Math.max(0, (x - from) / (to - from)));
    const iteration = String(Math.round(first + share * (last - first)));
    if (slider.value === iteration) return;
    slider.value = iteration;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("pointerdown", (event) => {
    if (event.button || !plot(event.target)) return;
    event.preventDefault();
    pointer = event.pointerId;
    goTo(event);
  });
  document.addEventListener("pointermove", (event) => { if (event.pointerId === pointer) goTo(event); });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, (event) => { if (event.pointerId === pointer) pointer = null; });
  }
})();
