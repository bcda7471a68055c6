// A number is sent when its field is left, or by Enter; Escape shows the one that holds again. Without this
// the form of the field sends all of its numbers.
"use strict";

(() => {
  const FIELDS = ".entry input";
  const TYPED = "#lab input:is(:not([type]), [type=number])";
  // A field that was refused has what was typed as its value, and beside it the number that holds.
  const held = (field) => field.dataset.holds ?? field.defaultValue;
  const isChanged = (field) => ![field.defaultValue, held(field)].includes(field.value);
  let sent = null; // the field that is being sent

  function revert(field) {
    field.value = held(field);
    field.closest(".refused")?.classList.remove("refused");
    document.getElementById(field.getAttribute("aria-describedby"))?.remove();
    for (const name of ["aria-invalid", "aria-describedby"]) field.removeAttribute(name);
  }

  function send(field) {
    sent = field;
    field.form.requestSubmit();
    sent = null;
  }

  // Of a form with several fields, it alone.
  document.addEventListener("formdata", ({ formData }) => {
    if (!sent) return;
    for (const other of document.querySelectorAll(FIELDS)) {
      if (other !== sent) formData.delete(other.name);
    }
  });

  // (Not at a change: Enter would be that as well, and send it twice.)
  document.addEventListener("focusout", ({ target }) => {
    if (target.matches(FIELDS) && isChanged(target)) send(target);
  });

  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.isComposing) return;
    if (key === "Enter" && target.matches(FIELDS)) {
      event.preventDefault();
      send(target);
    } else if (key === "Escape" && target.matches(TYPED) && target.value !== held(target)) {
      event.preventDefault(); // a drawer stays open
      revert(target);
    }
  }, true);

  // A morph keeps what was typed into a field whose value did not change: show what holds instead, but
  // leave alone what is being typed while the answer to something else arrives.
  let typed = null;
  document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
    const { activeElement: at } = document;
    const isAnswered = at && ctx.request?.body?.get?.(at.name) === at.value;
    typed = at?.matches(FIELDS) && isChanged(at) && !isAnswered ? at : null;
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const field of document.querySelectorAll(FIELDS)) {
      if (field !== typed) field.value = field.defaultValue;
    }
  });
})();
