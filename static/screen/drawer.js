// Escape closes the drawer, and the focus returns to what opened it. Without this its button closes it.
"use strict";

(() => {
  const drawer = () => document.querySelector("#stage > .drawer");
  let opener = null; // what had the focus when the drawer was opened, and how to find it again
  let wasOpen = Boolean(drawer());
  let shown = drawer()?.dataset.shows;

  function nameOf(element) {
    const shows = element.closest("[data-of]")?.dataset.of;
    if (element.id) return `#${CSS.escape(element.id)}`;
    if (shows) return `[data-of="${CSS.escape(shows)}"] a, a[data-of="${CSS.escape(shows)}"]`;
    return element.name === "panel" && element.textContent ? `.groups button[name="panel"]` : "";
  }

  // The open section of the deck is in sight among the others.
  function showSection() {
    const list = document.querySelector("#deck .sections"), open = list?.querySelector("[aria-current]");
    if (!open || list.scrollWidth <= list.clientWidth) return;
    list.scrollLeft += open.getBoundingClientRect().left - list.getBoundingClientRect().left - 24;
  }
  showSection();

  document.addEventListener("htmx:before:request", ({ detail }) => {
    detail.ctx.sourceElement?.closest?.("[popover]")?.hidePopover();
    const at = document.activeElement;
    if (!drawer() && at && at !== document.body) opener = { element: at, name: nameOf(at) };
  });

  document.addEventListener("htmx:after:swap", () => {
    const now = drawer();
    if (now && now.dataset.shows !== shown) now.querySelector(".content")?.scrollTo(0, 0);
    shown = now?.dataset.shows;
    showSection();
    if (wasOpen && !now && opener && [document.body, null].includes(document.activeElement)) {
      const there = opener.element.isConnected ? opener.element : opener.name && document.querySelector(opener.name);
      there?.focus({ preventScroll: true });
    }
    wasOpen = Boolean(now);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    if (event.target.closest("dialog[open], select, #editing") || document.querySelector(":popover-open")) return;
    const close = drawer()?.querySelector(".close");
    if (!close) return;
    event.preventDefault();
    close.click();
  });
})();
