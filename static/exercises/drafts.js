// Keeps what is typed in a form of exercises in this browser, and puts it back where nothing else stands.
"use strict";

(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const key = `backstep-draft:${location.pathname}${location.search}`;
  const fields = () => [...form.querySelectorAll("textarea, input:not([type])")];

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
  if (fields().some(({ value }) => value)) {
    keep();
  } else {
    putBack();
    // Whoever listens to what is typed hears it, too.
    setTimeout(() => form.querySelector("textarea").dispatchEvent(new Event("input", { bubbles: true })));
  }
  form.addEventListener("input", keep);
  form.addEventListener("change", ({ target }) => { if (target.name === "by") form.requestSubmit(); });
})();
