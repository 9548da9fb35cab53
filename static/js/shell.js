/* What every page does, hooked by data- attributes; without it every form and link still works.

   data-confirm="sentence"   on a form or its button: asks before sending
   data-opens="id"           on a link or button: opens <dialog id>; data-closes inside closes it
   data-autosubmit           on a select of a filter form: sends the form when it changes
   data-print                on a button (class needs-js): prints the page
   data-repeatable           on a form that may be sent again while the page stays, such as an export
   Other forms with method post are sent once: a second press says why nothing happens. */
(function () {
  "use strict";

  document.documentElement.classList.add("js");

  var MENUS = "details.menu, details.nav-group";
  var OPEN_MENUS = "details.menu[open], details.nav-group[open]";

  function closeMenus(except) {
    document.querySelectorAll(OPEN_MENUS).forEach(function (menu) {
      if (menu !== except) { menu.open = false; }
    });
  }

  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest(MENUS));
    var opener = event.target.closest("[data-opens]");
    if (opener) {
      var dialog = document.getElementById(opener.dataset.opens);
      if (dialog && dialog.showModal) {
        event.preventDefault();
        dialog.showModal();
      }
    }
    if (event.target.closest("[data-closes]")) { event.target.closest("dialog").close(); }
    if (event.target.closest("[data-print]")) { window.print(); }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    var menu = document.querySelector(OPEN_MENUS);
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-autosubmit]")) { event.target.form.requestSubmit(); }
  });

  function element(name, className, text) {
    var made = document.createElement(name);
    made.className = className;
    made.textContent = text || "";
    return made;
  }

  /* asks in our own dialog, then calls `go` */
  function ask(sentence, verb, go) {
    var dialog = element("dialog", "dialog");
    var body = element("div", "body");
    var footer = element("footer", "");
    var no = element("button", "btn btn-plain", "取消");
    var yes = element("button", "btn btn-primary", verb);
    body.append(element("p", "pt-3", sentence));
    footer.append(no, yes);
    dialog.append(body, footer);
    dialog.setAttribute("aria-label", "请确认");
    dialog.addEventListener("close", function () { dialog.remove(); });
    no.addEventListener("click", function () { dialog.close(); });
    yes.addEventListener("click", function () {
      dialog.close();
      go();
    });
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  }

  function sendOnce(form, button) {
    form.dataset.sent = "1";
    if (!button) { return; }
    button.setAttribute("aria-disabled", "true");
    var why = element("span", "note sent-note", "正在提交，请勿重复点击");
    why.setAttribute("role", "status");
    button.after(why);
  }

  /* runs after the page's own listeners, which may have cancelled the submit */
  window.addEventListener("submit", function (event) {
    var form = event.target;
    var button = event.submitter;
    if (event.defaultPrevented) { return; }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    var sentence = (button && button.dataset.confirm) || form.dataset.confirm;
    if (sentence && !form.dataset.confirmed) {
      event.preventDefault();
      ask(sentence, (button && button.textContent.trim()) || "确定", function () {
        form.dataset.confirmed = "1";
        form.requestSubmit(button || undefined);
        delete form.dataset.confirmed;
      });
      return;
    }
    if (form.method === "post" && !form.hasAttribute("data-repeatable")) { sendOnce(form, button); }
  });

  /* the browser may bring the page back from its cache as it was left */
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) { return; }
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
    document.querySelectorAll("[aria-disabled]").forEach(function (button) { button.removeAttribute("aria-disabled"); });
    document.querySelectorAll(".sent-note").forEach(function (note) { note.remove(); });
  });
}());
