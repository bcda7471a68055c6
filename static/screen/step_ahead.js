// The answer to Step brings the patch of the next Step, too. The next press applies it at once, and its own
// answer confirms it: then that is empty, but for the patch of the step after. If no answer comes, or
// another one, the page shows again what it showed before. Presses wait for each other, so at most one step
// is shown that is not confirmed. Without this each step is shown when its answer comes.
"use strict";

(() => {
  const AHEAD = "\x1d"; // separates an answer from the patch of the next step
  let next = null; // that patch, and the state that it changes

  const isStep = ({ method, action }) => method === "POST" && new URL(action, location).pathname.endsWith("/step");

  // Whoever attends to the page when htmx has changed it does so now.
  function changePage(ctx, change) {
    const detail = { ctx, ahead: true };
    document.dispatchEvent(new CustomEvent("htmx:before:swap", { detail }));
    change();
    document.dispatchEvent(new CustomEvent("htmx:after:swap", { detail }));
  }

  function goAhead(ctx) {
    try {
      changePage(ctx, () => { ctx.undo = patchPage(next.text); });
    } catch (error) {
      console.error("The step ahead does not fit the page, so all of it is loaded.", error);
      next = null;
      ctx.shown = "";
      delete ctx.request.headers.Shown;
    }
  }

  function goBack(ctx) {
    if (ctx.undo) changePage(ctx, ctx.undo);
    ctx.undo = null;
  }

  function keepNext(ctx) {
    if (ctx.ahead) next = { text: ctx.ahead, state: stateShown() };
  }

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (!isStep(ctx.request) || playing) return;
    if (next && next.state === ctx.shown) goAhead(ctx);
    ctx.request.headers.Ahead = ctx.undo ? stateShown() : "";
  });
  // Before others read what arrived (patches.js). What is confirmed changes nothing, so htmx is done.
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    [ctx.text, ctx.ahead] = ctx.text.split(AHEAD);
    const isConfirmed = ctx.undo && ctx.response.status === 200 && ctx.hx.reswap?.startsWith("patch") && !ctx.text;
    if (!isConfirmed) return goBack(ctx);
    event.preventDefault();
    ctx.undo = null;
    ctx.answered = true;
    $("#moves").dataset.change = ctx.press.id;
    keepNext(ctx);
  }, true);
  document.addEventListener("htmx:after:swap", ({ detail: { ctx, ahead } }) => {
    if (!ahead) keepNext(ctx);
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => goBack(ctx));
})();
