// Scrubbing through the iterations, and the keys of undo and redo. Without it the number field and
// the buttons do the same.
"use strict";

let scrubbing = false; // whether an answer is awaited
let waiting = false; // whether the slider has moved on meanwhile: where it stands then is asked for

function scrub() {
  waiting = scrubbing;
  if (scrubbing) return;
  scrubbing = true;
  $("#scrub").requestSubmit();
}

function scrubbed(on) {
  scrubbing = false;
  if (on && waiting && $("#scrub")) scrub();
  waiting = false;
}

// Without htmx each jump loads the page, so it waits until the slider is let go.
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    if (target.closest("#scrub") && (kind === "input") === Boolean(window.htmx)) scrub();
  });
}

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.sourceElement?.id === "scrub") scrubbed(true);
  if (scrubbing) return; // it is where the visitor has it by now
  $("#scrub")?.reset();
  if (!$("#jump")?.contains(document.activeElement) || event.detail.ctx.sourceElement?.id === "jump") $("#jump")?.reset();
});
document.addEventListener("htmx:response:error", () => scrubbed(false));
document.addEventListener("htmx:error", () => scrubbed(false));

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "z" || event.altKey || event.isComposing) return;
  const at = event.target;
  if (at.closest("input:not([type=range]), textarea, select, dialog[open], [contenteditable]")) return;
  event.preventDefault();
  if (playing) play(false);
  press(event.shiftKey ? "/redo" : "/undo");
});
