// A page in the frame of other people's slides: its keys, and messages of the page around it.
// Without it the buttons do the same.
"use strict";

(() => {
  if (!document.body.classList.contains("embed")) return;
  const framed = window.parent !== window;
  const waiting = []; // presses made before an answer has come: their controls will lead further
  let busy = false;
  let told = ""; // the origin of the page around, once it has sent a message

  const shown = () => $("#moves").dataset;
  const control = (name) => $(`#moves [data-does="${name}"]`);

  function go(name) {
    if (busy) waiting.push(() => go(name));
    else if (!control(name).disabled) $("#moves").requestSubmit(control(name));
  }

  // A key that has nothing left to do here is one of the slides: they get the focus. reveal.js understands the
  // message, so that not even this press is lost.
  function goOrLeave(name, method) {
    if (framed && !busy && control(name).disabled) {
      window.parent.postMessage(JSON.stringify({ method }), "*");
      window.parent.focus();
    } else {
      go(name);
    }
  }
  const onward = () => goOrLeave("next", "next");
  const back = () => goOrLeave("back", "prev");

  lectureKeys({
    ArrowRight: onward,
    " ": onward,
    PageDown: onward,
    ArrowLeft: back,
    PageUp: back,
    f: () => go("forward"),
    b: () => go("backward"),
    u: () => go("update"),
    r: () => go("reset"),
    Escape: () => window.parent.focus(),
  });

  // What is drawn, by the addresses of the API.
  function values() {
    const found = {};
    const read = (element, name, address) => {
      if (name in element.dataset) found[address] = Number(element.dataset[name]);
    };
    for (const element of document.querySelectorAll("#graph [id]")) {
      const [kind, ...indices] = element.id.split("-"), at = indices.join("/");
      if (kind === "error") read(element, "value", "error");
      if (kind === "unit") {
        for (const name of ["net", "out", "delta"]) read(element, name, `${name}/${at}`);
        read(element, "target", `target/${indices[1]}`);
      }
      if (kind === "edge") {
        read(element, "weight", `weight/${at}`);
        read(element, "gradient", `weight_gradient/${at}`);
      }
      if (kind === "bias") {
        read(element, "value", `bias/${at}`);
        read(element, "gradient", `bias_gradient/${at}`);
      }
    }
    return found;
  }

  function tell() {
    if (!told) return;
    const { step, until, iteration, cursor } = shown();
    window.parent.postMessage({
      backstep: "state",
      step: Number(step), until: Number(until), iteration: Number(iteration) - 1, cursor: Number(cursor),
      title: $("#card h1").textContent,
      values: values(),
    }, told === "null" ? "*" : told);
  }

  function seek(step) {
    if (busy) return void waiting.push(() => seek(step));
    const field = document.createElement("button");
    Object.assign(field, { name: "step", value: String(step), hidden: true });
    $("#moves").append(field);
    $("#moves").requestSubmit(field);
    field.remove();
  }

  const asked = {
    step: () => go("next"),
    back: () => go("back"),
    seek: ({ step }) => { if (Number.isInteger(step) && step >= 0 && step <= Number(shown().until)) seek(step); },
    read: () => {},
  };
  window.addEventListener("message", ({ source, origin, data }) => {
    if (!framed || source !== window.parent || !Object.hasOwn(asked, data?.backstep)) return;
    told = origin;
    asked[data.backstep](data);
    if (!busy) tell();
  });

  // The next step is there before it is asked for: the browser keeps the answer.
  function prefetch() {
    const form = $("#moves"), button = form.querySelector("[data-does=next]");
    if (button.disabled || !window.htmx) return;
    const query = new URLSearchParams(new FormData(form, button));
    fetch(`${form.action}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => {});
  }
  prefetch();

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "moves" || !window.htmx) return;
    if (!busy) {
      busy = true;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const name = event.submitter.dataset.does;
    waiting.push(() => go(name));
  }, true);
  document.addEventListener("htmx:finally:request", () => {
    busy = false;
    tell();
    while (waiting.length && !busy) waiting.shift()();
    if (!busy) prefetch();
  });
})();
