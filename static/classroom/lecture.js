// The projector and the speaker's window are in step: the server says when the network or the class has
// changed, and pages of the same browser tell each other. Without this a page shows it when it is loaded.
"use strict";

const CHANNEL = "backstep-lecture";
const ASK_AGAIN_AFTER = 1000, LISTEN_AGAIN_AFTER = 10_000; // milliseconds

// What the pages of one browser say to each other: of which network, and what is new.
function tellPages(news) {
  if (!window.BroadcastChannel) return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage({ home: networkPath(), ...news });
  channel.close();
}

const networkPath = () => document.body.dataset.home ?? location.pathname;
const inLecture = () => Boolean(document.body.dataset.events);
const versionShown = () => Number($("#newest")?.dataset.version);

// Keys of a lecture come before those of the simulator, and none of those is left.
function lectureKeys(own) {
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.key === "Tab") return;
    if (at.closest("textarea, select, input:not([type=checkbox], [type=radio])")) return;
    if (event.key === "Enter" || event.key === " " && at.closest("button, a, input")) return;
    if (event.key.startsWith("Arrow") && at.closest("[type=radio]")) return;
    event.stopImmediatePropagation();
    const act = own[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  }, true);
}

(() => {
  let told = versionShown(); // the version that other pages know
  const tell = () => {
    const version = versionShown();
    if (!version || version === told) return;
    told = version;
    tellPages({ version });
  };
  document.addEventListener("htmx:after:swap", ({ detail }) => { if (!detail.ahead) tell(); });
  document.addEventListener("htmx:finally:request", tell); // a step ahead that was confirmed
  if (!inLecture()) return;

  let newest = versionShown();
  let askTimer = 0, listenTimer = 0;

  function catchUp() {
    if (newest > versionShown() && !awaited.size) $("#newest").requestSubmit();
  }
  function learn(version) {
    if (!(version > newest)) return;
    newest = version;
    catchUp();
  }
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    clearTimeout(askTimer);
    askTimer = setTimeout(catchUp, ctx.answered ? 0 : ASK_AGAIN_AFTER); // the server may be away
  });

  if (window.BroadcastChannel) {
    new BroadcastChannel(CHANNEL).addEventListener("message", ({ data }) => {
      if (data.home !== networkPath()) return;
      if (data.version) learn(data.version);
    });
  }

  const counts = {};
  function showCounts() {
    for (const place of document.querySelectorAll("[data-count]")) {
      const text = String(counts[place.dataset.count] ?? 0);
      if (place.textContent !== text) place.textContent = text;
    }
  }
  document.addEventListener("htmx:after:swap", showCounts);

  function listen() {
    const events = new EventSource(document.body.dataset.events);
    events.addEventListener("message", ({ data }) => {
      const { version, ...others } = JSON.parse(data);
      Object.assign(counts, others);
      showCounts();
      learn(version);
    });
    // A browser gives up where the server answers with an error: ask again from time to time.
    events.addEventListener("error", () => {
      if (events.readyState !== EventSource.CLOSED) return;
      clearTimeout(listenTimer);
      listenTimer = setTimeout(listen, LISTEN_AGAIN_AFTER);
    });
  }
  listen();
})();

// A key of the simulator's page. A form leads there, which begins a network where an example is shown.
if (!inLecture() && $("#moves")) {
  keys.v = () => {
    const [path, query = ""] = $("#moves").action.split("?");
    const form = document.createElement("form");
    form.method = "post";
    form.action = `${path.replace(/\/step$/, "/present")}${query && `?${query}`}`;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "press", value: `${pageId}~${$("#moves").dataset.change}` });
    form.append(field);
    document.body.append(form);
    form.submit();
  };
}
