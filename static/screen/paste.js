// A block of cells that is pasted into one field of a matrix fills it from there on. Without this the
// form under the matrix takes all of it.
"use strict";

document.addEventListener("paste", (event) => {
  const input = event.target.closest?.("#matrices .entry input");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!input || !/[\t\r\n;&|()[\]{}\\]/.test(text.trim())) return;
  event.preventDefault();
  input.value = input.dataset.holds ?? input.defaultValue; // what was typed there gives way
  const form = document.createElement("form");
  form.method = "post";
  form.action = input.form.getAttribute("action").replace(/\/edit(?=\?|$)/, "/paste");
  form.hidden = true;
  form.className = "pasting";
  const block = document.createElement("textarea");
  block.name = `block/${input.name}`;
  block.value = text;
  form.append(block);
  document.body.append(form);
  window.htmx?.process(form);
  form.requestSubmit();
});

document.addEventListener("htmx:finally:request", ({ detail }) => {
  const from = detail.ctx.sourceElement;
  if (from?.matches?.("form.pasting")) from.remove();
});

// A matrix that fits in both directions is shown in both, to choose from.
document.addEventListener("htmx:after:swap", () => {
  const question = document.getElementById("question");
  question?.scrollIntoView({ block: "start" });
  question?.focus({ preventScroll: true });
});
