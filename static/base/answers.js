// While an answer takes long, the page has a sign of that. If none comes, a notice says why, what is kept
// and what to do.
"use strict";

const SIGN_AFTER = 300, NOTICE_AFTER = 5000; // milliseconds
const TOO_LARGE = 413; // what a proxy answers to that
const SIGNED_OUT = [401, 403, 511]; // or it leads to a page where one signs in

const awaited = new Set(); // requests without an answer
let delays = [];

function say(what) {
  $("#notice").textContent = $("#failures").dataset[what];
}

const says = (what) => $("#notice")?.textContent === $("#failures")?.dataset[what];

function failed(status) {
  play(false);
  if (!navigator.onLine) return say("offline");
  if (status < 300 || SIGNED_OUT.includes(status)) return say("foreign");
  say(status === TOO_LARGE ? "large" : "away");
  if (!status) lookForSignIn();
}

// A script cannot follow to the page of another site: it looks as if the server were away.
async function lookForSignIn() {
  try {
    const { type } = await fetch($("link[rel=icon]").href, { method: "HEAD", redirect: "manual", cache: "no-store" });
    if (type === "opaqueredirect" && says("away")) say("foreign");
  } catch { /* the server is away */ }
}

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  awaited.add(ctx);
  if (awaited.size > 1) return;
  delays = [
    setTimeout(() => document.documentElement.classList.add("waiting"), SIGN_AFTER),
    setTimeout(() => say("slow"), NOTICE_AFTER),
  ];
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  awaited.delete(ctx);
  if (awaited.size) return;
  for (const delay of delays) clearTimeout(delay);
  document.documentElement.classList.remove("waiting");
  if (says("slow")) $("#notice").replaceChildren();
});

document.addEventListener("htmx:error", () => failed());
window.addEventListener("online", () => { if (says("offline")) say("online"); });
