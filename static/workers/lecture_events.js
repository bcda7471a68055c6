// Reads the events of a lecture for all tabs of a browser that follow it.
"use strict";

const AGAIN_AFTER = 5000; // milliseconds
const ports = new Set();
let source = null;
let newest = null; // the message of the newest step

function tell(message) {
  for (const port of ports) port.postMessage(message);
}

function open(events) {
  source = new EventSource(events);
  newest = null;
  source.onmessage = ({ data }) => {
    newest = { kind: "step", data };
    tell(newest);
  };
  source.onopen = () => tell({ kind: "alive" });
  source.onerror = () => {
    newest = null; // there may be newer ones meanwhile
    tell({ kind: "lost" });
    if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
    source = null; // refused: each page asks for itself meanwhile
    setTimeout(() => { if (ports.size && !source) open(events); }, AGAIN_AFTER);
  };
  source.addEventListener("over", () => {
    tell({ kind: "over" });
    source.close();
    source = null;
  });
}

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data.leaves) {
      ports.delete(port);
      if (!ports.size && source) {
        source.close();
        source = null;
      }
      return;
    }
    ports.add(port);
    if (!source) return open(data.events);
    if (newest) port.postMessage(newest); // it may have come since the server made the page
  };
};
