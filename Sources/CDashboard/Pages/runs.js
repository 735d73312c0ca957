// Every run: state, progress, time left, the best so far.

import { get } from "./api.js";
import { failure, h, put, swap } from "./dom.js";
import { ago, count, short, span, value } from "./format.js";
import { sparkline } from "./lines.js";

const states = ["queued", "preparing", "training", "searching", "validating", "paused", "completed", "failed", "cancelled"];

/** The state of a run as a word with a colour, and what was asked for meanwhile. */
export function stateBadge(run) {
  const isAsked = run.desired !== "running" && run.desired !== run.state;
  return h("span", { class: `state state-${run.state}` }, run.state, isAsked && h("span", { class: "asked" }, ` → ${run.desired}`));
}

/** Whether a run computes or waits to. */
export function isLive(run) { return !["completed", "failed", "cancelled", "paused"].includes(run.state); }

/** How far a run is: its share and words. */
export function progress(run) {
  const isSearch = ["searching", "validating"].includes(run.state) || !run.steps;
  const steps = run.steps ? run.step / run.steps : 0;
  const evaluations = run.evaluationsPlanned ? Math.min(1, run.evaluations / run.evaluationsPlanned) : 0;
  const share = run.state === "completed" ? 1 : isSearch && run.step >= run.steps ? evaluations : steps;
  const text = isSearch ? `${count(run.evaluations)} of ${count(run.evaluationsPlanned)} evaluations`
    : run.steps ? `${count(run.step)} of ${count(run.steps)} steps` : `${count(run.step)} steps`;
  return { share, text };
}

/** A bar with words below. */
export function progressBar(run) {
  const { share, text } = progress(run);
  return h("div", { class: "progress" },
    h("div", { class: "bar", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": Math.round(100 * share), "aria-label": `Progress of ${run.name}` },
      h("i", { class: `state-${run.state}`, style: { width: `${100 * share}%` } })),
    h("span", { class: "quiet" }, text));
}

// What a list shows beyond its rows is asked for once for each change, four at a time.
const kept = new Map();
let active = 0;
const waiting = [];
function limited(work) {
  return new Promise((resolve, reject) => {
    const begin = () => {
      active++;
      work().then(resolve, reject).finally(() => { active--; waiting.shift()?.(); });
    };
    active < 4 ? begin() : waiting.push(begin);
  });
}

async function details(run, signal) {
  const version = `${run.evaluations} ${run.candidates} ${run.state} ${run.steps ? Math.floor(50 * run.step / run.steps) : 0}`;
  const known = kept.get(run.id);
  if (known?.version === version) return known.found;
  const found = await limited(async () => {
    const document = known?.document ?? await get(["v1", "runs", run.id], {}, signal);
    const training = run.step > 0 ? (await get(["v1", "runs", run.id, "training"], { points: 40 }, signal)).records : [];
    const best = run.candidates > 0 ? await get(["v1", "runs", run.id, "best"], {}, signal).catch((error) => { if (error.status === 404) return null; throw error; }) : null;
    return { document, training, best: best?.candidate };
  });
  kept.set(run.id, { version, found, document: found.document });
  return found;
}

function bestText({ best, document }) {
  if (!best) return "–";
  const goal = document.objectives[0], metric = document.metrics?.find((one) => one.name === goal?.metric);
  // A finalist is told by all validation data.
  const stages = metric?.values ?? [];
  const name = stages.find((one) => /^validation/.test(one) && (best[one] ?? best.metrics?.[one]) !== undefined) ?? goal?.metric;
  return h("span", { title: name }, value(best[name] ?? best.metrics?.[name], metric));
}

function cells(run, chosen, signal) {
  const best = h("span", null, "–"), spark = h("span", null);
  details(run, signal).then((found) => {
    swap(best, bestText(found));
    swap(spark, found.training.length > 1 && sparkline(found.training.map((one) => [one.step, one.loss]), `Loss from ${short(found.training[0].loss)} to ${short(found.training.at(-1).loss)}`));
  }).catch(() => {});
  const box = h("input", { type: "checkbox", "aria-label": `Choose ${run.name} for a comparison`, checked: chosen.has(run.id), onchange: () => { box.checked ? chosen.add(run.id) : chosen.delete(run.id); chosen.onchange?.(); } });
  return [
    h("td", { class: "choose" }, box),
    h("th", { scope: "row" }, h("a", { href: `#/runs/${run.id}` }, run.name), h("span", { class: "quiet id" }, `${run.space} · ${run.id}`)),
    h("td", { "data-name": "State" }, stateBadge(run), run.queuePosition && h("span", { class: "quiet" }, ` ${run.queuePosition}. in the queue`)),
    h("td", { "data-name": "Progress" }, progressBar(run)),
    h("td", { class: "number", "data-name": "Time left" }, run.secondsLeft === undefined ? "–" : span(run.secondsLeft)),
    h("td", { class: "number", "data-name": "Best" }, best),
    h("td", { "data-name": "Loss" }, spark),
    h("td", { class: "number", "data-name": "Candidates" }, count(run.candidates)),
    h("td", { class: "number", "data-name": "Changed" }, h("time", { datetime: run.updated, title: run.updated }, ago(run.updated))),
  ];
}

export async function show(page) {
  page.title("Runs");
  const { main, signal } = page;
  const chosen = new Set();
  let pages = 1, isAll = false, state = "", name = "";
  const body = h("tbody"), more = h("button", { class: "plain", hidden: true, onclick: () => { pages++; refresh(); } }, "Older runs");
  const compare = h("a", { class: "button plain", hidden: true }, "Compare");
  const note = h("p", { class: "quiet", role: "status" });
  chosen.onchange = () => {
    compare.hidden = chosen.size !== 2;
    compare.href = `#/compare/${[...chosen].join("/")}`;
  };
  const rows = new Map();
  async function refresh() {
    const list = [];
    let cursor;
    for (let index = 0; index < pages; index++) {
      const answer = await get(["v1", "runs"], isAll ? { state, name, limit: 50, cursor } : { selection: "current", limit: 100, cursor }, signal);
      list.push(...answer.runs);
      cursor = answer.next;
      if (!cursor) break;
    }
    more.hidden = !cursor;
    const known = new Set(list.map((run) => run.id));
    for (const id of rows.keys()) if (!known.has(id)) rows.delete(id);
    let isSame = body.childElementCount === list.length;
    list.forEach((run, index) => {
      const text = JSON.stringify(run), row = rows.get(run.id) ?? { element: h("tr") };
      if (row.text !== text) { keepFocus(row.element, () => swap(row.element, cells(run, chosen, signal))); row.text = text; }
      rows.set(run.id, row);
      isSame &&= body.children[index] === row.element;
    });
    if (!isSame) swap(body, list.map((run) => rows.get(run.id).element));
    note.textContent = list.length ? "" : isAll ? "No run is like that." : "No runs yet. Submit one here, or with nas-ctl submit FILE.";
  }
  const filters = h("form", { class: "filters", onsubmit: (event) => event.preventDefault() },
    h("label", null, "Show ", h("select", { onchange: (event) => { isAll = event.target.value === "all"; fields.hidden = !isAll; pages = 1; refresh(); } },
      h("option", { value: "current" }, "what goes on, and the last that ended"), h("option", { value: "all" }, "all runs"))));
  const fields = h("span", { hidden: true },
    h("label", null, "State ", h("select", { onchange: (event) => { state = event.target.value; pages = 1; refresh(); } }, h("option", { value: "" }, "any"), states.map((one) => h("option", null, one)))),
    h("label", null, "Name ", h("input", { type: "search", size: 16, onchange: (event) => { name = event.target.value.trim(); pages = 1; refresh(); } })));
  put(filters, fields, compare);
  swap(main, h("div", { class: "head" }, h("h1", null, "Runs"), h("a", { class: "button", href: "#/submit" }, "Submit a run")), filters, note,
    h("div", { class: "scroll" }, h("table", { class: "runs" }, h("caption", { class: "hidden" }, "Runs"),
      h("thead", null, h("tr", null, h("th", { scope: "col" }, h("span", { class: "hidden" }, "Choose")), ["Run", "State", "Progress"].map((one) => h("th", { scope: "col" }, one)),
        h("th", { scope: "col", class: "number" }, "Time left"), h("th", { scope: "col", class: "number" }, "Best"), h("th", { scope: "col" }, "Loss"),
        h("th", { scope: "col", class: "number" }, "Candidates"), h("th", { scope: "col", class: "number" }, "Changed"))), body)), more);
  page.every(2000, refresh, (error) => swap(note, failure(error)));
}

/** Changes a part of the page; what had the focus in it has it again. */
function keepFocus(element, change) {
  const now = document.activeElement, kind = element.contains(now) ? now.tagName : null;
  change();
  if (kind) element.querySelector(kind.toLowerCase())?.focus();
}
