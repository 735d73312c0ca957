// One candidate: its architecture block by block, what was measured, why it was asked, who is better.

import { download, get, offers } from "./api.js";
import { facts, failure, genomeText, h, put, section, swap, table } from "./dom.js";
import { architecture } from "./blocks.js";
import { count, metricOf, moment, short, span, value, valueOf, words } from "./format.js";

export async function show(page, [name, number]) {
  const { main, signal } = page;
  const [doc, told] = await Promise.all([get(["v1", "runs", name], {}, signal), get(["v1", "runs", name, "candidates", number], {}, signal)]);
  const id = doc.run.id, { candidate: own } = told;
  page.title(`Candidate ${own.candidate} of ${doc.run.name}`);
  const note = h("div", { role: "status" });
  const fetching = (parts, query, file) => async (event) => {
    event.target.disabled = true;
    swap(note, h("p", { class: "quiet" }, "Fetching …"));
    try { await download(parts, query, file); swap(note); } catch (error) { swap(note, failure(error)); }
    event.target.disabled = false;
  };
  const model = ["v1", "runs", id, "models", String(own.candidate)];
  const formats = h("span", { class: "actions" }, h("button", { onclick: fetching(model, {}, `candidate-${own.candidate}.safetensors`) }, "Network"));
  offers("/v1/runs/{id}/models/{candidate}", "format").then((schema) => {
    for (const format of schema?.enum ?? []) {
      if (format !== "safetensors") put(formats, h("button", { class: "plain", onclick: fetching(model, { format }, `candidate-${own.candidate}.${format === "c" ? "tar" : format}`) }, format === "onnx" ? "ONNX" : format.toUpperCase()));
    }
  }).catch(() => {});
  const state = own.onFront ? "on the front" : own.feasible === false ? "infeasible" : told.dominators > 0 ? "dominated" : own.state;
  swap(main,
    h("p", { class: "trail" }, h("a", { href: `#/runs/${id}` }, doc.run.name), " / ", h("a", { href: `#/runs/${id}/candidates` }, "candidates")),
    h("div", { class: "head" }, h("div", null, h("h1", null, `Candidate ${count(own.candidate)} `, h("span", { class: own.onFront ? "state state-completed" : "state" }, state)),
      h("p", null, genomeText(own.genome), " ", h("button", { class: "plain tiny", onclick: (event) => { navigator.clipboard?.writeText(own.genome); event.target.textContent = "Copied"; } }, "Copy"))),
    h("div", { class: "actions" }, formats,
      h("a", { class: "button plain", href: `#/runs/${id}/candidates/${own.candidate - 1}`, "aria-label": "The candidate before", hidden: own.candidate < 2 }, "←"),
      h("a", { class: "button plain", href: `#/runs/${id}/candidates/${own.candidate + 1}`, "aria-label": "The next candidate", hidden: own.candidate >= doc.run.candidates }, "→"))),
    note,
    h("div", { class: "parts" },
      told.decisions && section("Architecture", { class: "wide" }, architecture(told.decisions)),
      section("Measured", {}, measured(own, doc)), section("Why it was asked", {}, why(told, doc, id)),
      section("Beside others", { class: "wide" }, beside(told, doc, id)),
      section("Extract", { class: "wide" }, h("p", null, "The daemon keeps the networks of finalists on the front, once the run is completed: ", h("b", null, "Network"), " above saves one. Any other candidate is cut out of the supernet on the machine of the daemon, where DATA is its data directory:"),
        h("pre", { tabindex: "0" }, `nasd extract run.yaml --directory DATA --genome '${own.genome}' --output candidate-${own.candidate}.safetensors`))));
}

function measured(own, doc) {
  const rows = (doc.metrics ?? []).flatMap((metric) => metric.values.map((name) => ({ name, metric, number: valueOf(own, name) }))).filter((row) => row.number !== undefined);
  return [
    table("What was measured", [
      { name: "Value", cell: (row) => words(row.name) },
      { name: "", numeric: true, cell: (row) => value(row.number, row.metric) },
      { name: "Exactly", numeric: true, cell: (row) => h("span", { class: "quiet" }, String(row.number)) },
    ], rows, { class: "small" }),
    facts([["Samples", own.samples === undefined ? undefined : count(own.samples)], ["Weights of step", count(own.weightsStep)], ["Round", own.round],
      ["Violation", own.violation ? short(own.violation) : undefined], ["Latency", own.latencyKind], ["Measured", own.measured && moment(own.measured)], ["Key", h("code", null, own.key.slice(0, 12))]]),
  ];
}

function why({ asked, measuring, candidate: own, hypervolume, gain, children, childCount }, doc, id) {
  const link = (one) => h("a", { href: `#/runs/${id}/candidates/${one.candidate}` }, count(one.candidate));
  const list = (all) => all.map((one, index) => [index > 0 && ", ", link(one)]);
  return [
    facts([
      ["Asked as", words(own.origin)],
      ["When", asked ? `generation ${asked.generation} of round ${own.round}` : `round ${own.round}; an earlier version asked, and noted no more`],
      [own.origin === "elite" ? "Was" : "Parents", asked?.parents.length ? h("span", null, list(asked.parents)) : undefined],
      ["Children", childCount ? h("span", null, list(children), childCount > children.length && ` and ${count(childCount - children.length)} more`) : undefined],
      ["Chosen for", asked?.aim], ["Moved", asked?.repaired ? "into the bounds of exact costs" : undefined],
      ["Took", measuring.seconds === undefined ? undefined : span(measuring.seconds) + (measuring.together > 1 ? `, its share of ${measuring.together} measured together` : "")],
      ["Hypervolume", hypervolume === undefined ? undefined : short(hypervolume, 5) + (gain !== undefined ? `, of which it added ${short(gain)}` : "")],
    ]),
    asked?.predictions.length ? table("What was predicted", [
      { name: "Predicted", cell: (one) => words(one.metric) },
      { name: "Mean", numeric: true, cell: (one) => value(one.mean, metricOf(one.metric, doc.metrics)) },
      { name: "± spread", numeric: true, cell: (one) => value(one.spread, metricOf(one.metric, doc.metrics)) },
      { name: "Measured", numeric: true, cell: (one) => value(one.measured, metricOf(one.metric, doc.metrics)) },
    ], asked.predictions, { class: "small" }) : null,
  ];
}

function beside(told, doc, id) {
  const names = told.objectives;
  const rows = [{ what: "this one", one: told.candidate }, ...(told.asked?.parents ?? []).map((one) => ({ what: told.candidate.origin === "elite" ? "was" : "parent", one })), ...told.nearest.map((one) => ({ what: "dominates it", one }))];
  return [
    facts([["Dominates", told.dominates === undefined ? undefined : count(told.dominates)], ["Dominated by", told.dominators === undefined ? undefined : count(told.dominators)]]),
    table("The candidate beside its parents and those that dominate it", [
      { name: "", cell: (row) => row.what },
      { name: "Candidate", numeric: true, cell: (row) => h("a", { href: `#/runs/${id}/candidates/${row.one.candidate}` }, count(row.one.candidate)) },
      ...names.map((name) => ({ name: words(name), numeric: true, cell: (row) => value(valueOf(row.one, name), metricOf(name, doc.metrics)) })),
      { name: "Genome", cell: (row) => genomeText(row.one.genome) },
    ], rows, { class: "small" }),
  ];
}
