// One run: its front, training, rounds and hypervolume; candidates, sampler, events and files on pages of their own.

import { download, get, getBlob, save, send } from "./api.js";
import { confirm, facts, failure, h, put, section, swap } from "./dom.js";
import { ago, count, short, span, value, valueOf, words } from "./format.js";
import { lineChart } from "./lines.js";
import { candidateList } from "./candidates.js";
import { frontPart } from "./front.js";
import { journalPart } from "./journal.js";
import { samplerPart } from "./sampler.js";
import { isLive, progressBar, stateBadge } from "./runs.js";

const tabs = [[undefined, "Overview"], ["candidates", "Candidates"], ["sampler", "Sampler"], ["events", "Events and log"], ["files", "Files"]];

export async function show(page, [name, tab]) {
  const { main, signal } = page;
  let doc = await get(["v1", "runs", name], {}, signal);
  const id = doc.run.id;
  page.title(doc.run.name);
  const head = h("div", { class: "head" }), strip = h("div", { class: "strip" }), fault = h("div"), body = h("div", { class: "parts" });
  const context = { id, page, signal, get document() { return doc; }, listeners: [] };
  function update(next) {
    const isChanged = JSON.stringify(next.run) !== JSON.stringify(doc.run) || !head.childElementCount;
    doc = next;
    if (!isChanged) return;
    drawHead(head, doc, (next) => update(next), fault);
    drawStrip(strip, doc, context);
    for (const listener of context.listeners) listener(doc);
  }
  swap(main, head, fault, strip, h("nav", { class: "tabs", "aria-label": "Parts of the run" }, tabs.map(([part, title]) =>
    h("a", { href: `#/runs/${id}${part ? "/" + part : ""}`, "aria-current": part === tab && "page" }, title))), body);
  const parts = { undefined: overview, candidates: candidatesPart, sampler: samplerPart, events: journalPart, files: filesPart };
  update(doc);
  await parts[tab](body, context);
  page.every(1500, async () => {
    update(await get(["v1", "runs", id], {}, signal));
    return isLive(doc.run) || doc.run.desired !== "running" ? 1500 : 6000;
  }, (error) => swap(fault, failure(error)));
}

function drawHead(head, doc, update, fault) {
  const { run } = doc;
  const act = (verb, query) => async (event) => {
    event.target.disabled = true;
    swap(fault);
    try {
      update(await send("POST", ["v1", "runs", run.id, verb], { query }));
    } catch (error) {
      swap(fault, failure(error));
      event.target.disabled = false;
    }
  };
  const isRunning = isLive(run), isOver = ["completed", "cancelled", "failed"].includes(run.state);
  const focus = head.contains(document.activeElement) && document.activeElement.textContent;
  swap(head, h("div", null, h("h1", null, run.name, " ", stateBadge(run)),
    h("p", { class: "quiet" }, `${run.space} · `, h("code", null, run.id), ` · handed in ${ago(run.created)}`)),
  h("div", { class: "actions" },
    isRunning && run.desired === "running" && h("button", { onclick: act("pause") }, "Pause"),
    (["paused", "failed"].includes(run.state)) && h("button", { onclick: act("resume") }, "Resume"),
    run.state === "failed" && /numerics|kernels/.test(run.failure ?? "") && h("button", { class: "plain", onclick: act("resume", { allowNumericsChange: true }) }, "Resume with these kernels"),
    (isRunning || run.state === "paused") && h("button", { class: "plain", onclick: async (event) => {
      if (await confirm(`Cancel ${run.name}? What it has found stays; it does not go on.`, "Cancel the run")) act("cancel")(event);
    } }, "Cancel"),
    (isOver || run.state === "paused") && h("button", { class: "plain", onclick: async () => {
      if (!await confirm(`Delete ${run.name} with its candidates, networks and checkpoints?`, "Delete the run")) return;
      try { await send("DELETE", ["v1", "runs", run.id]); location.hash = "#/"; } catch (error) { swap(fault, failure(error)); }
    } }, "Delete"),
    h("a", { class: "button plain", href: `#/submit?from=${run.id}` }, "Submit another")));
  if (focus) [...head.querySelectorAll("button, a")].find((one) => one.textContent === focus)?.focus();
}

let best = {};

function drawStrip(strip, doc, context) {
  const { run } = doc;
  const goal = doc.objectives[0], metric = doc.metrics?.find((one) => one.name === goal?.metric);
  const cell = h("span", null, best.text ?? "–");
  const key = `${run.id} ${run.evaluations} ${run.candidates} ${run.state}`;
  if (best.key !== key && run.candidates > 0) {
    best = { key, text: best.key?.startsWith(run.id) ? best.text : undefined };
    get(["v1", "runs", run.id, "best"], {}, context.signal).then(({ candidate }) => {
      const name = metric?.values.find((one) => /^validation/.test(one) && valueOf(candidate, one) !== undefined) ?? goal.metric;
      best.text = h("a", { href: `#/runs/${run.id}/candidates/${candidate.candidate}`, title: `${name} of candidate ${candidate.candidate}` }, value(valueOf(candidate, name), metric));
      swap(cell, best.text);
    }).catch(() => {});
  }
  const isLive_ = isLive(run);
  swap(strip, progressBar(run), facts([
    ["Best", cell, `by ${goal?.metric}`],
    ["Hypervolume", run.hypervolume === undefined ? undefined : short(run.hypervolume, 4), "of the newest finished round"],
    ["Candidates", count(run.candidates)],
    ["Loss", run.loss === undefined ? undefined : short(run.loss, 4), "of the last step"],
    ["Time left", isLive_ && run.secondsLeft !== undefined ? span(run.secondsLeft) : undefined],
    ["Workers", isLive_ ? run.workers : undefined],
    ["Place in the queue", run.queuePosition],
    ["Ended", isLive_ || run.state === "paused" ? undefined : ago(run.updated)],
  ]), run.failure && h("p", { class: "failure", role: "alert" }, run.failure),
  doc.warnings?.length ? h("details", { class: "warnings" }, h("summary", null, `${doc.warnings.length} warning${doc.warnings.length > 1 ? "s" : ""} about the data`),
    h("ul", null, doc.warnings.map((text) => h("li", null, text)))) : null);
}

async function overview(body, context) {
  const front = frontPart(context);
  const isTrained = hasTraining(context.document);
  const loss = lineChart({ title: "Loss", x: { name: "step", format: count }, y: { name: "loss" }, height: 200 });
  const rate = lineChart({ title: "Learning rate", x: { name: "step", format: count }, y: { name: "rate" }, height: 200 });
  const speed = lineChart({ title: "Steps per second", x: { name: "step", format: count }, y: { name: "speed", ends: undefined }, height: 200 });
  const volume = lineChart({ title: "Hypervolume after each evaluation, round by round", x: { name: "candidate", format: count }, y: { name: "hypervolume" }, height: 220, isOrdered: true });
  const rounds = h("div");
  put(body, front.element, isTrained && section("Training", { class: "wide" }, h("div", { class: "charts" }, loss.element, rate.element, speed.element)),
    section("Rounds", {}, rounds), section("Hypervolume", {}, volume.element));
  let last = {};
  async function refresh(doc) {
    const { run } = doc, { signal } = context;
    const marks = doc.rounds.map((round) => ({ x: round.weightsStep, name: `round ${round.round}` }));
    const key = `${run.candidates} ${run.evaluations} ${run.state} ${doc.rounds.length}`;
    drawRounds(rounds, doc);
    if (last.step !== run.step && isTrained) {
      last.step = run.step;
      const { records } = await get(["v1", "runs", context.id, "training"], { points: 400 }, signal);
      const of = (field) => [{ name: words(field), points: records.map((one) => [one.step, one[field]]) }];
      loss.draw({ series: of("loss"), marks });
      rate.draw({ series: of("learningRate"), marks });
      speed.draw({ series: of("stepsPerSecond"), marks });
    }
    if (last.key !== key) {
      last.key = key;
      await front.refresh();
      const { points } = await get(["v1", "runs", context.id, "curve"], { points: 1500 }, signal);
      const series = new Map();
      for (const point of points) {
        if (point.hypervolume === undefined) continue;
        if (!series.has(point.round)) series.set(point.round, { name: `round ${point.round}`, points: [] });
        series.get(point.round).points.push([point.candidate, point.hypervolume]);
      }
      volume.draw({ series: [...series.values()] });
    }
  }
  let busy = false, again;
  const turn = async (doc) => {
    // One at a time: while a picture is made, only the newest state waits.
    if (busy) { again = doc; return; }
    busy = true;
    try { await refresh(doc); } catch (error) { if (error.name !== "AbortError" && error.status !== 0) front.fail(error); }
    busy = false;
    if (again) { const next = again; again = undefined; turn(next); }
  };
  context.listeners.push(turn);
  await turn(context.document);
}

function hasTraining(doc) { return doc.run.steps > 0 || doc.run.step > 0 || doc.sampler !== ""; }

function drawRounds(place, doc) {
  const { run, rounds } = doc;
  if (!rounds.length) return swap(place, h("p", { class: "empty" }, "No round of search has begun."));
  const steps = Math.max(run.steps, run.step, 1);
  swap(place, run.steps > 0 && h("div", { class: "timeline", role: "img", "aria-label": `${rounds.length} rounds over ${count(steps)} steps; ${count(run.step)} are done` },
    h("i", { class: "done", style: { width: `${100 * run.step / steps}%` } }),
    rounds.map((round) => h("b", { class: round.state, title: `round ${round.round}: weights of step ${count(round.weightsStep)}`, style: { left: `${100 * round.weightsStep / steps}%` } }))),
  h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Rounds of search" }, h("table", { class: "small" }, h("thead", null, h("tr", null, ["Round", "Weights of step", "Evaluations", "Hypervolume", "State"].map((name, index) => h("th", { scope: "col", class: index < 4 && "number" }, name)))),
    h("tbody", null, rounds.slice(-200).reverse().map((round) => h("tr", null, h("td", { class: "number" }, round.round), h("td", { class: "number" }, count(round.weightsStep)),
      h("td", { class: "number" }, count(round.evaluations)), h("td", { class: "number" }, round.hypervolume === undefined ? "–" : short(round.hypervolume, 5)), h("td", null, round.state)))))));
}

async function candidatesPart(body, context) { await candidateList(body, context); }

async function filesPart(body, context) {
  const { document: doc, id } = context, { run } = doc;
  const note = h("div", { role: "status" });
  const button = (title, work, hint) => h("li", null, h("button", { class: "plain", onclick: async (event) => {
    event.target.disabled = true;
    swap(note, h("p", { class: "quiet" }, "Fetching …"));
    try { await work(); swap(note); } catch (error) { swap(note, failure(error)); }
    event.target.disabled = false;
  } }, title), h("span", { class: "quiet" }, hint));
  const best = async () => {
    const { candidate } = await get(["v1", "runs", id, "best"]);
    await download(["v1", "runs", id, "models", String(candidate.candidate)], {}, `${run.name}-${candidate.candidate}.safetensors`);
  };
  const budget = h("input", { type: "number", min: 1, step: 1, required: true, "aria-label": "The most that it may cost" });
  const metric = h("select", { "aria-label": "Cost" }, ["multiplyAdds", "params", "flashBytes"].map((one) => h("option", { value: one }, words(one))));
  put(body, note, section("Downloads", { class: "wide" }, h("ul", { class: "downloads" },
    button("results.csv", () => download(["v1", "runs", id, "results.csv"], {}, "results.csv"), "Every candidate with all that was measured."),
    button("front.csv", () => download(["v1", "runs", id, "results.csv"], { front: true }, "front.csv"), "What no other candidate dominates, on the newest weights."),
    button("Network of the best", best, "safetensors, once the run is completed. Others are on the pages of their candidates."),
    button("run.yaml", () => save(doc.specification, `${run.name}-run.yaml`), "The run file with every default filled."),
    button("space.yaml", () => save(doc.space, `${run.space}-space.yaml`), "The search space."),
    button("log.jsonl", async () => save(await wholeLog(id), `${run.name}.log.jsonl`), "What was written down, JSON lines."))),
  section("A network for a budget", { class: "wide" }, h("form", { class: "filters", onsubmit: async (event) => {
    event.preventDefault();
    swap(note, h("p", { class: "quiet" }, "Measuring up to 64 subnets; this takes seconds to minutes …"));
    try { await download(["v1", "runs", id, "model"], { [metric.value]: budget.value }, "network.safetensors"); swap(note); } catch (error) { swap(note, failure(error)); }
  } }, h("label", null, "At most ", budget), metric, h("button", null, "Find and save"))),
  section("Run file", {}, h("pre", { tabindex: "0" }, doc.specification)), section("Search space", {}, h("pre", { tabindex: "0" }, doc.space)),
  doc.numerics && section("Numerics", { class: "wide" }, h("pre", { tabindex: "0" }, doc.numerics)));
}

/** The log, which comes a MiB at a time. */
async function wholeLog(id) {
  const parts = [];
  for (let offset = 0, part; !part || part.size > 0; offset += part.size) parts.push(part = await getBlob(["v1", "runs", id, "log"], { offset }));
  return new Blob(parts);
}
