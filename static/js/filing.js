/* The filing desk: keeps what is typed, says whether it is saved, and never lets it go without asking.

   form[data-autosave]    (the address of the desk) saved by POST a moment after the last change; its answer refreshes [data-part], [data-notes]
   [data-save-state]      where “已保存 09:41” or the reason for not saving stands
   [data-conflict]        where the panel stands when somebody else has saved the same entry
   a, form [data-leaves]  lead away from the entry: what is typed is saved first
   form[data-flush]       sent after what is typed has been saved
   [data-field-state]     in a [data-field]: whether this one field is saved
   [data-copies=id]       puts its data-words into that field; [data-copies-all] does so for every empty one
   [data-settle=version]  saves over that version with the choice made for each field; [data-overwrite] with ours for all
   [data-folds-on-phone]  a details that is open on a wide screen only
   [data-unfolds=key]     on a list of work: shows the rows of [data-folded=key]
   Keys: Ctrl+S saves, Ctrl+Enter saves and goes on, Alt+↑ and Alt+↓ go to the entry before and after, Alt+C to the
   checklist, ↑ and ↓ move in the list. Without JavaScript buttons save, copy and settle.
   Others that change what is stored call window.filingDesk.refresh(answer) with the server's parts of the page, and
   freshToken() when theirs was refused: it resolves to whether there is another one now. */
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
  var RETRY = 5000;
  var LONGEST_RETRY = 60000;
  var PATIENCE = 30000; // a save without an answer for so long counts as lost
  var ARRIVED = "filing-arrived-by-key";
  var state = document.querySelector("[data-save-state]");
  var locked = !!form.querySelector("fieldset[disabled]");
  var edits = 0;      // counts changes, so that one made while saving is noticed
  var saved = 0;      // the count that is known to be stored
  var running = null; // the promise of the save under way
  var timer = 0;
  var halted = "";    // why saving waits for the person: a conflict or a refusal
  var failures = 0;   // saves that failed one after the other: each waits longer
  var base = values();    // what each field held when it was last the same as stored
  var fresh = {};         // fields changed since the save under way began
  var lost = null;        // a save whose answer never came: it may be stored, so the very same is sent again first

  function isDirty() { return edits !== saved; }

  function isDirtySince(one) { return edits !== one.count; }

  /* what each field would send, by name */
  function values() {
    var found = {};
    form.querySelectorAll("[data-field] [name], #f-explanation [name]").forEach(function (input) {
      if (input.type === "submit" || (input.type === "radio" && !input.checked)) { return; }
      found[input.name] = input.value;
    });
    return found;
  }

  function touched() {
    var now = values();
    return Object.keys(now).filter(function (name) { return now[name] !== (base[name] || ""); });
  }

  function fieldOf(name) { return form.querySelector('[data-field="' + name + '"]'); }

  function sayAt(name, text, isBad) {
    var place = fieldOf(name) && fieldOf(name).querySelector("[data-field-state]");
    if (!place) { return; }
    place.textContent = text;
    place.classList.toggle("is-bad", !!isBad);
  }

  function sayAtAll(names, text, isBad) {
    names.forEach(function (name) { sayAt(name, text, isBad); });
  }

  /* puts a stored value into its input or its radio buttons */
  function set(name, value) {
    form.querySelectorAll('[name="' + name + '"]').forEach(function (input) {
      if (input.type === "radio") {
        input.checked = input.value === value;
      } else {
        input.value = value;
      }
    });
  }

  function say(text, isBad) {
    state.classList.toggle("is-bad", !!isBad);
    state.classList.toggle("msg-none", !isBad);
    state.textContent = text;
  }

  function later(delay) {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, delay);
  }

  function changed(event) {
    var name = event && event.target && event.target.name;
    edits += 1;
    if (name) {
      fresh[name] = true;
      sayAt(name, "未保存");
    }
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
    var tag = block.querySelector("[data-copied]");
    if (tag) { tag.hidden = !field.copied; }
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
    if ("version" in answer) { form.elements.version.value = answer.version; }
    Object.keys(answer.set || {}).forEach(function (name) { if (!fresh[name]) { set(name, answer.set[name]); } });
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

  /* one save: what is sent, and which change it comes up to */
  function attempt() {
    var data = new FormData(form);
    data.append("touched", touched().join(","));
    return { data: data, count: edits, sent: values() };
  }

  function post(one) {
    var control = new AbortController();
    var limit = window.setTimeout(function () { control.abort(); }, PATIENCE);
    one.data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    return fetch(form.action, {
      method: "POST",
      body: one.data,
      headers: { "X-Requested-With": "fetch" },
      credentials: "same-origin",
      redirect: "manual",
      signal: control.signal
    }).then(function (response) {
      var type = response.headers.get("Content-Type") || "";
      if (type.indexOf("application/json") === 0) { return response.json(); }
      return { unread: response.status };
    }).finally(function () { window.clearTimeout(limit); });
  }

  /* an answer that is no JSON: status 0 leads to the sign-in page, 403 refuses the token */
  function isSignedOut(answer) { return answer.unread === 0 || answer.unread === 403; }

  function again() {
    failures += 1;
    later(Math.min(RETRY * Math.pow(2, failures - 1), LONGEST_RETRY));
  }

  function take(answer, one) {
    var names = touched();
    var wasLost = one === lost;
    lost = null;
    if ("unread" in answer) {
      if (answer.unread >= 500 && !wasLost) { lost = one; }
      sayAtAll(names, "未保存", true);
      say(
        isSignedOut(answer)
          ? "未保存：登录已过期。内容仍在本页，请在新窗口重新登录，这里会自动重试"
          : "未保存：服务器暂时不能保存（" + answer.unread + "），内容仍在本页，稍后自动重试",
        true
      );
      again();
      return false;
    }
    failures = 0;
    if (answer.ok) {
      saved = one.count;
      refresh(answer);
      put(document.querySelector("[data-conflict]"), "");
      sayAtAll(names.filter(function (name) { return !fresh[name]; }), "已保存");
      base = one.sent;
      Object.keys(answer.set || {}).forEach(function (name) { if (!fresh[name]) { base[name] = answer.set[name]; } });
      if (isDirty()) { later(WAIT); } else { say("已保存 " + answer.saved_at); }
      return true;
    }
    if (answer.panel && wasLost && isDirtySince(one)) {
      later(0); // the choice is between theirs and what stands here now, not what stood here then
      return false;
    }
    if (answer.panel) {
      halted = "conflict";
      var place = document.querySelector("[data-conflict]");
      put(place, answer.panel);
      sayAtAll(names, "未保存，待选择", true);
      place.scrollIntoView({ block: "center" });
      say("未保存：内容已被他人更新，请处理后再保存", true);
      return false;
    }
    halted = "refused";
    sayAtAll(names, "未保存", true);
    say("未保存：" + answer.sentence + "内容仍在本页", true);
    return false;
  }

  /* resolves to whether everything typed is stored */
  function save() {
    window.clearTimeout(timer);
    if (running) { return running.then(function () { return isDirty() && !halted ? save() : !isDirty(); }); }
    if (!isDirty() || locked) { return Promise.resolve(true); }
    if (halted) { return Promise.resolve(false); }
    var one = lost || attempt();
    if (!lost) { fresh = {}; }
    say("正在保存…");
    sayAtAll(touched(), "保存中…");
    running = post(one)
      .then(function (answer) {
        if (!isSignedOut(answer)) { return answer; }
        return freshToken().then(function (isFresh) { return isFresh ? post(one) : answer; });
      })
      .then(function (answer) { return take(answer, one); })
      .catch(function () {
        lost = one;
        say("连接中断，内容仍在本页，恢复后自动保存", true);
        sayAtAll(touched(), "离线，未保存", true);
        again();
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

  function focusField(hash) {
    var field = document.querySelector(hash + " input, " + hash + " textarea, " + hash + " select");
    if (field) { window.setTimeout(function () { field.focus(); }, 0); }
  }

  function copyIfEmpty(copier) {
    var field = document.getElementById(copier.dataset.copies);
    if (field.value.trim()) { return; }
    field.value = copier.dataset.words;
    changed({ target: field });
  }

  form.addEventListener("input", changed);

  form.addEventListener("submit", function (event) {
    var button = event.submitter;
    event.preventDefault();
    if (button && button.name === "then") {
      goTo(form.dataset.autosave + "?entry=" + button.value);
      return;
    }
    if (!isDirty()) { say("没有未保存的内容"); }
    saveNow();
  });

  document.addEventListener("submit", function (event) {
    var other = event.target;
    if (event.defaultPrevented || !other.matches("form[data-flush], form[data-leaves]") || (!isDirty() && !running)) { return; }
    event.preventDefault();
    saveNow().then(function (isSaved) {
      var still = other.isConnected ? other : document.querySelector('form[action="' + other.getAttribute("action") + '"]');
      if (isSaved && still) { still.requestSubmit(); } // the answer may have drawn it anew
    });
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
      event.preventDefault();
      field.value = field.value.trim() ? field.value + "\n" + copier.dataset.words : copier.dataset.words;
      field.focus();
      changed({ target: field });
      return;
    }
    if (event.target.closest("[data-copies-all]")) {
      event.preventDefault();
      form.querySelectorAll("[data-copies]").forEach(copyIfEmpty);
      return;
    }
    var settler = event.target.closest("[data-settle], [data-overwrite]");
    if (settler) {
      event.preventDefault();
      if (settler.dataset.overwrite) {
        document.querySelectorAll('[data-conflict] [value="mine"]').forEach(function (mine) { mine.checked = true; });
      }
      form.elements.version.value = settler.dataset.overwrite || settler.dataset.settle;
      halted = "";
      edits += 1;
      save();
      return;
    }
    if (event.target.closest("[data-takes-theirs]")) { saved = edits; }
    if (event.target.closest("#check a[href^='#f-']")) { focusField(event.target.closest("a").hash); }
  });

  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      if (!isDirty()) { say("没有未保存的内容"); }
      saveNow();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      var next = form.querySelector('[name="then"]');
      event.preventDefault();
      if (next) { goTo(form.dataset.autosave + "?entry=" + next.value); } else { saveNow().then(toChecklist); }
      return;
    }
    if (event.altKey && event.key.toLowerCase() === "c") {
      event.preventDefault();
      toChecklist();
      return;
    }
    if (!event.altKey && moveInList(event)) { return; }
    var way = { ArrowUp: "[data-prev]", ArrowDown: "[data-next]" }[event.key];
    if (event.altKey && way) {
      var link = document.querySelector(way);
      event.preventDefault();
      if (link) { goTo(link.href); }
    }
  });

  /* by key to another entry: it begins where one types */
  function goTo(url) {
    leave(function () {
      window.sessionStorage.setItem(ARRIVED, "1");
      window.location.assign(url);
    });
  }

  function toChecklist() {
    var check = document.getElementById("check");
    check.scrollIntoView({ block: "start" });
    check.focus({ preventScroll: true });
  }

  function moveInList(event) {
    var step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    var list = step && event.target.closest(".list");
    if (!list) { return false; }
    var links = Array.prototype.slice.call(list.querySelectorAll("a"));
    var next = links[links.indexOf(event.target) + step];
    event.preventDefault();
    if (next) { next.focus(); }
    return true;
  }

  if (window.matchMedia("(max-width: 767.98px)").matches) {
    document.querySelectorAll("[data-folds-on-phone]").forEach(function (fold) { fold.open = false; });
  }
  if (window.sessionStorage.getItem(ARRIVED)) {
    window.sessionStorage.removeItem(ARRIVED);
    var first = form.querySelector("[data-field] input:not([type=hidden]), [data-field] textarea, [data-field] select");
    if (first && !locked) { first.focus({ preventScroll: true }); }
  }
  window.filingDesk = { refresh: refresh, freshToken: freshToken };

  window.addEventListener("online", function () { if (isDirty() && !halted) { save(); } });
  window.addEventListener("beforeunload", function (event) {
    if (isDirty() && !locked) {
      event.preventDefault();
      event.returnValue = "";
    }
  });
}());
