// A tab that gets the focus shows what others have made of its network meanwhile, unless something is
// being typed. It asks whether the version is another one; a page at rest asks nothing.
"use strict";

(() => {
  let asking = false;
  let typed = false; // since the page has changed

  const isTyping = () => typed || playing || document.activeElement?.matches("input:not([type=range], [type=radio]), textarea, select");

  async function refresh() {
    const { version, state } = $("#newest")?.dataset ?? {};
    if (!state || asking || document.hidden || isTyping()) return;
    asking = true;
    try {
      const { status } = await fetch(state, { headers: { "If-None-Match": `"${version}"` }, cache: "no-store" });
      if (status === 200 && version === $("#newest").dataset.version && !isTyping()) $("#newest").requestSubmit();
    } catch { /* the next press will say that the server is away */ }
    asking = false;
  }

  if (!window.htmx) return;
  document.addEventListener("input", ({ target }) => { typed ||= Boolean(target.closest("#lab, #editing")); });
  document.addEventListener("htmx:after:swap", () => { typed = false; });
  document.addEventListener("visibilitychange", refresh);
  window.addEventListener("focus", refresh);
  window.addEventListener("pageshow", ({ persisted }) => { if (persisted) refresh(); });
})();
