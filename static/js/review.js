/* The review desk: the entry shown stands in the middle of the list, which is longer than the window;
   buttons that tick many boxes at once. */
(function () {
  "use strict";

  var current = document.querySelector(".list [aria-current]");
  if (current) {
    var list = current.closest(".list");
    var below = current.getBoundingClientRect().top - list.getBoundingClientRect().top;
    list.scrollTop = below - list.clientHeight / 2;
  }

  function wanted(box, which) {
    return which === "all" || (which === "routine" && box.hasAttribute("data-routine"));
  }

  document.querySelectorAll("[data-ticks]").forEach(function (form) {
    form.addEventListener("click", function (event) {
      var button = event.target.closest("[data-tick]");
      if (!button) { return; }
      form.querySelectorAll("input[name=entries]").forEach(function (box) {
        box.checked = wanted(box, button.getAttribute("data-tick"));
      });
    });
  });
}());
