// The matrix form follows the step: its equation comes into view inside the box of equations.
// Without this a link leads to it.
"use strict";

(() => {
  function follow() {
    const now = document.getElementById("slide4-now"), box = now?.closest(".equation-blocks");
    if (box) box.scrollTop += now.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 8;
  }

  document.addEventListener("htmx:after:swap", follow);
  follow();
})();
