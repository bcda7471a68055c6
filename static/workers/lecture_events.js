// Reads the events of a lecture for all tabs of a browser that follow it.
"use strict";

const ports = new Set();
let source = null;

function tell(message) {
  for (const port of ports) port.postMessage(message);
}

function open(events) {
  source = new EventSource(events);
  source.onmessage = ({ data }) => tell({ kind: "step", data });
  source.onopen = () => tell({ kind: "alive" });
  source.onerror = () => {
    tell({ kind: "lost" });
    if (source.readyState === EventSource.CLOSED) source = null; // refused: each page asks for itself
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
    if (source) port.postMessage({ kind: "alive" });
    else open(data.events);
  };
};
