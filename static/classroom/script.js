// The lecture script: moving a pin without loading the page, by its buttons, by Alt and an arrow, or
// by dragging. The server keeps the order, and answers with the page.
"use strict";

(() => {
  if (!document.body?.classList.contains("lecture-script")) return;
  document.documentElement.classList.add("js");

  const pins = () => [...document.querySelectorAll(".pins > li")];
  let turn = Promise.resolve();

  // One change at a time: each needs the script as the one before has left it.
  function move(pin, to, focus) {
    turn = turn.then(() => send(pin(), to(), focus)).catch(() => {
      const list = document.querySelector(".pins");
      list.append(...pins().sort((one, other) => one.dataset.pin - other.dataset.pin));
      say(list.dataset.failed);
    });
  }

  async function send(item, to, focus) {
    const list = document.querySelector(".pins");
    if (!item || to < 1 || to > pins().length || to === Number(item.dataset.pin)) return;
    const fields = new URLSearchParams({ script: list.dataset.script, pin: item.dataset.pin, to, focus });
    const answer = await fetch(list.dataset.order, { method: "POST", body: fields, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector(".lecture-script main")) throw new Error(`status ${answer.status}`);
    show(page.querySelector("main"));
  }

  // What is typed elsewhere on the page stays.
  function show(changed) {
    for (const selector of [".lead", ".pins"]) document.querySelector(selector).replaceWith(changed.querySelector(selector));
    document.querySelector("#said").replaceChildren(...changed.querySelector("#said").childNodes);
    const tools = document.querySelector(".tools"), builtIn = changed.querySelector(".tools > form");
    if (builtIn && !tools.querySelector(":scope > form")) tools.append(builtIn);
    for (const field of tools.querySelectorAll("[name=script]")) field.value = document.querySelector(".pins").dataset.script;
    const button = document.querySelector(".pins [autofocus]");
    (button?.disabled ? button.closest(".acts").querySelector(".move button:enabled") : button)?.focus();
  }

  function say(text) {
    const said = document.querySelector("#said"), notice = document.createElement("div"), words = document.createElement("p");
    words.textContent = text;
    notice.className = "notice";
    notice.append(words);
    said.replaceChildren(notice);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches(".pins .move")) return;
    event.preventDefault();
    step(form.closest("li"), form.elements.focus.value);
  });

  // Quick presses follow the pin, wherever it is by then.
  function step(item, focus) {
    const first = item.dataset.pin, title = item.querySelector("h2")?.textContent;
    const now = () => {
      const found = document.activeElement?.closest(".pins > li");
      return found?.querySelector("h2")?.textContent === title ? found : document.querySelector(`#pin-${first}`);
    };
    move(now, () => Number(now()?.dataset.pin) + (focus === "up" ? -1 : 1), focus);
  }

  document.addEventListener("keydown", (event) => {
    const focus = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    const item = event.target.closest?.(".pins > li");
    if (!focus || !event.altKey || !item || item.matches(":has(form.what)")) return;
    event.preventDefault();
    step(item, focus);
  });

  // Dragging: the list shows the order as it would be; it is sent when the pin is let go. A handle that is
  // moved loses the pointer, so the document listens.
  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest?.(".handle");
    if (!handle || event.button) return;
    event.preventDefault();
    const item = handle.closest("li"), list = item.parentElement, before = item.nextElementSibling;
    item.classList.add("dragged");
    const over = ({ clientY }) => {
      const other = pins().find((each) => each !== item && clientY < each.getBoundingClientRect().top + each.offsetHeight / 2);
      if (item.nextElementSibling !== (other ?? null)) list.insertBefore(item, other ?? null);
      if (clientY < 40 || clientY > innerHeight - 40) scrollBy(0, clientY < 40 ? -20 : 20);
    };
    const end = ({ type }) => {
      document.removeEventListener("pointermove", over);
      document.removeEventListener("pointerup", end);
      document.removeEventListener("pointercancel", end);
      item.classList.remove("dragged");
      const to = pins().indexOf(item) + 1;
      if (type === "pointercancel") list.insertBefore(item, before);
      else move(() => document.querySelector(`#pin-${item.dataset.pin}`), () => to, "up");
    };
    document.addEventListener("pointermove", over);
    document.addEventListener("pointerup", end);
    document.addEventListener("pointercancel", end);
  });

  // A quantity is asked for only in a question, and a second one only where two are compared.
  function showQuantities() {
    for (const { form, value } of document.querySelectorAll(".lecture-script select[name=kind]")) {
      form.querySelector(".first").hidden = !value;
      form.querySelector(".second").hidden = value !== "larger";
    }
  }
  document.addEventListener("change", showQuantities);
  showQuantities();
})();
