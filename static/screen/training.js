// Listens while a training goes on: the server makes it go on as long as somebody does. Without this
// the page has a button for the next stretch.
"use strict";

(() => {
  const EVERY = 400; // milliseconds between two drawings of the whole page meanwhile
  let source = null;
  let drawn = 0;

  const region = () => document.querySelector("#training[data-events]");

  function close() {
    source?.close();
    source = null;
  }

  function draw() {
    drawn = Date.now();
    region()?.querySelector(".shown").requestSubmit();
  }

  function show(event) {
    const at = region();
    if (!at) return;
    const told = JSON.parse(event.data);
    at.querySelector("progress").value = told.done;
    at.querySelector(".told").textContent = told.text;
    if (Date.now() - drawn >= EVERY) draw();
  }

  function listen() {
    const at = region();
    if (!at) return close();
    if (source && source.readyState !== EventSource.CLOSED) return;
    source = new EventSource(at.dataset.events);
    source.onmessage = show;
    source.addEventListener("over", () => {
      close();
      draw();
    });
    // 204: it ended before this page came to listen.
    source.onerror = () => {
      if (source?.readyState === EventSource.CLOSED) {
        close();
        draw();
      }
    };
  }

  document.addEventListener("htmx:after:swap", listen);
  listen();
})();
