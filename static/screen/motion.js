// Motion that says what a step does: (1) and (2) merge into δ, a weight moves from its old value to its
// new one, what flows back arrives. The numbers on the screen are the new ones from the start, and any
// press ends the motion. Nothing moves where reduced motion is asked for.
"use strict";

(() => {
  const LONG = 500; // milliseconds of a motion
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let motions = [];

  function move(element, frames, options = {}) {
    if (!element?.animate) return;
    motions.push(element.animate(frames, { duration: LONG, easing: "ease-in-out", fill: "backwards", ...options }));
  }

  function rest() {
    for (const each of motions) each.cancel();
    motions = [];
  }

  const from = (x, y) => `translate(${x}px, ${y}px)`;
  const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];

  // Both factors travel to the foot of their unit, where their product appears.
  function mergeFactors(foot) {
    const [x, y] = middle(foot.querySelector(".mark").getBBox());
    for (const factor of foot.parentElement.querySelectorAll(".factor .number")) {
      const [startX, startY] = middle(factor.getBBox());
      const there = from(x - startX, y - startY);
      move(factor, [
        { transform: from(0, 0), opacity: 1 },
        { transform: there, opacity: 0.3, offset: 0.7 },
        { transform: from(0, 0), opacity: 0, offset: 0.71 },
        { transform: from(0, 0), opacity: 1 },
      ]);
    }
    move(foot, [{ opacity: 0 }, { opacity: 0, offset: 0.6 }, { opacity: 1 }]);
  }

  // The new value leaves the old one, by way of the arrow.
  function updateWeight(made) {
    const group = made.closest(".edge, .bias"), old = group.querySelector(".mark.read");
    if (!old) return;
    const away = from(old.getBBox().x + old.getBBox().width - made.getBBox().x - made.getBBox().width, 0);
    for (const part of [made, group.querySelector(".number.on-made")]) {
      move(part, [{ transform: away, opacity: 0 }, { transform: from(0, 0), opacity: 1 }]);
    }
    move(group.querySelector(".move"), [{ opacity: 0 }, { opacity: 1 }]);
  }

  function showStep() {
    const graph = $("#graph");
    graph.querySelectorAll(".foot.delta:has(.mark.made)").forEach(mergeFactors);
    graph.querySelectorAll(".edge.result .mark.made, .bias.result .mark.made").forEach(updateWeight);
    const returns = graph.querySelector('.foot[data-of^="error_slope"] .mark.made');
    for (const ribbon of returns ? graph.querySelectorAll(".ribbon, .tip") : []) {
      move(ribbon, [{ opacity: 0, transform: from(24, 0) }, { opacity: 1, transform: from(0, 0) }]);
    }
  }

  // Only a step onward is shown: by how far the cursor is, from one answer to the next.
  let position = momentShown();

  document.addEventListener("htmx:before:request", rest);
  document.addEventListener("htmx:after:swap", ({ detail }) => {
    const [iteration, cursor] = position;
    position = momentShown();
    const stepped = detail.ctx.sourceElement?.closest?.("#moves") && /[/?&]step\b/.test(detail.ctx.request?.action);
    const onward = position[0] > iteration || position[0] === iteration && position[1] > cursor;
    if (stepped && onward && !still.matches) showStep();
  });

  // Before the first step: the whole trip once, forward, backward and the update. It can be played again.
  const TRIP = 4600; // milliseconds
  const SEEN = "backstep-trip";
  let trip = 0;

  function gaps() {
    const found = [];
    for (const edge of document.querySelectorAll("#graph .edge")) {
      const gap = Number(edge.id.split("-")[1]);
      (found[gap] ??= []).push(edge);
    }
    return found;
  }

  function playTrip() {
    const all = gaps(), legs = 2 * all.length + 1, leg = TRIP / legs;
    if (!all.length || !$(".trip")) return;
    const glow = (edge, color, delay) => {
      for (const wire of edge.querySelectorAll(".wire")) {
        move(wire, [{}, { stroke: `var(--${color})`, strokeWidth: 6, opacity: 1 }, {}], { duration: 1.3 * leg, delay });
      }
    };
    all.forEach((edges, gap) => edges.forEach((edge) => {
      glow(edge, "forward", gap * leg);
      glow(edge, "backward", (legs - 2 - gap) * leg);
      move(edge.querySelector(".value"), [{}, { fill: "var(--update)", opacity: 1 }, {}], { duration: leg, delay: (legs - 1) * leg });
    }));
    const names = $(".trip").querySelectorAll("[data-leg]");
    names.forEach((name) => {
      const [begin, end] = { forward: [0, all.length], backward: [all.length, legs - 1], update: [legs - 1, legs] }[name.dataset.leg];
      move(name, [{}, { color: `var(--${name.dataset.leg})`, fontWeight: 700 }, {}], { duration: (end - begin) * leg, delay: begin * leg });
    });
    $(".trip").classList.add("playing");
    trip = setTimeout(endTrip, TRIP);
  }

  function endTrip() {
    clearTimeout(trip);
    trip = 0;
    rest();
    $(".trip")?.classList.remove("playing");
  }

  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, ({ target }) => { if (trip && !target.closest?.(".trip")) endTrip(); }, true);
  }
  document.addEventListener("click", ({ target }) => {
    if (!target.closest(".trip button")) return;
    if (trip) endTrip();
    else playTrip();
  });

  // It plays by itself once in a browser.
  try {
    if ($(".trip") && !still.matches && !localStorage.getItem(SEEN)) {
      localStorage.setItem(SEEN, "1");
      playTrip();
    }
  } catch { /* where nothing can be kept, it plays when it is asked for */ }
})();
