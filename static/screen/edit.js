// A number is typed where it stands in the drawing: a double click on it, or E or F2 where it has the
// focus or is what is explained. The field lies over its place, outside of what a step changes.
// Without this, and on a phone, the derivation that a click opens has the same field.
"use strict";

(() => {
  const EDITABLE = /^(weight\/|bias\/|out\/0\/|target\/)/; // and the settings among the facts
  const form = document.createElement("form");
  form.id = "editing";
  form.method = "post";
  form.hidden = true;
  form.innerHTML = '<input inputmode="text" autocapitalize="off" autocomplete="off" spellcheck="false" aria-describedby="editing-refusal">'
    + '<span id="editing-refusal" role="alert"></span>';
  document.body.append(form);
  const [input, refusal] = form.children;
  const PLACES = "#graph a[href], .facts a[href]";
  let address = ""; // of what is edited; empty where nothing is
  let sent = ""; // what of it awaits an answer
  let point = null; // where it was clicked: an edge is long

  const addressOf = (link) => link?.closest("[data-of]")?.dataset.of.split(" ")[0] ?? "";
  const editable = (link) => EDITABLE.test(addressOf(link)) || Boolean(link?.closest(".facts a"));
  const isLabel = (link) => Boolean(link.querySelector("text"));

  const linksOf = (wanted) => [...document.querySelectorAll(PLACES)].filter((link) => addressOf(link) === wanted);
  const shownIn = (link) => link.getAttribute("aria-label")?.split(" = ")[1] ?? link.textContent.trim();

  // Its label where it has one, else its edge.
  function linkOf(wanted) {
    const links = linksOf(wanted);
    return links.find((link) => isLabel(link) && link.getClientRects().length) ?? links[0];
  }

  function exact(link) {
    if (link.dataset.was) return link.dataset.was;
    const fraction = linksOf(address).map(shownIn).find((text) => /^−?\d+\/\d+$/.test(text));
    if (fraction) return fraction;
    const drawn = link.closest(".facts [data-value], .unit") ?? document.getElementById(address.replace("weight", "edge").replaceAll("/", "-"));
    const { value, weight, target, out } = drawn.dataset;
    return address.startsWith("target/") ? target : value ?? weight ?? out;
  }

  function nameOf(link) {
    const named = link.querySelector(".name, .key") ?? link.closest(".facts [data-value]")?.querySelector("abbr");
    return named?.title || (link.getAttribute("aria-label")?.split(" = ")[0] ?? named?.textContent ?? "");
  }

  // Over what shows it, as large as that, and inside the window.
  function place() {
    const link = linkOf(address);
    if (!link) return close();
    const shown = link.querySelector(".value, .out, .number") ?? link.querySelector("text, rect") ?? link;
    const { left, top, width, height } = shown.getBoundingClientRect();
    const text = link.querySelector("text") ?? link;
    form.style.fontSize = `${Math.max(14, parseFloat(getComputedStyle(text).fontSize))}px`;
    const onLine = point && shown.matches("a") && shown.querySelector(".wire, .ribbon");
    const [x, y] = onLine ? [point.clientX, point.clientY] : [left + width / 2, top + height / 2];
    const { clientWidth, clientHeight } = document.documentElement;
    const within = (middle, size, whole) => Math.max(4, Math.min(middle - size / 2, whole - size - 4));
    form.style.left = `${within(x, form.offsetWidth, clientWidth)}px`;
    form.style.top = `${within(y, input.offsetHeight, clientHeight - refusal.offsetHeight)}px`;
  }

  function open(link) {
    if (!window.htmx || !editable(link)) return;
    address = addressOf(link);
    form.setAttribute("action", document.getElementById("moves").getAttribute("action").replace(/\/step(?=\?|$)/, "/edit"));
    input.name = `graph/${address}`;
    input.value = input.defaultValue = exact(link).replace("-", "−");
    for (const named of [form, input]) named.setAttribute("aria-label", nameOf(link));
    refuse("");
    form.hidden = false;
    htmx.process(form);
    place();
    input.focus({ preventScroll: true });
    input.select();
  }

  function refuse(message) {
    refusal.textContent = message;
    input.setAttribute("aria-invalid", String(Boolean(message)));
  }

  // The page shows a newer state by now. What was typed can be sent again, if its place is still there.
  function moveNotice() {
    const notice = document.getElementById("notice");
    refuse(notice.textContent);
    place();
    if (!form.hidden) notice.textContent = "";
  }

  function close(returning = false) {
    if (form.hidden) return;
    const link = returning && linkOf(address);
    address = "";
    form.hidden = true;
    if (link) link.focus({ preventScroll: true });
  }

  let first = ""; // of what the first of two clicks was on: the page may have moved since
  document.addEventListener("click", (event) => {
    if (event.detail === 1) first = addressOf(event.target.closest?.(PLACES));
  });
  document.addEventListener("dblclick", (event) => {
    const link = event.target.closest?.(PLACES);
    point = event;
    if (link && addressOf(link) === first) open(link);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !form.hidden && form.contains(event.target)) return close(true);
    if (event.key !== "F2" && event.key.toLowerCase() !== "e") return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, dialog[open], [contenteditable]")) return;
    const focused = event.target.closest(PLACES);
    const explained = [...document.querySelectorAll("#graph [data-chosen], .facts [data-chosen]")].find(editable);
    const link = editable(focused) ? focused : explained;
    if (!link) return;
    event.preventDefault();
    point = null;
    open(linkOf(addressOf(link)));
  });

  form.addEventListener("submit", (event) => {
    refuse("");
    sent = address;
    if (input.value.trim() !== input.defaultValue) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    close(true);
  }, true);
  // The window that loses the focus does not lose what is typed.
  input.addEventListener("blur", () => { if (document.hasFocus()) close(); });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.sourceElement === form && sent !== address) {
      const said = refusal.textContent; // of one that was left meanwhile
      refuse("");
      if (said) document.getElementById("notice").textContent = said;
    } else if (ctx.sourceElement === form) {
      if (ctx.response.status < 400) return close(true);
      if (ctx.response.status === 409) moveNotice();
      input.setAttribute("aria-invalid", String([409, 422].includes(ctx.response.status)));
      input.select();
    }
    if (!form.hidden) place();
  });
  for (const kind of ["scroll", "resize"]) {
    window.addEventListener(kind, () => { if (!form.hidden) place(); }, { capture: true, passive: true });
  }
})();
