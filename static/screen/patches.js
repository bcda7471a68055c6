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

function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else node.setAttribute(name, value);
}

// What a record does. It returns what undoes it, and the nodes that are new.
const PATCHES = {
  a(node, name, value) {
    const before = node.getAttribute(name);
    node.setAttribute(name, value);
    return [() => setAttribute(node, name, before)];
  },
  r(node, name) {
    const before = node.getAttribute(name);
    node.removeAttribute(name);
    return [() => setAttribute(node, name, before)];
  },
  b(node, name, present) {
    const before = node.hasAttribute(name);
    node.toggleAttribute(name, present !== "");
    return [() => { node.toggleAttribute(name, before); }];
  },
  t(node, text) {
    const before = node.data;
    node.data = text;
    return [() => { node.data = before; }];
  },
  n(node, html) {
    const added = parsed(node.parentNode, html);
    node.replaceWith(...added);
    return [() => { added[0].replaceWith(node); }, added];
  },
  s(parent, start, count, html) {
    const added = html ? parsed(parent, html) : [], old = [...parent.childNodes].slice(start, Number(start) + Number(count));
    const next = parent.childNodes[Number(start) + old.length] ?? null;
    const exchange = (those, others) => {
      for (const each of those) each.remove();
      for (const each of others) parent.insertBefore(each, next);
    };
    exchange(old, added);
    return [() => exchange(added, old), added];
  },
  h(node, html) {
    const added = parsed(node, html), old = [...node.childNodes];
    node.replaceChildren(...added);
    return [() => { node.replaceChildren(...old); }, added];
  },
};

// Return what undoes it, and the nodes that are new.
function applyPatch(root, text) {
  const undos = [], added = [];
  for (const record of text.split(RECORD).slice(0, -1)) {
    const [kind, path, ...fields] = record.split(FIELD);
    const [undo, nodes = []] = PATCHES[kind](nodeAt(root, path), ...fields);
    undos.unshift(undo);
    added.push(...nodes);
  }
  return { undo() { for (const undo of undos) undo(); }, added };
}

// The name of the state that the page shows; empty for an example.
const stateShown = () => $("#moves")?.dataset.shown ?? "";

// Change the page, and return what undoes it.
function patchPage(text) {
  $("#notice").replaceChildren();
  const { undo, added } = applyPatch($("#lab"), text);
  for (const node of added) {
    if (node.nodeType === Node.ELEMENT_NODE) htmx.process(node);
  }
  return undo;
}

(() => {
  let arrived = null; // the patch that is about to be applied, and the state that it is for

  const loadAll = () => htmx.ajax("GET", location.pathname + location.search, { target: "#lab", swap: "outerMorph" });

  window.htmx?.registerExtension("patch", {
    handle_swap(style) {
      if (style !== "patch") return false;
      if (stateShown() !== arrived.state) {
        loadAll();
        return true;
      }
      try {
        patchPage(arrived.text);
      } catch (error) {
        console.error("The page was not as expected, and is loaded anew.", error);
        $("#moves").dataset.shown = "";
        loadAll();
      }
      return true;
    },
  });

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    ctx.shown = stateShown();
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
