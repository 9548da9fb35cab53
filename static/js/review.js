/* The review desk: the entry shown stands in the middle of the list, which is longer than the window. */
(function () {
  "use strict";

  var current = document.querySelector(".list [aria-current]");
  if (!current) { return; }
  var list = current.closest(".list");
  var below = current.getBoundingClientRect().top - list.getBoundingClientRect().top;
  list.scrollTop = below - list.clientHeight / 2;
}());
