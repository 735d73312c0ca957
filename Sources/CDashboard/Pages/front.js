// The front of a round: accuracy, or whatever the run aims at, against any other value, with every candidate behind it.

import { get } from "./api.js";
import { failure, h, section, swap } from "./dom.js";
import { count, metricOf, value, words } from "./format.js";
import { scatterChart } from "./scatter.js";

const genomes = new Map();

/** The genome of a candidate, asked for once. */
export async function genome(run, number) {
  const key = `${run} ${number}`;
  if (!genomes.has(key)) {
    if (genomes.size > 5000) genomes.clear();
    genomes.set(key, get(["v1", "runs", run, "candidates"], { cursor: number - 1, limit: 1 }).then((list) => list.candidates[0]?.genome).catch(() => undefined));
  }
  return genomes.get(key);
}

/** An axis for a value of the run's metrics. */
export function axis(name, document) {
  const metric = metricOf(name, document.metrics);
  const goal = document.objectives.find((one) => one.metric === name)?.goal ?? metric?.goal;
  return { name: words(name) + (metric?.unit && metric.unit !== "bytes" && metric.kind !== "quality" && metric.unit !== words(name) ? ` (${metric.unit})` : ""), format: (number) => value(number, metric, 1), isMaximized: goal === "maximize" };
}

/** Names of all values that candidates of a run may have. */
export function valuesOf(document) { return (document.metrics ?? []).flatMap((metric) => metric.values); }

/** Which values a front is drawn by at first: the first objective upwards, another one, or a cost, across. */
export function usualAxes(document) {
  const names = document.objectives.map((one) => one.metric), all = valuesOf(document);
  const up = names.find((name) => metricOf(name, document.metrics)?.kind === "quality") ?? names[0] ?? all[0];
  const across = names.find((name) => name !== up) ?? document.metrics?.find((one) => one.kind === "cost")?.values[0] ?? up;
  return { x: across, y: up };
}

/** Turns a document of points into points of a chart. */
export function pointsOf(document, x, y) {
  const front = new Set(document.front), infeasible = new Set(document.infeasible);
  const column = (name) => document.columns.find((one) => one.name === name).values;
  const [xs, ys] = [column(x), column(y)];
  return document.candidates.map((candidate, index) => ({
    candidate, x: xs[index] ?? NaN, y: ys[index] ?? NaN, isFront: front.has(candidate), isInfeasible: infeasible.has(candidate),
  }));
}

export function frontPart(context) {
  const doc = context.document, names = valuesOf(doc);
  const axes = usualAxes(doc);
  let round, shown, isAtEnd = true, isLogarithmic = false;
  const chart = scatterChart({
    title: "Candidates of a round and their front",
    tell: (point) => genome(context.id, point.candidate),
    open: (point) => { location.hash = `#/runs/${context.id}/candidates/${point.candidate}`; },
  });
  const note = h("p", { class: "quiet", "aria-live": "polite" });
  const choice = (key, label) => h("label", null, label + " ", h("select", { onchange: (event) => { axes[key] = event.target.value; load(); } },
    names.map((name) => h("option", { value: name, selected: name === axes[key] }, words(name)))));
  const slider = h("input", { type: "range", min: 0, max: 0, step: 1, "aria-label": "Round", oninput: () => { round = Number(slider.value); isAtEnd = round === Number(slider.max); told(); later(); } });
  const which = h("output");
  const bar = h("span", { class: "slider" }, h("span", null, "Round "), slider, which);
  const element = section("Front", { class: "wide" }, h("form", { class: "filters", onsubmit: (event) => event.preventDefault() },
    choice("y", "Up"), choice("x", "Across"), h("label", null, h("input", { type: "checkbox", onchange: (event) => { isLogarithmic = event.target.checked; draw(); } }), " logarithmic"), bar), chart.element, note);
  let timer;
  function later() { clearTimeout(timer); timer = setTimeout(load, 120); }
  function told() {
    const { rounds } = context.document, here = rounds.find((one) => one.round === round);
    which.textContent = here ? `${round}, weights of step ${count(here.weightsStep)}` : "–";
  }
  async function load() {
    const { rounds } = context.document;
    bar.hidden = rounds.length < 2;
    if (rounds.length) {
      slider.min = rounds[0].round;
      slider.max = rounds[rounds.length - 1].round;
      if (isAtEnd) round = Number(slider.max);
      slider.value = round;
      told();
    }
    if (!shown) note.textContent = `Looking through ${count(context.document.run.candidates)} candidates …`;
    try {
      const asked = { round, values: [...new Set([axes.x, axes.y])].join(","), points: 4000 };
      shown = await get(["v1", "runs", context.id, "points"], asked, context.signal);
      draw();
    } catch (error) {
      if (error.name !== "AbortError") fail(error);
    }
  }
  function draw() {
    if (!shown || !shown.columns.some((one) => one.name === axes.x) || !shown.columns.some((one) => one.name === axes.y)) return;
    const points = pointsOf(shown, axes.x, axes.y), hasFront = doc.objectives.length > 1;
    chart.draw({ x: { ...axis(axes.x, doc), isLogarithmic }, y: axis(axes.y, doc), groups: [{ name: "round", colour: "--accent", points }], isFrontDrawn: hasFront });
    note.textContent = !shown.count ? "" : (shown.candidates.length < shown.count ? `${count(shown.candidates.length)} of ${count(shown.count)} candidates are drawn: evenly picked, and all ${count(shown.front.length)} of the front.`
      : `${count(shown.count)} candidates, ${count(shown.front.length)} on the front.`) + (shown.infeasible.length ? ` ${count(shown.infeasible.length)} break a constraint and are crosses.` : "");
  }
  function fail(error) { swap(note, failure(error)); }
  return { element, refresh: () => (isAtEnd ? load() : undefined), fail };
}
