// An architecture as a picture: what the space leaves open, block by block, each choice among its options.

import { h } from "./dom.js";
import { words } from "./format.js";

/** One decision: its name, what was chosen, and a mark for each option with the chosen one filled. */
function choice(decision) {
  const marks = decision.options.length <= 12
    ? h("span", { class: "options", "aria-hidden": "true" }, decision.options.map((_, index) => h("i", { class: index === decision.chosen ? "chosen" : decision.isOrdinal && index < decision.chosen && "under" })))
    : h("span", { class: "options", "aria-hidden": "true" }, h("i", { class: "share", style: { "--share": decision.chosen / (decision.options.length - 1) } }));
  return h("li", { title: `${words(decision.name)}: one of ${decision.options.join(", ")}` },
    h("span", { class: "what" }, words(decision.name)), marks, h("b", null, decision.options[decision.chosen]));
}

function box(title, decisions, isActive = true) {
  return h("li", { class: isActive ? "block" : "block absent" }, h("span", { class: "title" }, title),
    isActive ? h("ul", null, decisions.map(choice)) : h("span", { class: "quiet" }, "not there"));
}

/** Decisions in genome order, `{name, scope, options, chosen, isOrdinal, isActive}`, as boxes along the way of the data. */
export function architecture(decisions) {
  const groups = [];
  for (const decision of decisions) {
    let group = groups.find((one) => one.scope === decision.scope);
    if (!group) groups.push(group = { scope: decision.scope, decisions: [] });
    group.decisions.push(decision);
  }
  const order = (scope) => scope === "network" ? -1 : Number(scope.split(".")[1] ?? 0);
  const kind = (scope) => scope.split(".")[0];
  const title = (scope) => scope === "network" ? "network" : scope.replace(".", " ");
  const boxes = (name) => groups.filter((group) => kind(group.scope) === name).sort((a, b) => order(a.scope) - order(b.scope))
    .map((group) => box(title(group.scope), group.decisions, group.decisions.some((one) => one.isActive)));
  const rows = ["network", "stage", "block"].map(boxes).filter((row) => row.length);
  return h("div", { class: "architecture" }, rows.map((row) => h("ol", { class: "blocks" }, row)));
}
