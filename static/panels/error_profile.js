// A weight dragged along its curve: by the point, or by the slider under it, which keys move, too. What
// is shown while it moves was computed by the server; letting go sends it. Without this the slider and
// its button do the same.
"use strict";

(() => {
  const PAUSE = 600; // milliseconds after the last key, so that a held arrow is one edit
  let grip = null; // the pointer that drags
  let waiting = 0;
  let sent = null; // the point that awaits an answer
  let top = null; // where the slider was on the screen: what opens above does not move it

  const form = () => document.getElementById("along");
  const range = () => document.getElementById("along-range");
  const list = (name) => form().dataset[name].split(" ");

  function show() {
    const index = Number(range().value);
    const [x, y] = list("places")[index].split(",");
    for (const circle of document.querySelectorAll("#slope .moved, #slope .grip")) {
      circle.setAttribute("cx", x);
      circle.setAttribute("cy", y);
    }
    document.querySelector("#slope .mover").classList.toggle("moving", range().value !== range().defaultValue);
    document.querySelector("#slope .mover .drop").setAttribute("d", `M${x} ${y}V${form().dataset.bottom}`);
    const value = document.getElementById("along-value");
    const error = document.getElementById("along-error");
    value.textContent = list("shown")[index];
    error.textContent = list("errors")[index];
    range().setAttribute("aria-valuetext", `${value.parentElement.textContent}, ${error.parentElement.textContent}`);
  }

  function send() {
    clearTimeout(waiting);
    if (form() && ![range().defaultValue, sent].includes(range().value)) form().requestSubmit();
  }

  function moved() {
    if (playing) play(false);
    clearTimeout(waiting);
    show();
  }

  document.addEventListener("input", ({ target }) => { if (target.id === "along-range") moved(); });
  // A slider says that it has changed at every key; the pointer, when it is let go.
  document.addEventListener("change", ({ target }) => {
    if (target.id !== "along-range") return;
    clearTimeout(waiting);
    waiting = setTimeout(send, keyed ? PAUSE : 0);
  });
  let keyed = false;
  document.addEventListener("keydown", () => { keyed = true; }, true);
  document.addEventListener("pointerdown", () => { keyed = false; }, true);
  document.addEventListener("focusout", ({ target }) => { if (target.id === "along-range") send(); });

  // The number itself goes, not the number of its point: the curve may have moved on by then.
  document.addEventListener("submit", ({ target }) => {
    if (target.id !== "along") return;
    clearTimeout(waiting);
    top = target.getBoundingClientRect().top;
    const exact = document.createElement("input");
    exact.type = "hidden";
    exact.name = target.dataset.field;
    exact.value = list("values")[Number(range().value)];
    answered();
    target.append(exact);
    range().name = ""; // what has no name is not sent
    sent = range().value;
  }, true);

  function answered() {
    form()?.querySelector("[type=hidden]:not([name=press])")?.remove();
    if (range()) range().name = `along/${form().dataset.field}`;
    sent = null;
  }

  // The point itself: where the pointer is, along the axis.
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest?.("#slope .grip") || event.button) return;
    event.preventDefault();
    grip = event.pointerId;
    event.target.setPointerCapture(grip);
    range().focus({ preventScroll: true });
  });
  document.addEventListener("pointermove", (event) => {
    if (event.pointerId !== grip || !form()) return;
    const svg = form().parentElement.querySelector("svg");
    const { left, width } = svg.getBoundingClientRect();
    const x = (event.clientX - left) / width * svg.viewBox.baseVal.width;
    const away = list("places").map((place) => Math.abs(Number(place.split(",")[0]) - x));
    range().value = away.indexOf(Math.min(...away));
    moved();
  });
  document.addEventListener("pointerup", (event) => {
    if (event.pointerId !== grip) return;
    grip = null;
    send();
  });
  document.addEventListener("pointercancel", () => {
    if (grip === null) return;
    grip = null;
    form()?.reset();
    if (form()) show();
  });

  document.addEventListener("htmx:finally:request", ({ detail }) => {
    if (detail.ctx.sourceElement?.id === "along") answered();
  });
  document.addEventListener("htmx:after:swap", ({ detail }) => {
    const ours = detail.ctx.sourceElement?.id === "along";
    if (!form() || grip !== null) return;
    clearTimeout(waiting);
    form().reset();
    show();
    if (ours && top !== null) window.scrollBy(0, form().getBoundingClientRect().top - top);
    if (ours) range().focus({ preventScroll: true });
  });
})();
