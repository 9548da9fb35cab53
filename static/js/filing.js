/* The filing desk: keeps what is typed, says whether it is saved, and never lets it go without asking.

   form[data-autosave]    (the address of the desk) saved by POST a moment after the last change; its answer refreshes [data-part], [data-notes]
   [data-save-state]      where “已保存 09:41” or the reason for not saving stands
   [data-conflict]        where the panel stands when somebody else has saved the same entry
   a, form [data-leaves]  lead away from the entry: what is typed is saved first
   form[data-flush]       sent after what is typed has been saved
   [data-copies=id]       puts its data-words into that field
   [data-unfolds=key]     on a list of work: shows the rows of [data-folded=key]
   Keys: Ctrl+S saves, Alt+↑ and Alt+↓ go to the entry before and after. Without JavaScript a button saves. */
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    var unfolder = event.target.closest("[data-unfolds]");
    if (!unfolder) { return; }
    var rows = document.querySelector('[data-folded="' + unfolder.dataset.unfolds + '"]');
    var isOpen = rows.classList.toggle("is-open");
    unfolder.setAttribute("aria-expanded", isOpen);
    unfolder.textContent = isOpen ? "收起" : "展开";
  });

  var form = document.querySelector("form[data-autosave]");
  if (!form) { return; }
  var WAIT = 1200;
  var RETRY = 10000;
  var state = document.querySelector("[data-save-state]");
  var locked = !!form.querySelector("fieldset[disabled]");
  var edits = 0;      // counts changes, so that one made while saving is noticed
  var saved = 0;      // the count that is known to be stored
  var running = null; // the promise of the save under way
  var timer = 0;
  var halted = "";    // why saving waits for the person: a conflict or a refusal

  function isDirty() { return edits !== saved; }

  function say(text, isBad) {
    state.classList.toggle("is-bad", !!isBad);
    state.classList.toggle("msg-none", !isBad);
    state.textContent = text;
  }

  function later(delay) {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, delay);
  }

  function changed() {
    edits += 1;
    if (halted === "conflict") { return; }
    halted = "";
    say("正在填写…");
    later(WAIT);
  }

  /* a part of the page as the server rendered (and escaped) it */
  function put(place, html) {
    place.replaceChildren(document.createRange().createContextualFragment(html));
  }

  function mark(name, field) {
    var block = form.querySelector('[data-field="' + name + '"]');
    if (!block) { return; }
    put(block.querySelector("[data-notes]"), field.html);
    block.querySelectorAll(".form-control, .form-select").forEach(function (input) {
      input.classList.toggle("is-err", field.tone === "err");
      input.classList.toggle("is-warn", field.tone === "warn");
      if (field.tone === "err") {
        input.setAttribute("aria-invalid", "true");
      } else {
        input.removeAttribute("aria-invalid");
      }
    });
  }

  function refresh(answer) {
    form.elements.version.value = answer.version;
    Object.keys(answer.parts).forEach(function (name) {
      var part = document.querySelector('[data-part="' + name + '"]');
      if (part) { put(part, answer.parts[name]); }
    });
    Object.keys(answer.fields).forEach(function (name) { mark(name, answer.fields[name]); });
    put(form.querySelector("[data-odd]"), answer.odd);
    var explanation = form.querySelector("[data-explanation]");
    if (!explanation.contains(document.activeElement)) { explanation.hidden = !answer.asks_explanation; }
  }

  /* after signing in again in another window the page's token is out of date: fetch the page and take its token */
  function freshToken() {
    return fetch(form.dataset.autosave, { credentials: "same-origin", redirect: "manual" })
      .then(function (response) { return response.ok ? response.text() : ""; })
      .then(function (html) {
        var found = new DOMParser().parseFromString(html, "text/html").querySelector('[name="csrfmiddlewaretoken"]');
        if (!found) { return false; }
        document.querySelectorAll('[name="csrfmiddlewaretoken"]').forEach(function (input) { input.value = found.value; });
        return true;
      });
  }

  function post() {
    return fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Requested-With": "fetch" },
      credentials: "same-origin",
      redirect: "manual"
    }).then(function (response) {
      var type = response.headers.get("Content-Type") || "";
      if (type.indexOf("application/json") === 0) { return response.json(); }
      return { unread: response.status };
    });
  }

  /* an answer that is no JSON: status 0 leads to the sign-in page, 403 refuses the token */
  function isSignedOut(answer) { return answer.unread === 0 || answer.unread === 403; }

  function take(answer, count) {
    if ("unread" in answer) {
      say(
        isSignedOut(answer)
          ? "未保存：登录已过期。内容仍在本页，请在新窗口重新登录，这里会自动重试"
          : "未保存：服务器暂时不能保存（" + answer.unread + "），内容仍在本页，稍后自动重试",
        true
      );
      later(RETRY);
      return false;
    }
    if (answer.ok) {
      saved = count;
      refresh(answer);
      if (isDirty()) { later(WAIT); } else { say("已保存 " + answer.saved_at); }
      return true;
    }
    if (answer.panel) {
      halted = "conflict";
      var place = document.querySelector("[data-conflict]");
      put(place, answer.panel);
      place.scrollIntoView({ block: "center" });
      say("未保存：内容已被他人更新，请处理后再保存", true);
      return false;
    }
    halted = "refused";
    say("未保存：" + answer.sentence + "内容仍在本页", true);
    return false;
  }

  /* resolves to whether everything typed is stored */
  function save() {
    window.clearTimeout(timer);
    if (running) { return running.then(function () { return isDirty() && !halted ? save() : !isDirty(); }); }
    if (!isDirty() || locked) { return Promise.resolve(true); }
    if (halted) { return Promise.resolve(false); }
    var count = edits;
    say("正在保存…");
    running = post()
      .then(function (answer) {
        if (!isSignedOut(answer)) { return answer; }
        return freshToken().then(function (isFresh) { return isFresh ? post() : answer; });
      })
      .then(function (answer) { return take(answer, count); })
      .catch(function () {
        say("连接中断，内容仍在本页，恢复后自动保存", true);
        later(RETRY);
        return false;
      })
      .then(function (isSaved) {
        running = null;
        return isSaved && !isDirty();
      });
    return running;
  }

  function saveNow() {
    if (halted === "refused") { halted = ""; }
    return save();
  }

  /* goes in any case: when saving failed, the browser asks before it lets the page go */
  function leave(go) {
    if (!isDirty() && !running) { return go(); }
    return saveNow().then(go);
  }

  form.addEventListener("input", changed);

  form.addEventListener("submit", function (event) {
    var button = event.submitter;
    event.preventDefault();
    if (button && button.name === "then") {
      leave(function () { window.location.assign(form.dataset.autosave + "?entry=" + button.value); });
      return;
    }
    if (!isDirty()) { say("没有未保存的内容"); }
    saveNow();
  });

  document.addEventListener("submit", function (event) {
    var other = event.target;
    if (!other.matches("form[data-flush], form[data-leaves]") || (!isDirty() && !running)) { return; }
    event.preventDefault();
    saveNow().then(function (isSaved) { if (isSaved) { other.requestSubmit(); } });
  });

  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-leaves]");
    if (link && (isDirty() || running) && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      leave(function () { window.location.assign(link.href); });
      return;
    }
    var copier = event.target.closest("[data-copies]");
    if (copier) {
      var field = document.getElementById(copier.dataset.copies);
      field.value = field.value.trim() ? field.value + "\n" + copier.dataset.words : copier.dataset.words;
      field.focus();
      changed();
      return;
    }
    var overwriter = event.target.closest("[data-overwrite]");
    if (overwriter) {
      form.elements.version.value = overwriter.dataset.overwrite;
      document.querySelector("[data-conflict]").textContent = "";
      halted = "";
      edits += 1;
      save();
      return;
    }
    if (event.target.closest("[data-takes-theirs]")) { saved = edits; }
  });

  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      if (!isDirty()) { say("没有未保存的内容"); }
      saveNow();
      return;
    }
    var way = { ArrowUp: "[data-prev]", ArrowDown: "[data-next]" }[event.key];
    if (event.altKey && way) {
      var link = document.querySelector(way);
      event.preventDefault();
      if (link) { link.click(); }
    }
  });

  window.addEventListener("online", function () { if (isDirty() && !halted) { save(); } });
  window.addEventListener("beforeunload", function (event) {
    if (isDirty() && !locked) {
      event.preventDefault();
      event.returnValue = "";
    }
  });
}());
