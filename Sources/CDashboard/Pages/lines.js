// Charts of lines and stacked areas over one axis, as SVG. The keys ← and → move along a chart that has the focus.

import { h, s, swap } from "./dom.js";
import { extent, logTicks, padded, scale, seriesColour, ticks } from "./scale.js";
import { short } from "./format.js";

const margin = { top: 10, right: 14, bottom: 34, left: 58 };

/**
 * A chart. `draw({series: [{name, points: [[x, y]], base}], marks})` shows data; series with a `base` (a list of y) are areas.
 * Options: `title`, `x` and `y` as `{name, format, isLogarithmic, ends}`, `height`, `isOrdered` for colours from light to dark.
 */
export function lineChart({ title, x, y, height = 220, isOrdered = false }) {
  const tip = h("div", { class: "tip", hidden: true });
  const legend = h("ul", { class: "legend" });
  const frame = h("div", { class: "chart", tabindex: "0", role: "img" });
  const element = h("figure", { class: "figure" }, h("figcaption", null, title), frame, legend);
  let data = { series: [], empty: "Loading …" }, shown, last = -1;

  function render() {
    const width = frame.clientWidth;
    const series = data.series.filter((one) => one.points.length);
    if (!width) return;
    if (!series.length) return swap(frame, h("p", { class: "empty" }, data.empty ?? "Nothing yet."));
    const xs = extent(series.flatMap((one) => one.points.map((point) => point[0])));
    let ys = y.ends ?? extent(series.flatMap((one) => one.points.map((point) => point[1]).concat(one.base ?? [])));
    if (!xs || !ys) return swap(frame, h("p", { class: "empty" }, "Nothing yet."));
    const isLogarithmic = y.isLogarithmic && ys[0] > 0;
    if (!y.ends) ys = padded(ys, isLogarithmic);
    const across = scale(xs[0], xs[1], margin.left, width - margin.right);
    const up = scale(ys[0], ys[1], height - margin.bottom, margin.top, isLogarithmic);
    const format = { x: x.format ?? short, y: y.format ?? short };
    const yTicks = isLogarithmic ? logTicks(ys[0], ys[1], 5) : ticks(ys[0], ys[1], Math.max(2, height / 50));
    const picture = s("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
      yTicks.map((tick) => [
        s("line", { class: "grid", x1: margin.left, x2: width - margin.right, y1: up.place(tick), y2: up.place(tick) }),
        s("text", { class: "tick", x: margin.left - 8, y: up.place(tick) + 4, "text-anchor": "end" }, format.y(tick)),
      ]),
      ticks(xs[0], xs[1], Math.max(2, width / 110)).map((tick) =>
        s("text", { class: "tick", x: across.place(tick), y: height - margin.bottom + 18, "text-anchor": across.place(tick) > width - margin.right - 16 ? "end" : "middle" }, format.x(tick))),
      s("line", { class: "axis", x1: margin.left, x2: width - margin.right, y1: height - margin.bottom, y2: height - margin.bottom }),
      s("text", { class: "axis-name", x: width - margin.right, y: height - 3, "text-anchor": "end" }, x.name),
      (data.marks ?? []).filter((mark) => mark.x >= xs[0] && mark.x <= xs[1]).map((mark) =>
        s("line", { class: "mark", x1: across.place(mark.x), x2: across.place(mark.x), y1: margin.top, y2: height - margin.bottom },
          s("title", null, mark.name))));
    series.forEach((one, index) => {
      const tint = one.colour ?? seriesColour(index, series.length, isOrdered);
      const line = trace(one.points, across, up);
      if (one.base) {
        const back = trace(one.points.map((point, place) => [point[0], one.base[place]]).reverse(), across, up).replace("M", "L");
        picture.append(s("path", { class: "area", d: line + back + "Z", style: { fill: tint } }));
      } else if (one.points.length === 1) {
        picture.append(s("circle", { cx: across.place(one.points[0][0]), cy: up.place(one.points[0][1]), r: 3, style: { fill: tint } }));
      } else {
        picture.append(s("path", { class: "line", d: line, style: { stroke: tint } }));
      }
    });
    const cursor = s("line", { class: "cursor", y1: margin.top, y2: height - margin.bottom, visibility: "hidden" });
    picture.append(cursor);
    swap(frame, picture, tip);
    shown = { series, across, cursor, format, width, places: [...new Set(series.flatMap((one) => one.points.map((point) => point[0])))].sort((a, b) => a - b) };
    swap(legend, series.length > 1 && series.map((one, index) => h("li", null,
      h("span", { class: "swatch", style: { background: one.colour ?? seriesColour(index, series.length, isOrdered) } }), one.name)));
    legend.hidden = series.length < 2 || series.length > 24;
    frame.setAttribute("aria-label", told(series, format));
  }

  function told(series, format) {
    return `${title}. ` + series.slice(0, 8).map((one) => {
      const [first, end] = [one.points[0], one.points[one.points.length - 1]];
      return `${one.name}: ${format.y(first[1])} at ${x.name} ${format.x(first[0])}, ${format.y(end[1])} at ${format.x(end[0])}`;
    }).join("; ") + ". Arrow keys move along it.";
  }

  function point(to) {
    if (!shown?.places.length) return;
    last = Math.max(0, Math.min(shown.places.length - 1, to));
    const at = shown.places[last], place = shown.across.place(at);
    shown.cursor.setAttribute("x1", place);
    shown.cursor.setAttribute("x2", place);
    shown.cursor.setAttribute("visibility", "visible");
    const rows = shown.series.map((one, index) => {
      const found = nearest(one.points, at);
      const here = one.points[found];
      if (!here || Math.abs(here[0] - at) > Math.abs(shown.across.value(shown.across.place(at) + 6) - at)) return null;
      const amount = one.base ? here[1] - one.base[found] : here[1];
      return h("div", null, h("span", { class: "swatch", style: { background: one.colour ?? seriesColour(index, shown.series.length, isOrdered) } }),
        shown.series.length > 1 && h("span", { class: "what" }, one.name), h("b", null, shown.format.y(amount)));
    });
    swap(tip, h("div", { class: "at" }, `${x.name} ${shown.format.x(at)}`), rows);
    tip.hidden = false;
    const isLeft = place > shown.width / 2;
    tip.style.left = isLeft ? "auto" : place + 12 + "px";
    tip.style.right = isLeft ? shown.width - place + 12 + "px" : "auto";
    tip.style.top = margin.top + "px";
  }

  function leave() {
    tip.hidden = true;
    shown?.cursor.setAttribute("visibility", "hidden");
  }

  frame.addEventListener("pointermove", (event) => {
    if (!shown) return;
    const at = shown.across.value(event.clientX - frame.getBoundingClientRect().left);
    point(nearest(shown.places.map((place) => [place]), at));
  });
  frame.addEventListener("pointerleave", leave);
  frame.addEventListener("blur", leave);
  frame.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || !shown) return;
    event.preventDefault();
    point(last < 0 ? (step < 0 ? Infinity : 0) : last + step);
    frame.setAttribute("aria-label", tip.innerText.replaceAll("\n", " "));
  });
  new ResizeObserver(render).observe(frame);
  return { element, draw(next) { data = next; render(); } };
}

function trace(points, across, up) {
  let text = "";
  for (const [x, y] of points) text += `${text ? "L" : "M"}${across.place(x).toFixed(1)},${up.place(y).toFixed(1)}`;
  return text;
}

function nearest(points, at) {
  let low = 0, high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < at) low = middle + 1; else high = middle;
  }
  return low > 0 && at - points[low - 1][0] < points[low][0] - at ? low - 1 : low;
}

/** Shares that add up, one area on the other: lists of `[x, y]` by name, all at the same x. */
export function stacked(parts) {
  const base = parts[0]?.points.map(() => 0) ?? [];
  return parts.map((part) => {
    const under = base.slice();
    const points = part.points.map(([x, y], index) => [x, base[index] += y]);
    return { ...part, points, base: under };
  });
}

/** A small line without axes. */
export function sparkline(points, label, { width = 96, height = 24 } = {}) {
  const xs = extent(points.map((point) => point[0])), ys = extent(points.map((point) => point[1]));
  if (!xs || !ys || points.length < 2) return h("span", { class: "quiet" }, "–");
  const across = scale(xs[0], xs[1], 2, width - 2), up = scale(ys[0], ys[1], height - 3, 3);
  const end = points[points.length - 1];
  return s("svg", { class: "spark", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    s("path", { d: trace(points, across, up) }), s("circle", { cx: across.place(end[0]), cy: up.place(end[1]), r: 2 }));
}
