// What a sampler learned: how often each bin of cost was drawn, what became probable, how the routers of a mixture mix.

import { get } from "./api.js";
import { h, put, section, swap } from "./dom.js";
import { count, percent, short, words } from "./format.js";
import { lineChart, stacked } from "./lines.js";

const routers = ["routerEntropy", "routerVariance", "expertMoves", "mixingSmallest", "mixingLargest"];
const titles = {
  draws: "Draws by bin of cost, share of each stretch of steps", probability: "Learned probability of each bin", heldOutLoss: "Held-out loss by bin",
  lossChange: "Change of held-out loss by bin", routerEntropy: "Evenness of the mixing, router by router (entropy / ln m)",
  routerVariance: "Variance of the mixing weights over architectures", expertMoves: "Cosine of what experts have learned",
  mixingSmallest: "Weight of the first expert, router by router, smallest subnet", mixingLargest: "Weight of the first expert, router by router, largest subnet",
};

export async function samplerPart(body, context) {
  const { id, signal } = context;
  const place = h("div", { class: "parts wide" });
  put(body, place);
  const charts = new Map();
  let last;
  async function refresh(doc) {
    // Numbers come with each checkpoint.
    const key = `${doc.run.lastEvent} ${doc.run.state}`;
    if (key === last) return;
    last = key;
    const all = new Map();
    let cursor, told;
    for (let page = 0; page < 20; page++) {
      const answer = await get(["v1", "runs", id, "sampler"], { cursor }, signal);
      told = answer;
      for (const one of answer.statistics) {
        // The same numbers each time: what bins are called by, and no chart.
        if (one.name === "binTarget") continue;
        if (!all.has(one.name)) all.set(one.name, new Map());
        const bins = all.get(one.name);
        if (!bins.has(one.bin)) bins.set(one.bin, []);
        bins.get(one.bin).push([one.step, one.value]);
      }
      cursor = answer.next;
      if (!cursor) break;
    }
    if (!all.size) return swap(place, h("p", { class: "empty wide" }, told.sampler ? "The sampler tells its numbers with each checkpoint; there is none yet." : "This run trains nothing, so that nothing is drawn."));
    // A place of these is a router times the experts and an expert: the first of each is drawn, for two are told by one.
    const experts = Math.round((all.get("mixingLargest")?.size ?? 1) / (all.get("routerEntropy")?.size ?? 1)) || 1;
    for (const name of ["mixingSmallest", "mixingLargest"]) {
      if (all.has(name)) all.set(name, new Map([...all.get(name)].filter(([bin]) => bin % experts === 0).map(([bin, points]) => [bin / experts, points])));
    }
    const groups = [["Bins of cost", (name, bins) => bins.size > 1 && !routers.includes(name)], ["Routers and experts", (name) => routers.includes(name)], ["Figures", () => true]];
    const left = new Set(all.keys()), parts = [];
    for (const [title, isOf] of groups) {
      const names = [...left].filter((name) => isOf(name, all.get(name)));
      names.forEach((name) => left.delete(name));
      if (names.length) parts.push(section(title, { class: "wide" }, h("div", { class: "charts" }, names.map((name) => draw(name, all.get(name), told)))));
    }
    if (place.childElementCount !== parts.length || !place.firstElementChild?.matches("section")) {
      swap(place, h("p", { class: "quiet wide" }, `Sampler: ${told.sampler}`), parts);
    }
  }

  function draw(name, bins, told) {
    const isShare = name === "draws" || name === "probability";
    if (!charts.has(name)) {
      charts.set(name, lineChart({
        title: titles[name] ?? words(name), x: { name: "step", format: count }, height: 200, isOrdered: bins.size > 1 && !routers.includes(name),
        y: isShare ? { name: "share", ends: [0, 1], format: (share) => percent(share, 0) } : { name: words(name), format: short },
      }));
    }
    let series = [...bins].sort((a, b) => a[0] - b[0]).map(([bin, points]) => ({ name: label(name, bin, told, bins.size), points }));
    if (isShare) {
      const steps = new Set(series.flatMap((one) => one.points.map((point) => point[0])));
      series = series.filter((one) => one.points.length === steps.size);
      const totals = [...steps].map((_, index) => series.reduce((sum, one) => sum + one.points[index][1], 0));
      series = stacked(series.map((one) => ({ ...one, points: one.points.map(([x, y], index) => [x, totals[index] > 0 ? y / totals[index] : 0]) })));
    }
    const chart = charts.get(name);
    queueMicrotask(() => chart.draw({ series }));
    return chart.element;
  }
  context.listeners.push((doc) => refresh(doc).catch(() => {}));
  await refresh(context.document);
}

/** What a bin is called: what its architectures cost, or the place of a router. */
function label(name, bin, told, total) {
  if (total === 1) return words(name);
  if (routers.includes(name)) return `router ${bin}`;
  return told.bins?.[bin] === undefined ? `bin ${bin}` : short(told.bins[bin]);
}
