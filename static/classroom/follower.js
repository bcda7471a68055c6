// The page of somebody who follows a lecture. All tabs of a browser share one stream of events, because a
// browser opens only six connections to a server. What cannot share asks once a second; so does a page
// whose events are held back by a proxy.
"use strict";

(() => {
  const { lecture, worker } = document.body.dataset;
  if (!lecture) return;
  const POLL_EVERY = 1000, QUIET_FOR = 4000; // milliseconds
  const status = $("#lecture-status"), box = $("#question");
  let polling = 0, heard = 0, over = false, given = {};
  let newest = Number(document.body.dataset.version); // version that this page has heard of
  let isBroken = false; // whether a patch has failed, so that what is shown is wrong
  let asking = false, again = false, later = 0, etag = "";

  function say(what) {
    const text = what ? status.dataset[what] : "";
    if (status.textContent !== text) status.textContent = text;
    status.className = what;
  }

  function show({ version, from, to, patch, html, paused, question, form }) {
    newest = version;
    const shown = stateShown();
    if (to !== shown || isBroken) {
      if (html !== undefined) {
        $("#lab").outerHTML = html;
        $("#lab").normalize();
        isBroken = false;
      } else if (patch !== undefined && from === shown && !isBroken) {
        try { applyPatch($("#lab"), patch); } catch {
          isBroken = true;
          return ask();
        }
      } else return ask();
      document.title = $("#moves").dataset.title;
      document.dispatchEvent(new CustomEvent("lecture:step"));
    }
    say(paused ? "paused" : "live");
    showQuestion(question, form);
  }

  function showQuestion(number, form) {
    $(".try button").disabled = Boolean(form);
    const was = Number(box.dataset.number), wasOpen = Boolean(box.querySelector("form"));
    if (number === was && Boolean(form) === wasOpen) return;
    box.dataset.number = number;
    if (form) box.innerHTML = form;
    else if (wasOpen && given.question === String(was) && number === was) judge();
    else if (wasOpen) box.replaceChildren();
  }

  // Asks for the verdict until it comes. A whole class does not ask in the same moment.
  function judge(after = 700 * Math.random()) {
    const { question, answer } = given;
    setTimeout(async () => {
      if (over || box.dataset.number !== question) return;
      try {
        const response = await fetch(`${lecture}/verdict?${new URLSearchParams({ question, answer })}`);
        if (!response.ok) throw new Error(response.status);
        const html = await response.text();
        if (box.dataset.number === question) box.innerHTML = html;
      } catch { judge(POLL_EVERY); }
    }, after);
  }

  // Asks for what is new. What comes meanwhile may be newer than the answer: then it asks again.
  async function ask() {
    again = asking;
    if (asking || over) return;
    asking = true;
    try {
      const shown = isBroken ? "" : stateShown();
      const response = await fetch(`${lecture}/update?shown=${encodeURIComponent(shown)}`, { headers: etag && shown ? { "If-None-Match": etag } : {}, cache: "no-store" });
      if (response.status === 404) return end();
      if (response.status === 304) return say(status.className === "paused" ? "paused" : "live");
      if (!response.ok) throw new Error(response.status);
      const update = await response.json();
      if (update.version < newest) return askLater(); // from a process that is behind
      etag = response.headers.get("ETag") ?? "";
      show(update);
    } catch {
      say("lost");
      askLater();
    } finally {
      asking = false;
      if (again) ask();
    }
  }

  function askLater() {
    clearTimeout(later);
    if (!polling) later = setTimeout(ask, POLL_EVERY);
  }

  function end() {
    over = true;
    clearInterval(polling);
    say("over");
    box.replaceChildren();
    $(".try button").disabled = true;
  }

  function poll(on) {
    if (Boolean(polling) === on || over) return;
    clearInterval(polling);
    polling = on ? setInterval(() => document.hidden || ask(), POLL_EVERY) : 0;
    if (on) ask();
  }

  function hear({ kind, data }) {
    heard = Date.now();
    if (kind === "over") return end();
    if (kind === "lost") {
      say("lost");
      return poll(true); // until there are events again
    }
    poll(false);
    if (kind === "alive") return;
    const update = JSON.parse(data);
    if (update.version >= newest) show(update);
  }

  // A worker reads the events for all tabs. A browser without shared workers asks instead.
  function listen() {
    const events = new URL(`${lecture}/events`, location).href;
    if (window.SharedWorker) {
      const { port } = new SharedWorker(worker, { name: events });
      port.onmessage = ({ data }) => hear(data);
      port.start();
      port.postMessage({ events });
      window.addEventListener("pagehide", () => port.postMessage({ leaves: true }));
      window.addEventListener("pageshow", ({ persisted }) => { if (persisted) port.postMessage({ events }); });
    } else poll(true);
  }

  box.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target, said = form.querySelector(".said"), sent = Object.fromEntries(new FormData(form));
    try {
      const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(sent), headers: { Accept: "application/json" } });
      const told = await response.json();
      said.textContent = told.said ?? told.detail ?? "";
      said.classList.toggle("refused", !response.ok);
      if (!response.ok) return;
      given = sent;
      form.querySelector("button").textContent = form.dataset.change;
      history.replaceState(null, "", `?${new URLSearchParams(sent)}`);
    } catch { say("lost"); }
  });

  // A laptop that wakes, a phone that is unlocked, a connection that comes back: ask at once.
  for (const [target, name] of [[document, "visibilitychange"], [window, "online"], [window, "focus"], [window, "pageshow"]]) {
    target.addEventListener(name, () => { if (!document.hidden && !over) ask(); });
  }
  const address = new URLSearchParams(location.search);
  if (address.has("answer")) given = Object.fromEntries(address);
  listen();
  setTimeout(() => { if (!heard) poll(true); }, QUIET_FOR);
})();
