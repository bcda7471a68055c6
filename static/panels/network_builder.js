// Shows what a change of the network comes to while it is chosen. Without it, the form asks to confirm.
"use strict";

(() => {
  const SETTLED = 150; // milliseconds after the last key or choice
  let timer = 0, newest = 0;

  const isChanged = (field) => field.tagName === "SELECT"
    ? field.selectedOptions.length && !field.selectedOptions[0].defaultSelected
    : field.tagName === "INPUT" && field.type !== "hidden" && field.value !== field.defaultValue;

  async function preview() {
    const form = document.querySelector("#network .alter");
    if (!form) return;
    const place = form.querySelector(".preview"), fields = new FormData(form), number = ++newest;
    fields.delete("confirmed");
    try {
      const response = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(fields) });
      // What is outdated by now is not shown: neither an earlier answer, nor one for a form that is gone.
      if (!response.ok || number !== newest || !place.isConnected) return;
      place.innerHTML = await response.text();
      place.classList.add("shown");
    } catch {
      // Sending the form shows the same.
    }
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(preview, SETTLED);
  };

  document.addEventListener("input", ({ target }) => {
    if (target.closest?.("#network .alter")) soon();
  });
  // A step keeps what was chosen and not applied yet.
  document.addEventListener("htmx:after:swap", () => {
    const form = document.querySelector("#network .alter");
    if (form && [...form.elements].some(isChanged)) soon();
  });
})();
