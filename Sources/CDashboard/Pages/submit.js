// Hands a run in. What is typed is checked by the daemon as one types, with what it would take.

import { get, send } from "./api.js";
import { facts, failure, h, put, swap } from "./dom.js";
import { bytes, count } from "./format.js";

const example = `apiVersion: nasd/v1
kind: Run
name: first
seed: 7
space: vit-glyphs
data: {format: glyphs, count: 12000, testCount: 2000, holdOut: {validation: 1000, sampler: 0}}
train:
  steps: 2000
  batch: 64
  optimizer: {name: adamw, rate: 0.002}
  sampler: {kind: multi}
search:
  algorithm: nsga2
  objectives: [{metric: accuracy, goal: maximize}, {metric: multiplyAdds, goal: minimize}]
  population: 20
  evaluations: 200
  samples: 1000
  during: {every: 500, evaluations: 40}
validate: {finalists: 5}
`;
const draft = "nasd.draft";

export async function show(page) {
  page.title("Submit");
  const { main, signal } = page;
  const from = /[?&]from=([a-z2-7]+)/.exec(location.hash)?.[1];
  let text = sessionStorage.getItem(draft) ?? example;
  if (from) text = await resubmission(from, signal);
  const field = h("textarea", { id: "run-file", spellcheck: "false", autocapitalize: "off", wrap: "off", rows: 26, value: text, "aria-describedby": "verdict", oninput: () => { sessionStorage.setItem(draft, field.value); number(); later(); }, onscroll: () => { gutter.scrollTop = field.scrollTop; } });
  const gutter = h("ol", { class: "gutter", "aria-hidden": "true" });
  const verdict = h("div", { id: "verdict", role: "status" }), button = h("button", { disabled: true }, "Submit");
  const priority = h("input", { type: "number", value: 0, step: 1, min: -1000000, max: 1000000 });
  let marked = new Map(), turn = 0, timer, key;
  field.addEventListener("keydown", (event) => {
    // Tab leaves the field as everywhere; two spaces are typed.
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !button.disabled) button.click();
  });

  function number() {
    const lines = field.value.split("\n").length;
    if (gutter.childElementCount !== lines || marked.size) {
      swap(gutter, Array.from({ length: lines }, (_, index) => h("li", { class: marked.has(index + 1) && "wrong", title: marked.get(index + 1) }, index + 1)));
    }
    gutter.scrollTop = field.scrollTop;
  }
  function later() {
    clearTimeout(timer);
    button.disabled = true;
    key = undefined;
    timer = setTimeout(check, 350);
  }
  async function check() {
    const mine = ++turn;
    try {
      const estimate = await send("POST", ["v1", "runs"], { query: { dryRun: true }, body: field.value, signal });
      if (mine !== turn) return;
      marked = new Map();
      swap(verdict, h("p", { class: "good" }, "Valid. ", h("span", { class: "quiet" }, "These are upper bounds.")), facts([
        ["Name", estimate.name], ["Space", estimate.space], ["Architectures", estimate.architectures.replaceAll(/\B(?=(\d{3})+$)/g, ",")],
        ["Memory", bytes(estimate.memoryBytes)], ["Disk", bytes(estimate.diskBytes)]]),
      h("details", null, h("summary", null, "With every default"), h("pre", { tabindex: "0" }, estimate.specification)));
      button.disabled = false;
    } catch (error) {
      if (mine !== turn || error.name === "AbortError") return;
      marked = new Map();
      swap(verdict, faults(error));
    }
    number();
  }
  function faults(error) {
    if (!error.errors?.length) return failure(error);
    return h("div", { class: "failure" }, h("p", null, error.message), h("ul", null, error.errors.map((fault) => {
      const [, line, column, message] = /^(\d+):(\d+): (.*)$/s.exec(fault.message) ?? [, undefined, undefined, fault.message];
      if (line) marked.set(Number(line), message);
      return h("li", null, line && h("button", { class: "plain tiny", type: "button", onclick: () => goTo(Number(line), Number(column)) }, `line ${line}`), " ", fault.path && h("code", null, fault.path), " ", message);
    })));
  }
  function goTo(line, column) {
    const lines = field.value.split("\n"), start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
    field.focus();
    field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0) - column + 1);
  }
  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    // One key for one text: sent again, it is the same run.
    key ??= [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    try {
      const doc = await send("POST", ["v1", "runs"], { query: { priority: priority.value || 0 }, body: field.value, headers: { "Idempotency-Key": key } });
      sessionStorage.removeItem(draft);
      location.hash = `#/runs/${doc.run.id}`;
    } catch (error) {
      swap(verdict, faults(error));
      number();
      button.disabled = false;
    }
  }
  const file = h("input", { type: "file", accept: ".yaml,.yml,.json", hidden: true, onchange: async () => { if (file.files[0]) { field.value = await file.files[0].text(); field.dispatchEvent(new Event("input")); } } });
  swap(main, h("div", { class: "head" }, h("h1", null, "Submit a run")), h("form", { class: "submit", onsubmit: submit },
    h("div", null, h("p", { class: "row" }, h("label", { for: "run-file" }, "Run file, YAML or JSON"), h("button", { class: "plain tiny", type: "button", onclick: () => file.click() }, "Open a file"), file),
      h("div", { class: "editor" }, gutter, field), h("p", { class: "quiet" }, h("code", null, "space"), " is a name that the daemon knows, or the space itself. ", h("code", null, "data.directory"), " is relative to one of its data roots.")),
    h("div", { class: "side" }, h("div", { class: "row" }, h("label", null, "Priority ", priority), button), verdict)));
  number();
  check();
}

/** The run file of a run, with its space in place of the name. */
async function resubmission(id, signal) {
  const doc = await get(["v1", "runs", id], {}, signal);
  const space = doc.space.trimEnd().split("\n").map((line) => "  " + line).join("\n");
  const lines = doc.specification.split("\n"), at = lines.findIndex((line) => /^space:/.test(line));
  if (at >= 0) lines.splice(at, 1, "space:", space);
  return lines.join("\n").replace(/^name: .*$/m, (line) => line.replace(/"?([\w.-]+)"?$/, "$1-again"));
}
