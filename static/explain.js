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
  }

  const nearest = (event) => (event.target.closest ? event.target.closest("[data-of]") : null);

  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, (event) => light(nearest(event)));
  }
  document.addEventListener("focusout", () => light(null));
  document.documentElement.addEventListener("pointerleave", () => light(null));
  document.addEventListener("htmx:after:swap", () => {
    const focused = document.activeElement;
    light(focused && focused !== document.body ? focused.closest("[data-of]") : null);
  });

  // htmx follows links of HTML; those in the drawing are links of SVG.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("svg a[href]");
    if (!link || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const [path, anchor] = link.getAttribute("href").split("#");
    htmx
      .ajax("GET", path, { target: "#lab", swap: "outerMorph" })
      .then(() => document.getElementById(anchor)?.scrollIntoView());
  });

  // Going down inside a derivation, the reader is there already: nothing jumps.
  document.addEventListener("htmx:config:request", ({ detail }) => {
    if (detail.ctx.sourceElement?.closest?.("#derivation")) detail.ctx.request.anchor = undefined;
  });
})();
