/* Evidence on the filing desk: files are sent one by one as they are chosen or dropped, each with its own line.

   form[data-uploads]   its file input; its address takes one file and answers with JSON
   [data-drop]          where files can be dropped
   [data-upload-list]   the lines: progress with a button that stops it; an error stays until it is cleared
   Without JavaScript the form has a button and sends all its files at once. */
(function () {
  "use strict";

  var form = document.querySelector("form[data-uploads]");
  if (!form) { return; }
  var input = form.querySelector("input[type=file]");
  var drop = form.querySelector("[data-drop]");
  var list = form.querySelector("[data-upload-list]");
  var waiting = [];  // files still to be sent, each with its line
  var sending = null;

  function made(name, className, text) {
    var element = document.createElement(name);
    element.className = className;
    element.textContent = text || "";
    return element;
  }

  function lineOf(file) {
    var line = { file: file, item: made("li", ""), said: made("span", "note", "等待上传"), button: made("button", "as-link", "取消") };
    var dot = file.name.lastIndexOf(".");
    line.button.type = "button";
    line.item.append(made("span", "ext", dot < 0 ? "?" : file.name.slice(dot + 1, dot + 5).toUpperCase()));
    line.item.append(made("span", "", file.name), line.said, line.button);
    line.button.addEventListener("click", function () { stop(line); });
    list.append(line.item);
    return line;
  }

  function stop(line) {
    waiting = waiting.filter(function (other) { return other !== line; });
    if (sending === line) { line.request.abort(); }
    line.item.remove();
    input.focus();
  }

  function fail(line, sentence) {
    line.said.textContent = sentence;
    line.said.className = "msg msg-err";
    line.button.textContent = "知道了";
  }

  function finish(line) {
    if (sending === line) { sending = null; }
    next();
  }

  /* the person may have signed in again in another window: then the file goes once more with the token of now */
  function again(line, request) {
    line.isAgain = true;
    window.filingDesk.freshToken().catch(function () { return false; }).then(function (isFresh) {
      if (!line.item.isConnected) { finish(line); return; } // stopped meanwhile
      if (isFresh) { send(line); return; }
      take(line, request);
      finish(line);
    });
  }

  function arrived(line, request) {
    if (request.status === 403 && !line.isAgain && window.filingDesk && !answerOf(request)) {
      again(line, request);
      return;
    }
    take(line, request);
    finish(line);
  }

  function answerOf(request) {
    try { return JSON.parse(request.responseText); } catch (error) { return null; }
  }

  function take(line, request) {
    var answer = answerOf(request);
    if (!answer || !answer.files) {
      fail(line, request.status === 0 || request.status === 403 ? "未上传：登录已过期，请在新窗口重新登录后再选这个文件" : "未上传：服务器暂时不能接收（" + request.status + "），请稍后再试");
      return;
    }
    var outcome = answer.files[0];
    if (window.filingDesk) { window.filingDesk.refresh(answer); }
    if (!outcome || !outcome.ok) {
      fail(line, "未添加：" + (outcome ? outcome.sentence : "没有收到文件"));
    } else if (outcome.sentence) {
      line.said.textContent = "已添加：" + outcome.sentence;
      line.said.className = "msg msg-warn";
      line.button.textContent = "知道了";
    } else {
      line.item.remove();
    }
  }

  function send(line) {
    var request = new XMLHttpRequest();
    var data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("files", line.file);
    line.request = request;
    request.open("POST", form.action);
    request.setRequestHeader("X-Requested-With", "fetch");
    request.upload.addEventListener("progress", function (event) {
      if (event.lengthComputable) { line.said.textContent = "正在上传 " + Math.round(100 * event.loaded / event.total) + "%"; }
    });
    request.addEventListener("load", function () { arrived(line, request); });
    request.addEventListener("error", function () { fail(line, "未上传：连接中断，请恢复后再选这个文件"); finish(line); });
    request.addEventListener("abort", function () { finish(line); });
    line.said.textContent = "正在上传…";
    request.send(data);
  }

  function next() {
    if (sending || !waiting.length) { return; }
    sending = waiting.shift();
    send(sending);
  }

  function add(files) {
    Array.prototype.forEach.call(files, function (file) { waiting.push(lineOf(file)); });
    next();
  }

  input.addEventListener("change", function () {
    add(input.files);
    input.value = "";
  });

  form.addEventListener("submit", function (event) { event.preventDefault(); });

  ["dragenter", "dragover"].forEach(function (name) {
    drop.addEventListener(name, function (event) {
      event.preventDefault();
      drop.classList.add("over");
    });
  });
  drop.addEventListener("dragleave", function () { drop.classList.remove("over"); });
  drop.addEventListener("drop", function (event) {
    event.preventDefault();
    drop.classList.remove("over");
    add(event.dataTransfer.files);
  });

  /* a file that misses the box must not replace the page */
  ["dragover", "drop"].forEach(function (name) {
    window.addEventListener(name, function (event) {
      if (event.dataTransfer && Array.prototype.indexOf.call(event.dataTransfer.types, "Files") >= 0) { event.preventDefault(); }
    });
  });

  window.addEventListener("beforeunload", function (event) {
    if (sending || waiting.length) {
      event.preventDefault();
      event.returnValue = "";
    }
  });
}());
