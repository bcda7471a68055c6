// Whatever shows the same quantity lights up together: in the drawing, the formula, the matrices and
// the code. Elements name what they show in data-of; `delta/1` is the whole of which `delta/1/0` is a
// part. Without this the quantity that is explained is lit by the server.
"use strict";

(() => {
  const LIT = "lit";

  function related(one, other) {
    return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
  }

  function light(element) {
    const shown = element ? element.dataset.of.split(" ") : [];
    for (const each of document.querySelectorAll("[data-of]")) {
      const same = shown.length && each.dataset.of.split(" ").some((text) => shown.some((own) => related(own, text)));
      each.classList.toggle(LIT, Boolean(same));
    }
    markSamePlace();
  }

  // On slide 4 a result's row and column are marked by CSS; what stands in the same place is here.
  function markSamePlace() {
    for (const cell of document.querySelectorAll(".each .from")) cell.classList.remove("from");
    for (const cell of document.querySelectorAll(".gives td.lit")) {
      for (const grid of cell.closest(".equation").querySelectorAll(".each")) {
        grid.rows[cell.parentElement.rowIndex].cells[cell.cellIndex].classList.add("from");
      }
    }
  }

  const nearest = (element) => element?.closest?.("[data-of]") ?? null;
  const focused = () => nearest(document.activeElement);
  let pointed = null;

  // Where the pointer rests on nothing, what has the focus is lit. A mouse that has not moved points at
  // nothing then, either: the page was scrolled under it.
  let last = "";
  const whereIs = ({ screenX, screenY }) => `${screenX},${screenY}`;
  document.addEventListener("pointermove", (event) => { last = whereIs(event); });
  document.addEventListener("pointerover", (event) => {
    const rests = event.pointerType === "mouse" && whereIs(event) === last;
    pointed = rests && focused() ? null : nearest(event.target);
    light(pointed ?? focused());
  });
  // A finger that is lifted leaves, too, but what it tapped stays lit.
  document.documentElement.addEventListener("pointerleave", ({ pointerType }) => {
    if (pointerType === "touch") return;
    pointed = null;
    light(focused());
  });
  // A name that is pressed gives its line the focus, but is what is meant.
  document.addEventListener("focusin", ({ target }) => light(target.contains(pointed) ? pointed : nearest(target) ?? pointed));
  document.addEventListener("focusout", () => light(pointed));
  document.addEventListener("htmx:after:swap", ({ detail }) => {
    arrive(detail.ctx.request?.anchor);
    light(focused() ?? pointed);
  });

  // Whoever opens a derivation goes on from there with Tab, as after a link that loads the page.
  function arrive(anchor) {
    if (anchor === "derivation") document.getElementById(anchor)?.focus({ preventScroll: true });
  }

  // htmx follows links of HTML; those in the drawing are links of SVG. The learning rate is like them.
  // The focus stays where it is until a second click would have made it a double click (edit.js).
  // Whoever has pressed something else meanwhile, or types, is not carried away from there.
  const TWICE = 300;
  let clicked = {};
  let presses = 0;
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, () => { presses += 1; }, true);
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("svg a[href], .facts a");
    if (!link || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    // The second click of two is edit.js's; where the page has moved under the pointer between them,
    // it is the first on something else.
    const shown = link.closest("[data-of]")?.dataset.of;
    if (event.detail > 1 && shown === clicked.shown) {
      clicked.presses = presses;
      return;
    }
    const click = clicked = { shown, presses };
    const [path, anchor] = link.getAttribute("href").split("#");
    const still = event.detail ? new Promise((resolve) => { setTimeout(resolve, TWICE); }) : null;
    Promise.all([htmx.ajax("GET", path, { target: "#lab", swap: "outerMorph" }), still])
      .then(() => {
        if (click.presses !== presses || document.querySelector("#editing:not([hidden])")) return;
        document.getElementById(anchor)?.scrollIntoView({ block: "nearest" });
        arrive(anchor);
      });
  });

  // Going down inside a derivation, the reader is there already: nothing jumps.
  document.addEventListener("htmx:config:request", ({ detail }) => {
    if (detail.ctx.sourceElement?.closest?.("#derivation")) detail.ctx.request.anchor = undefined;
  });
})();
