/* Draws the figures of the page. The figure is JSON beside the box (partials/chart.html); plotly.js is loaded only
   when there is one, from this host. A colour in the figure may be a token, "var(--jade)": tokens.css decides. */
(function () {
  "use strict";

  var own = document.currentScript.dataset;
  var boxes = Array.prototype.slice.call(document.querySelectorAll("[data-figure]"));
  if (!boxes.length) { return; }

  var CONFIG = { displayModeBar: false, displaylogo: false, responsive: true, locale: "zh-CN", showSendToCloud: false, scrollZoom: false };

  function load(address) {
    return new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = function () { reject(new Error("not loaded: " + address)); };
      document.head.append(script);
    });
  }

  /* replaces var(--name) anywhere in the figure, as the box sees it (the wall screen has tokens of its own) */
  function resolveTokens(value, style) {
    if (typeof value === "string") {
      return value.replace(/var\((--[a-z0-9-]+)\)/g, function (_, name) { return style.getPropertyValue(name).trim(); });
    }
    if (Array.isArray(value)) {
      return value.map(function (item) { return resolveTokens(item, style); });
    }
    if (value && typeof value === "object") {
      Object.keys(value).forEach(function (key) { value[key] = resolveTokens(value[key], style); });
    }
    return value;
  }

  /* the house's look under whatever the figure says itself; custom properties may name each other, so computed ones */
  function houseTemplate(narrow) {
    var axis = { linecolor: "var(--ink-3)", gridcolor: "var(--chart-grid)", zeroline: false, fixedrange: true, ticks: "outside", ticklen: 4, tickcolor: "var(--ink-3)" };
    return {
      layout: {
        font: { family: "var(--sans)", size: 12, color: "var(--ink-3)" },
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        margin: { l: narrow ? 36 : 44, r: narrow ? 16 : 24, t: 10, b: 38 },
        hovermode: "x unified",
        hoverlabel: { bgcolor: "var(--sheet)", bordercolor: "var(--rule-2)", font: { color: "var(--ink)" } },
        showlegend: false,
        colorway: ["var(--chart-actual)", "var(--chart-plan)", "var(--chart-flash)", "var(--jade-mid)"],
        xaxis: Object.assign({}, axis, { showgrid: false }),
        yaxis: Object.assign({}, axis, { ticks: "" })
      }
    };
  }

  function draw(box) {
    var figure = JSON.parse(document.getElementById(box.dataset.figure).textContent);
    var style = getComputedStyle(box);
    var narrow = box.clientWidth < 560;
    var layout = Object.assign({}, figure.layout, { template: houseTemplate(narrow), autosize: true });
    delete layout.width;
    box.textContent = "";
    return window.Plotly.newPlot(box, resolveTokens(figure.data, style), resolveTokens(layout, style), CONFIG);
  }

  function fail(box) {
    var note = document.createElement("p");
    note.className = "note";
    note.textContent = "图没有画出来；全部数据见本页的表。";
    box.textContent = "";
    box.append(note);
  }

  /* plotly fixes its drawing in pixels; a viewBox lets charts.css fit it to a sheet, which is narrower than the screen */
  function makeScalable(box) {
    box.querySelectorAll(".main-svg").forEach(function (svg) {
      svg.setAttribute("viewBox", "0 0 " + svg.getAttribute("width") + " " + svg.getAttribute("height"));
    });
  }

  load(own.locale).then(function () { return load(own.plotly); }).then(function () {
    boxes.forEach(function (box) {
      try {
        draw(box).then(function () {
          makeScalable(box);
          box.on("plotly_afterplot", function () { makeScalable(box); });
        }, function () { fail(box); });
      } catch (error) {
        fail(box);
        throw error;
      }
    });
  }, function () { boxes.forEach(fail); });
}());
