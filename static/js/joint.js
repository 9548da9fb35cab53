/* Joint work on the filing desk: words of others go into the text by a click, and are saved as if typed.

   [data-takes=id]     puts its data-words after what stands in that field, once
   [data-replaces=id]  puts them in its place, after asking with data-asks when something stands there */
(function () {
  "use strict";

  function put(field, text) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  document.addEventListener("click", function (event) {
    var taker = event.target.closest("[data-takes]");
    if (taker) {
      var field = document.getElementById(taker.dataset.takes);
      var words = taker.dataset.words;
      if (field.value.indexOf(words) === -1) {
        put(field, field.value.trim() ? field.value.replace(/\s+$/, "") + "\n" + words : words);
      }
      taker.disabled = true;
      taker.textContent = "已取用";
      return;
    }
    var replacer = event.target.closest("[data-replaces]");
    if (replacer) {
      var other = document.getElementById(replacer.dataset.replaces);
      if (other.value.trim() && !window.confirm(replacer.dataset.asks)) { return; }
      put(other, replacer.dataset.words);
    }
  });
}());
