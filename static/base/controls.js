// What htmx cannot do: keys and play.
// The page works without any of it.
"use strict";

const PLAY_EVERY = 900; // milliseconds between two steps: time to read one number

const $ = (selector) => document.querySelector(selector);
let playing = 0;

document.documentElement.classList.add("js");
// htmx starts by itself a moment later; a press before that would load the whole page, and a second one
// would be lost with it.
window.htmx?.initialize();

function press(path) {
  const button = path === "/step"
    ? $("#moves .main")
    : [...document.querySelectorAll("#lab button[formaction]")].find((each) => new URL(each.formAction).pathname.endsWith(path));
  if (button && !button.disabled) button.form.requestSubmit(button);
}

// The iteration and the cursor that the page shows.
const momentShown = () => [Number($("#moves")?.dataset.iteration ?? $("#jump input")?.defaultValue), Number($("#moves")?.dataset.cursor)];

function chooseBy(name) {
  $("#by").requestSubmit($(`#by button[value="${name}"]`));
}

function play(on) {
  clearInterval(playing);
  // While an answer is awaited, nothing piles up.
  playing = on ? setInterval(() => awaited.size || press("/step"), PLAY_EVERY / speed()) : 0;
  if (on) press("/step");
  showPlay();
}

const speed = () => Number($("#pace [name=speed]:checked").value);

// Play may stop by itself, where the visitor asked for it.
function stopAtEnd() {
  if (!playing) return;
  const stop = $("#pace [name=stop]:checked").value, ends = $("#moves").dataset.ends;
  if (stop && (ends === stop || ends === "iteration")) play(false);
}

function showPlay() {
  const button = $("#play");
  if (!button) return; // a page without controls
  const name = button.querySelector(".vh"), text = playing ? button.dataset.pause : button.dataset.play;
  button.setAttribute("aria-pressed", String(Boolean(playing)));
  if (name.textContent !== text) name.textContent = text;
  // Writing what is there already would cost a layout.
  const pace = $("#moves .pace span"), chosen = $("#pace [name=speed]:checked + span").textContent;
  if (pace.textContent !== chosen) pace.textContent = chosen;
}

// What was chosen is kept in this browser, where it may keep anything.
const PACE = "backstep-pace";

function readPace() {
  try {
    for (const [name, value] of Object.entries(JSON.parse(localStorage.getItem(PACE) ?? "{}"))) {
      const choice = document.querySelector(`#pace [name="${name}"][value="${value}"]`);
      if (choice) choice.checked = true;
    }
  } catch { /* nothing is kept */ }
}

document.addEventListener("change", ({ target }) => {
  if (!target.closest("#pace")) return;
  try {
    localStorage.setItem(PACE, JSON.stringify(Object.fromEntries([...document.querySelectorAll("#pace :checked")].map(({ name, value }) => [name, value]))));
  } catch { /* it holds until the page is left */ }
  if (playing) play(true);
  showPlay();
});

// Many steps are wider than their room, and scroll there alone: keep the one just taken in sight.
function showNow() {
  const steps = $("#timeline .steps"), now = $("#timeline .steps .now"); // its phase is "now", too
  if (!steps || steps.scrollWidth <= steps.clientWidth) return;
  if (now) steps.scrollLeft += now.getBoundingClientRect().left - steps.getBoundingClientRect().left - steps.clientWidth / 2;
  else steps.scrollLeft = 0;
}

document.addEventListener("focusin", ({ target }) => {
  if (target.closest("#timeline .steps")) target.scrollIntoView({ block: "nearest", inline: "center" });
});

const keys = {
  ArrowRight: () => press("/step"),
  " ": () => press("/step"),
  ArrowLeft: () => press("/back"),
  f: () => press("/forward"),
  b: () => press("/backward"),
  u: () => press("/update"),
  r: () => press("/start-over"),
  p: () => play(!playing),
  1: () => chooseBy("unit"),
  2: () => chooseBy("layer"),
  3: () => chooseBy("phase"),
  "?": () => $("#keys").showModal(),
};

// A key is ours only where it has no meaning of its own: not in a field, a menu or a dialog, and
// the space bar not on what it would press.
function taken(event) {
  const at = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  if (at.closest("input, textarea, select, dialog[open], [contenteditable]")) return true;
  return event.key === " " && Boolean(at.closest("button, a, summary"));
}

document.addEventListener("keydown", (event) => {
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || taken(event)) return;
  event.preventDefault();
  if (playing && act !== keys.p) play(false);
  act();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#play")) return play(!playing);
  if (event.target.closest(".show-keys")) return $("#keys").showModal();
  if (playing && event.target.closest("#moves button:not(.pace), #timeline button, #units button") && event.isTrusted) play(false);
});

document.addEventListener("htmx:after:swap", (event) => {
  const sent = event.detail.ctx.sourceElement;
  document.title = $("#newest").dataset.title;
  for (const form of document.querySelectorAll("form.replaces, form.upload")) {
    if (form === sent || !form.contains(document.activeElement)) form.reset();
  }
  $('#lab [aria-invalid]')?.scrollIntoView({ block: "center" });
  // At the beginning Back and Reset are disabled, which would take the focus away from the controls.
  if (document.activeElement.disabled) $("#moves .main")?.focus({ preventScroll: true });
  showNow();
  stopAtEnd();
  showPlay();
});
if ($("#moves")) { // other pages have none
  readPace();
  showNow();
  showPlay();
}

// Each press has an id, and says which change was the newest that its page showed. If no answer came,
// the same press again has the same id, so that the server makes it once.
const pageId = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(6))));
let presses = 0;
let lastPress = {};

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { method, action, body, headers } = ctx.request;
  if (method !== "POST") return;
  const sent = JSON.stringify([action, ...[...body].map(([name, value]) => [name, value.name ?? value, value.size, value.lastModified])]);
  const again = lastPress.lost && lastPress.sent === sent;
  ctx.press = again ? lastPress : { id: `${pageId}.${presses += 1}`, sent };
  ctx.press.lost = false;
  if (!new URL(action, location).pathname.endsWith("/view")) lastPress = ctx.press; // that changes nothing
  headers.Press = `${ctx.press.id}~${$("#moves").dataset.change}`;
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.press) ctx.press.lost = !ctx.answered;
});

// The page changes for our own answers only, not for a failure's: a proxy's page, say.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, ahead } = event.detail;
  if (ahead) return; // there is no answer yet
  const ours = ctx.patch || ctx.text.startsWith('<div id="lab">') || ctx.hx?.retarget;
  ctx.answered = ours && ctx.response.status < 500;
  if (ours) return;
  event.preventDefault();
  failed(ctx.response.status);
});
document.addEventListener("htmx:response:error", () => play(false));
