// A table of candidates, page by page, in any order and with any conditions that the API knows.

import { get } from "./api.js";
import { failure, genomeText, h, put, swap } from "./dom.js";
import { count, metricOf, value, valueOf, words } from "./format.js";

/** Columns that every run shows first. */
export function columnsOf(doc) {
  const of = (stage) => (doc.metrics ?? []).flatMap((metric) => metric.values.filter((name) => stage(name, metric)));
  const names = [...new Set([...doc.objectives.map((one) => one.metric), ...of((name, metric) => name === metric.name && metric.kind !== "quality"), ...of((name, metric) => name === metric.name), ...(doc.run.state === "completed" ? of((name) => /^(validation|test)/.test(name)) : [])])];
  return names.slice(0, 9);
}

export async function candidateList(body, { id, document: doc, signal, page }) {
  const names = columnsOf(doc);
  const state = { sort: "", filter: "", isFront: false, cursors: [undefined], limit: 50 };
  const note = h("div", { role: "status" }), place = h("div"), back = h("button", { class: "plain", onclick: () => { state.cursors.pop(); load(); } }, "← Back");
  const next = h("button", { class: "plain" }, "Next →"), where = h("span", { class: "quiet" });
  const field = h("input", { type: "text", size: 34, placeholder: "accuracy>=0.97,round=2", spellcheck: "false", "aria-label": "Conditions" });
  const ask = () => { state.filter = field.value.trim(); state.cursors = [undefined]; load(); };
  put(body, h("div", { class: "wide panel" },
    h("form", { class: "filters", onsubmit: (event) => { event.preventDefault(); ask(); } },
      h("label", null, "Only ", field), h("button", { class: "plain" }, "Apply"),
      h("label", null, h("input", { type: "checkbox", onchange: (event) => { state.isFront = event.target.checked; state.cursors = [undefined]; load(); } }), " on the front")),
    note, place, h("p", { class: "pager" }, back, next, where)));

  const columns = [
    { name: "candidate", numeric: true, cell: (one) => h("a", { href: `#/runs/${id}/candidates/${one.candidate}` }, count(one.candidate)) },
    ...names.map((name) => ({ name, numeric: true, cell: (one) => value(valueOf(one, name), metricOf(name, doc.metrics)) })),
    { name: "round", numeric: true, cell: (one) => one.round },
    { name: "origin", cell: (one) => words(one.origin) },
    { name: "state", cell: (one) => one.onFront ? "front" : one.feasible === false ? "infeasible" : one.state },
    { name: "genome", cell: (one) => genomeText(one.genome) },
  ];

  async function load() {
    const filter = [state.isFront && "onFront=true", state.filter].filter(Boolean).join(",");
    const cursor = state.cursors[state.cursors.length - 1];
    place.setAttribute("aria-busy", "true");
    try {
      const list = await get(["v1", "runs", id, "candidates"], { limit: state.limit, cursor, sort: state.sort, filter }, signal);
      swap(note);
      draw(list);
    } catch (error) {
      if (error.name !== "AbortError") swap(note, failure(error));
    }
    place.removeAttribute("aria-busy");
  }

  function draw(list) {
    const head = (column) => {
      const isUp = state.sort === column.name, isDown = state.sort === "-" + column.name;
      return h("th", { scope: "col", class: column.numeric && "number", "aria-sort": isUp ? "ascending" : isDown ? "descending" : "none" },
        h("button", { class: "sort", onclick: () => {
          state.sort = isDown ? column.name : isUp ? "" : column.numeric && column.name !== "candidate" ? "-" + column.name : column.name;
          if (isDown && (!column.numeric || column.name === "candidate")) state.sort = "";
          if (isUp && column.name === "candidate") state.sort = "-candidate";
          state.cursors = [undefined];
          load();
        } }, words(column.name), isUp ? " ↑" : isDown ? " ↓" : ""));
    };
    swap(place, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Candidates" }, h("table", { class: "candidates" },
      h("caption", { class: "hidden" }, "Candidates"), h("thead", null, h("tr", null, columns.map(head))),
      h("tbody", null, list.candidates.map((one) => h("tr", { class: one.onFront && "front" }, columns.map((column) => h("td", { class: column.numeric && "number" }, column.cell(one)))))))));
    if (!list.candidates.length) put(place, h("p", { class: "empty" }, "No candidate is like that."));
    back.disabled = state.cursors.length < 2;
    next.disabled = !list.next;
    next.onclick = () => { state.cursors.push(list.next); load(); };
    const first = (state.cursors.length - 1) * state.limit + 1;
    where.textContent = list.candidates.length ? `${count(first)} to ${count(first + list.candidates.length - 1)}` : "";
  }
  await load();
}
