// Candidates as points on a canvas: all of a round pale, its front as a line of dots. With the focus on it, ← and → move along
// the front, and Enter opens a candidate.

import { announce, h, swap } from "./dom.js";
import { colour, extent, logTicks, padded, scale, ticks } from "./scale.js";
import { short } from "./format.js";

const margin = { top: 14, right: 18, bottom: 40, left: 64 };

/**
 * A chart. `draw({x, y, groups})` shows data: axes as `{name, format, isLogarithmic, isMaximized}`, groups as
 * `{name, colour, points: [{candidate, x, y, isFront, isInfeasible}]}`. `tell(point)` gives what a tip says, perhaps later;
 * `open(point)` is what a click does.
 */
export function scatterChart({ title, height = 380, tell, open }) {
  const canvas = h("canvas", { class: "scatter", tabindex: "0", role: "img" });
  const tip = h("div", { class: "tip", hidden: true });
  const frame = h("div", { class: "chart" }, canvas, tip);
  const element = h("figure", { class: "figure" }, h("figcaption", { class: "hidden" }, title), frame);
  let data = { groups: [] }, places = [], front = [], chosen, turn = 0;

  function render() {
    const width = frame.clientWidth;
    if (!width) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.height = height + "px";
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.clearRect(0, 0, width, height);
    pen.font = "12px " + getComputedStyle(frame).fontFamily;
    const all = data.groups.flatMap((group) => group.points);
    const usable = { x: data.x?.isLogarithmic && all.every((point) => !(point.x <= 0)), y: data.y?.isLogarithmic && all.every((point) => !(point.y <= 0)) };
    const ends = { x: extent(all.map((point) => point.x)), y: extent(all.map((point) => point.y)) };
    places = [];
    front = [];
    if (!ends.x || !ends.y) {
      pen.fillStyle = colour("--muted");
      pen.textAlign = "center";
      pen.fillText(data.empty ?? "No candidate is measured yet.", width / 2, height / 2);
      canvas.setAttribute("aria-label", `${title}: no candidate is measured yet`);
      return;
    }
    const [xs, ys] = [padded(ends.x, usable.x), padded(ends.y, usable.y)];
    const across = scale(xs[0], xs[1], margin.left, width - margin.right, usable.x);
    const up = scale(ys[0], ys[1], height - margin.bottom, margin.top, usable.y);
    axes(pen, across, up, width);
    for (const group of data.groups) {
      const paint = colour(group.colour), line = [];
      pen.fillStyle = paint;
      const dots = group.points.filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
      const radius = dots.length > 1500 ? 1.6 : dots.length > 300 ? 2.2 : 3;
      for (const point of dots) {
        const at = { x: across.place(point.x), y: up.place(point.y), point, group };
        places.push(at);
        if (point.isFront) { line.push(at); continue; }
        pen.globalAlpha = point.isInfeasible ? 0.55 : dots.length > 1500 ? 0.32 : 0.45;
        pen.fillStyle = point.isInfeasible ? colour("--faint") : paint;
        pen.beginPath();
        if (point.isInfeasible) cross(pen, at, radius + 0.5, colour("--faint")); else { pen.arc(at.x, at.y, radius, 0, 7); pen.fill(); }
      }
      pen.globalAlpha = 1;
      line.sort((a, b) => a.x - b.x || a.y - b.y);
      front.push(...line);
      if (data.isFrontDrawn !== false) steps(pen, line, paint);
      for (const at of line) {
        pen.beginPath();
        pen.arc(at.x, at.y, 4.2, 0, 7);
        pen.fillStyle = paint;
        pen.fill();
        pen.lineWidth = 1.5;
        pen.strokeStyle = colour("--panel");
        pen.stroke();
      }
    }
    if (chosen) {
      const again = places.find((at) => at.point.candidate === chosen.point.candidate && at.group.name === chosen.group.name);
      if (again) ring(pen, again);
    }
    canvas.setAttribute("aria-label", `${title}: ${places.length} candidates, ${front.length} on the front, ${data.y.name} from ` +
      `${data.y.format(ends.y[0])} to ${data.y.format(ends.y[1])} against ${data.x.name} from ${data.x.format(ends.x[0])} to ` +
      `${data.x.format(ends.x[1])}. Arrow keys move along the front, Enter opens a candidate.`);
  }

  function axes(pen, across, up, width) {
    const format = { x: data.x.format ?? short, y: data.y.format ?? short };
    pen.strokeStyle = colour("--line");
    pen.fillStyle = colour("--muted");
    pen.lineWidth = 1;
    pen.textAlign = "right";
    for (const tick of up.isLogarithmic ? logTicks(up.low, up.high, 7) : ticks(up.low, up.high, 6)) {
      const y = Math.round(up.place(tick)) + 0.5;
      pen.beginPath();
      pen.moveTo(margin.left, y);
      pen.lineTo(width - margin.right, y);
      pen.stroke();
      pen.fillText(format.y(tick), margin.left - 8, y + 4);
    }
    pen.textAlign = "center";
    for (const tick of across.isLogarithmic ? logTicks(across.low, across.high, width / 110) : ticks(across.low, across.high, width / 110)) {
      pen.fillText(format.x(tick), across.place(tick), height - margin.bottom + 18);
    }
    pen.strokeStyle = colour("--axis");
    pen.beginPath();
    pen.moveTo(margin.left, height - margin.bottom + 0.5);
    pen.lineTo(width - margin.right, height - margin.bottom + 0.5);
    pen.stroke();
    pen.textAlign = "right";
    pen.fillText(`${data.x.name} →`, width - margin.right, height - 4);
    pen.textAlign = "left";
    pen.fillText(`↑ ${data.y.name}`, margin.left + 6, margin.top + 2);
  }

  /** What a front reaches: steps between its points, where one axis grows with the other. */
  function steps(pen, line, paint) {
    if (line.length < 2) return;
    pen.strokeStyle = paint;
    pen.globalAlpha = 0.7;
    pen.lineWidth = 1.5;
    pen.beginPath();
    line.forEach((at, index) => index ? pen.lineTo(at.x, at.y) : pen.moveTo(at.x, at.y));
    pen.stroke();
    pen.globalAlpha = 1;
  }

  function cross(pen, at, size, paint) {
    pen.strokeStyle = paint;
    pen.lineWidth = 1;
    pen.moveTo(at.x - size, at.y - size);
    pen.lineTo(at.x + size, at.y + size);
    pen.moveTo(at.x + size, at.y - size);
    pen.lineTo(at.x - size, at.y + size);
    pen.stroke();
  }

  function ring(pen, at) {
    pen.beginPath();
    pen.arc(at.x, at.y, 7.5, 0, 7);
    pen.strokeStyle = colour("--ink");
    pen.lineWidth = 2;
    pen.stroke();
  }

  async function choose(at, isSpoken) {
    const mine = ++turn;
    chosen = at;
    render();
    if (!at) { tip.hidden = true; canvas.style.cursor = ""; return; }
    canvas.style.cursor = "pointer";
    const { x, y, point, group } = at;
    const facts = [[data.y.name, data.y.format(point.y)], [data.x.name, data.x.format(point.x)]];
    const head = h("div", { class: "at" }, (data.groups.length > 1 ? group.name + ", " : "") + `candidate ${point.candidate}` + (point.isFront ? ", on the front" : "") + (point.isInfeasible ? ", infeasible" : ""));
    const body = facts.map(([name, text]) => h("div", null, h("span", { class: "what" }, name), h("b", null, text)));
    swap(tip, head, body);
    tip.hidden = false;
    const isLeft = x > frame.clientWidth / 2, isUp = y > height / 2;
    tip.style.left = isLeft ? "auto" : x + 14 + "px";
    tip.style.right = isLeft ? frame.clientWidth - x + 14 + "px" : "auto";
    tip.style.top = isUp ? "auto" : y + 8 + "px";
    tip.style.bottom = isUp ? height - y + 8 + "px" : "auto";
    const more = await tell?.(point, group);
    if (mine !== turn) return;
    if (more) tip.append(h("code", { class: "genome" }, more));
    if (isSpoken) announce(tip.innerText.replaceAll("\n", " "));
  }

  function under(event) {
    const box = canvas.getBoundingClientRect(), [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best, least = 18 * 18;
    for (const at of places) {
      // What is on the front lies above what is not.
      const distance = ((at.x - x) ** 2 + (at.y - y) ** 2) * (at.point.isFront ? 0.25 : 1);
      if (distance < least) { least = distance; best = at; }
    }
    return best;
  }

  let isWaiting = false;
  canvas.addEventListener("pointermove", (event) => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      const at = under(event);
      if (at?.point.candidate !== chosen?.point.candidate || at?.group !== chosen?.group) choose(at);
    });
  });
  canvas.addEventListener("pointerleave", () => choose());
  canvas.addEventListener("blur", () => choose());
  canvas.addEventListener("click", (event) => { const at = under(event); if (at) open(at.point, at.group); });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === "Enter" && chosen) return open(chosen.point, chosen.group);
    if (step === undefined || !front.length) return;
    event.preventDefault();
    const now = front.findIndex((at) => at.point.candidate === chosen?.point.candidate && at.group === chosen.group);
    choose(front[now < 0 ? 0 : Math.max(0, Math.min(front.length - 1, now + step))], true);
  });
  new ResizeObserver(render).observe(frame);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", render);
  return { element, draw(next) { data = next; render(); } };
}
