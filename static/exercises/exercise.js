// Reads an exercise while it is typed, and when another reading is chosen.
"use strict";

(() => {
  const form = document.querySelector(".exercise-form");
  if (!form) return;
  const AFTER = 400; // milliseconds without typing
  let waiting = 0;
  let newest = 0;

  async function read() {
    const number = newest += 1;
    const fields = new URLSearchParams(new FormData(form));
    if (!fields.get("text").trim()) return;
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: fields });
      if (number !== newest || !answer.ok) return;
      const reading = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("reading");
      if (reading) document.getElementById("reading").replaceWith(reading);
    } catch { /* Read will say that the server is away */ }
  }
  form.addEventListener("input", ({ target }) => {
    if (target.name !== "text") return;
    clearTimeout(waiting);
    waiting = setTimeout(read, AFTER);
  });
  form.addEventListener("change", ({ target }) => { if (target.name.startsWith("choose.")) read(); });
})();
