// A tap on a number, or the focus, shows all its digits where it stands, over the page, so that nothing
// moves. Without this they are in its tooltip, which a finger cannot open. The server's element says
// what is shown: when an answer has changed it, so has what is shown here.
"use strict";

(() => {
  const NUMBER = /(?:^|= )(−?\d[\d.]*(?:e−?\d+)?)(?: \(.*\))?\s*$/; // in a title: alone, or after a name
  const shown = document.createElement("div");
  shown.id = "all-digits";
  shown.hidden = true;
  shown.setAttribute("aria-hidden", "true"); // a screen reader has the title
  document.body.append(shown);
  let number = null; // whose digits are shown
  let point = null; // where it was tapped: an edge is long
  let kind = ""; // of the last pointer

  const titleOf = (element) => element.getAttribute("title") ?? element.querySelector(":scope > title")?.textContent;
  const digitsOf = (element) => element && NUMBER.exec(titleOf(element) ?? "")?.[1];
  const isField = (element) => element.matches("input");
  const textOf = (element) => isField(element) ? element.value
    : [...element.childNodes].filter(({ nodeName }) => nodeName !== "title").map(({ textContent }) => textContent).join("");

  // The innermost element around a target that has the digits of a number; of a link, one inside it, too.
  function numberAt(target) {
    for (let each = target; each && each !== document.body; each = each.parentElement) {
      if (digitsOf(each)) return each;
      const inside = each.matches("a") && [...each.querySelectorAll("[title], text")].find(digitsOf);
      if (inside) return inside;
    }
    return null;
  }

  // Whether something is to be told: the number is not there with all its digits already.
  const isShort = (element) => !textOf(element).includes(digitsOf(element));

  function place() {
    const { left, top, width, height } = (number.querySelector("b") ?? number).getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    if (!width && !height || top > clientHeight || top + height < 0) return hide();
    const onLine = point && number.matches("g, a");
    const [x, y] = onLine ? [point.clientX, point.clientY] : [left + width / 2, top + height / 2];
    const [across, down] = [shown.offsetWidth, shown.offsetHeight];
    const within = (at, size, whole) => Math.max(4, Math.min(at, whole - size - 4));
    shown.style.left = `${within(x - across / 2, across, clientWidth)}px`;
    // Below a field, in which somebody types.
    shown.style.top = `${within(isField(number) ? top + height + 4 : y - down / 2, down, clientHeight)}px`;
  }

  function show(element, event = null) {
    if (!element || !isShort(element)) return hide();
    [number, point] = [element, event];
    shown.textContent = digitsOf(element);
    shown.hidden = false;
    place();
  }

  function hide() {
    if (shown.hidden) return;
    number = null;
    shown.hidden = true;
  }

  document.addEventListener("pointerdown", ({ pointerType }) => {
    kind = pointerType;
    hide();
  }, true);
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") hide();
  }, true);
  // A mouse has the tooltip, and opens what a link shows.
  document.addEventListener("click", (event) => {
    const found = event.detail && numberAt(event.target);
    if (found && (kind !== "mouse" || !event.target.closest("a, button, input"))) show(found, event);
  }, true);
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches(":focus-visible")) show(numberAt(target));
  });
  document.addEventListener("focusout", ({ target }) => {
    if (number && (target === number || target.contains(number) || number.contains(target)) && !point) hide();
  });
  document.addEventListener("input", hide);
  document.addEventListener("htmx:after:swap", () => {
    if (!number) return;
    if (!number.isConnected || !digitsOf(number)) return hide();
    show(number, point);
  });
  for (const change of ["scroll", "resize"]) {
    window.addEventListener(change, () => { if (number) place(); }, { capture: true, passive: true });
  }
})();
