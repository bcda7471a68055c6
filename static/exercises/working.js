// Keeps what is typed on a page with a working in this browser, and puts it back where nothing else stands.
"use strict";

(() => {
  const form = document.getElementById("working");
  if (!form) return;
  const key = `backstep-working:${location.pathname}${location.search}`;
  const fields = () => [...form.querySelectorAll("textarea, .blank input")];

  function keep() {
    const typed = Object.fromEntries(fields().filter(({ value }) => value).map(({ name, value }) => [name, value]));
    try {
      if (Object.keys(typed).length) localStorage.setItem(key, JSON.stringify(typed));
      else localStorage.removeItem(key);
    } catch { /* the page itself has it until it is left */ }
  }
  function putBack() {
    try {
      const typed = JSON.parse(localStorage.getItem(key) ?? "{}");
      for (const field of fields()) field.value ||= typed[field.name] ?? "";
    } catch { /* nothing is kept */ }
  }
  if (!fields().some(({ value }) => value)) putBack();
  else keep();
  form.addEventListener("input", keep);
  form.addEventListener("change", ({ target }) => { if (target.name === "by") form.requestSubmit(); });
})();
