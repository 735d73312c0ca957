// Two runs side by side: fronts over each other, losses, results, and where their files differ.

import { get } from "./api.js";
import { failure, genomeText, h, put, section, swap } from "./dom.js";
import { count, metricOf, percent, short, value, valueOf, words } from "./format.js";
import { axis, genome, pointsOf, usualAxes, valuesOf } from "./front.js";
import { lineChart } from "./lines.js";
import { scatterChart } from "./scatter.js";
import { progress, stateBadge } from "./runs.js";

const tints = ["--hue-1", "--hue-2"];

export async function show(page, chosen) {
  const { main, signal } = page;
  page.title("Compare");
  const list = await get(["v1", "runs"], { limit: 200 }, signal);
  const choice = (place) => h("label", null, h("span", { class: "swatch", style: { background: `var(${tints[place]})` } }), h("span", { class: "hidden" }, place ? "Second run" : "First run"),
    h("select", { onchange: (event) => {
      const ids = [chosen[0] ?? "-", chosen[1] ?? "-"];
      ids[place] = event.target.value;
      location.hash = `#/compare/${ids.map((id) => id === "" ? "-" : id).join("/")}`;
    } }, h("option", { value: "" }, "choose a run"), known(list.runs, chosen[place]).map((run) => h("option", { value: run.id, selected: run.id === chosen[place] }, `${run.name} (${run.space}, ${run.id.slice(0, 4)})`))));
  const body = h("div", { class: "parts" });
  swap(main, h("div", { class: "head" }, h("h1", null, "Two runs side by side")), h("form", { class: "filters", onsubmit: (event) => event.preventDefault() }, choice(0), choice(1)), body);
  const ids = chosen.filter((id) => id && id !== "-");
  if (ids.length < 2) return put(body, h("p", { class: "empty wide" }, "Choose two runs."));
  const docs = await Promise.all(ids.map((id) => get(["v1", "runs", id], {}, signal)));
  const names = docs[0].run.name === docs[1].run.name ? docs.map((doc) => `${doc.run.name} ${doc.run.id.slice(0, 4)}`) : docs.map((doc) => doc.run.name);
  await draw(body, docs, names, signal);
}

function known(runs, id) { return !id || id === "-" || runs.some((run) => run.id === id) ? runs : [{ id, name: id, space: "", state: "" }, ...runs]; }

async function draw(body, docs, names, signal) {
  const shared = valuesOf(docs[0]).filter((name) => valuesOf(docs[1]).includes(name));
  const axes = usualAxes(docs[0]);
  for (const key of ["x", "y"]) if (!shared.includes(axes[key])) axes[key] = shared[0];
  const chart = scatterChart({
    title: "Fronts of both runs", height: 420,
    tell: (point, group) => genome(group.run, point.candidate),
    open: (point, group) => { location.hash = `#/runs/${group.run}/candidates/${point.candidate}`; },
  });
  const note = h("div");
  const select = (key, label) => h("label", null, label + " ", h("select", { onchange: (event) => { axes[key] = event.target.value; load(); } }, shared.map((name) => h("option", { value: name, selected: name === axes[key] }, words(name)))));
  const legend = h("ul", { class: "legend" }, names.map((name, index) => h("li", null, h("span", { class: "swatch", style: { background: `var(${tints[index]})` } }), name)));
  const loss = lineChart({ title: "Loss", x: { name: "step", format: count }, y: { name: "loss" } });
  const volume = lineChart({ title: "Hypervolume after each evaluation of the newest round", x: { name: "evaluation", format: count }, y: { name: "hypervolume" } });
  put(body, section("Fronts", { class: "wide" }, shared.length ? [h("form", { class: "filters", onsubmit: (event) => event.preventDefault() }, select("y", "Up"), select("x", "Across"), legend), chart.element] : h("p", { class: "empty" }, "The runs have no value in common."), note),
    section("Results", { class: "wide" }, await results(docs, names, signal)), section("Loss", {}, loss.element), section("Hypervolume", {}, volume.element),
    section("Run files", { class: "wide" }, difference(docs, names, "specification")), section("Spaces", { class: "wide" }, difference(docs, names, "space")));
  async function load() {
    try {
      const values = [...new Set([axes.x, axes.y])].join(",");
      const found = await Promise.all(docs.map((doc) => get(["v1", "runs", doc.run.id, "points"], { values, points: 3000 }, signal)));
      chart.draw({
        x: axis(axes.x, docs[0]), y: axis(axes.y, docs[0]),
        groups: found.map((one, index) => ({ name: names[index], run: docs[index].run.id, colour: tints[index], points: pointsOf(one, axes.x, axes.y) })),
      });
    } catch (error) {
      if (error.name !== "AbortError") swap(note, failure(error));
    }
  }
  if (shared.length) await load();
  const training = await Promise.all(docs.map((doc) => get(["v1", "runs", doc.run.id, "training"], { points: 400 }, signal)));
  loss.draw({ series: training.map((one, index) => ({ name: names[index], colour: `var(${tints[index]})`, points: one.records.map((record) => [record.step, record.loss]) })) });
  const curves = await Promise.all(docs.map((doc) => get(["v1", "runs", doc.run.id, "curve"], { points: 2000 }, signal)));
  volume.draw({ series: curves.map((one, index) => {
    const round = one.points.at(-1)?.round, own = one.points.filter((point) => point.round === round && point.hypervolume !== undefined);
    return { name: names[index], colour: `var(${tints[index]})`, points: own.map((point) => [point.candidate - own[0].candidate + 1, point.hypervolume]) };
  }) });
}

async function results(docs, names, signal) {
  const bests = await Promise.all(docs.map((doc) => get(["v1", "runs", doc.run.id, "best"], {}, signal).then((one) => one.candidate).catch(() => undefined)));
  const rows = [
    ["State", (doc) => stateBadge(doc.run)], ["Progress", (doc) => progress(doc.run).text], ["Space", (doc) => doc.run.space], ["Sampler", (doc) => doc.sampler || "–"],
    ["Candidates", (doc) => count(doc.run.candidates)], ["Hypervolume of the newest finished round", (doc) => short(doc.run.hypervolume, 5)],
    ["Best", (doc, index) => bests[index] ? h("a", { href: `#/runs/${doc.run.id}/candidates/${bests[index].candidate}` }, `candidate ${count(bests[index].candidate)}`) : "–"],
    ...[...new Set(docs.flatMap(valuesOf))].filter((name) => bests.some((one) => one && valueOf(one, name) !== undefined))
      .map((name) => [`Best: ${words(name)}`, (doc, index) => bests[index] ? value(valueOf(bests[index], name), metricOf(name, doc.metrics)) : "–"]),
    ["Genome of the best", (_, index) => bests[index] ? genomeText(bests[index].genome) : "–"],
  ];
  return h("div", { class: "scroll" }, h("table", { class: "beside" }, h("thead", null, h("tr", null, h("th", null, h("span", { class: "hidden" }, "What")), docs.map((doc, index) => h("th", { scope: "col" }, h("span", { class: "swatch", style: { background: `var(${tints[index]})` } }), h("a", { href: `#/runs/${doc.run.id}` }, names[index]))))),
    h("tbody", null, rows.map(([name, cell]) => h("tr", null, h("th", { scope: "row" }, name), docs.map((doc, index) => h("td", null, cell(doc, index))))))));
}

/** Lines that only one of two texts has, by the longest common subsequence. */
export function compared(a, b) {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) lengths[i][j] = a[i] === b[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
  const rows = [];
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { rows.push([a[i++], b[j++]]); continue; }
    if (j >= b.length || (i < a.length && lengths[i + 1][j] >= lengths[i][j + 1])) rows.push([a[i++], undefined]); else rows.push([undefined, b[j++]]);
  }
  return rows;
}

function difference(docs, names, field) {
  const [a, b] = docs.map((doc) => doc[field].split("\n").slice(0, 2000));
  if (a.join("\n") === b.join("\n")) return h("p", { class: "quiet" }, "They are the same.");
  const rows = compared(a, b).filter(([left, right]) => left !== right);
  return h("div", { class: "difference" }, rows.map(([left, right]) => h("div", { class: left === undefined ? "second" : "first" },
    h("span", { class: "hidden" }, `Only ${names[left === undefined ? 1 : 0]}: `), h("code", null, (left ?? right) || " "))));
}
