// Shows the rows that have every word of the search, in their symbol or their address.
"use strict";

(() => {
  function search() {
    const field = document.getElementById("values-search");
    if (!field) return;
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const row of document.querySelectorAll("#values tr[data-search]")) {
      const text = row.dataset.search.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      found += !row.hidden;
    }
    const status = document.getElementById("values-found");
    status.textContent = words.length ? String(found || status.dataset.none) : "";
  }

  document.addEventListener("input", (event) => {
    if (event.target.id === "values-search") search();
  });
  document.addEventListener("htmx:after:swap", search);
  search();
})();
