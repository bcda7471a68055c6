// An answer has only what differs from what the page shows: the request names that, and the records of
// the answer begin with what is done and where. If the page shows something else by then, all is loaded.
"use strict";

const FIELD = "\x1f", RECORD = "\x1e";

// A path has the indices of child nodes, negative ones from the last.
function nodeAt(root, path) {
  let node = root;
  for (const index of path ? path.split(".") : []) {
    const { childNodes } = node;
    node = childNodes[index < 0 ? childNodes.length + Number(index) : index];
  }
  return node;
}

function parsed(parent, html) {
  const range = document.createRange();
  range.selectNodeContents(parent);
  return [...range.createContextualFragment(html).childNodes];
}

// What a record does. What is new is returned.
const PATCHES = {
  a: (node, name, value) => { node.setAttribute(name, value); },
  r: (node, name) => { node.removeAttribute(name); },
  b: (node, name, present) => { node.toggleAttribute(name, present !== ""); },
  t: (node, text) => { node.data = text; },
  s: (node, start, count, html) => {
    const added = html ? parsed(node, html) : [], old = [...node.childNodes].slice(start, Number(start) + Number(count));
    const next = node.childNodes[Number(start) + old.length] ?? null;
    for (const each of old) each.remove();
    for (const each of added) node.insertBefore(each, next);
    return added;
  },
  h: (node, html) => {
    const added = parsed(node, html);
    node.replaceChildren(...added);
    return added;
  },
};

// Return the nodes that are new.
function applyPatch(root, text) {
  const added = [];
  for (const record of text.split(RECORD).slice(0, -1)) {
    const [kind, path, ...fields] = record.split(FIELD);
    added.push(...PATCHES[kind](nodeAt(root, path), ...fields) ?? []);
  }
  return added;
}

(() => {
  let arrived = null; // the patch that is about to be applied, and the state that it is for

  const shown = () => $("#moves")?.dataset.shown ?? "";
  const loadAll = () => htmx.ajax("GET", location.pathname + location.search, { target: "#lab", swap: "outerMorph" });

  function apply(root) {
    $("#notice").replaceChildren();
    for (const node of applyPatch(root, arrived.text)) {
      if (node.nodeType === Node.ELEMENT_NODE) htmx.process(node);
    }
  }

  window.htmx?.registerExtension("patch", {
    handle_swap(style, target) {
      if (style !== "patch") return false;
      if (shown() !== arrived.state) {
        loadAll();
        return true;
      }
      try {
        apply(target);
      } catch (error) {
        console.error("The page was not as expected, and is loaded anew.", error);
        $("#moves").dataset.shown = "";
        loadAll();
      }
      return true;
    },
  });

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    ctx.shown = shown();
    if (ctx.shown) ctx.request.headers["Shown"] = ctx.shown;
  });
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (!ctx.hx.reswap?.startsWith("patch")) return;
    arrived = { text: ctx.text, state: ctx.shown };
    ctx.patch = true;
    ctx.text = ""; // htmx would read it as HTML
  });

  // What had the focus may be gone. If nothing else takes it, what stands for the same quantity has it,
  // else Step.
  let focused = null, shows = "";
  document.addEventListener("htmx:before:swap", () => {
    const { activeElement } = document;
    focused = $("#lab")?.contains(activeElement) ? activeElement : null;
    shows = focused?.closest("[data-of]")?.dataset.of;
  });
  document.addEventListener("htmx:after:swap", () => {
    if (!focused || focused.isConnected || ![document.body, null].includes(document.activeElement)) return;
    const same = shows && $(`#lab a[data-of="${CSS.escape(shows)}"], #lab [data-of="${CSS.escape(shows)}"] a`);
    (focused.id && document.getElementById(focused.id) || same || $("#moves .main"))?.focus({ preventScroll: true });
  });

  // The fields that name a press are for a page without script. An answer to the script has none.
  for (const field of document.querySelectorAll(`#lab input[type="hidden"][name="press"]`)) field.remove();
  $("#lab")?.normalize();
})();
