// The daemon itself: receivers of webhooks with their attempts, what the doctor found, its events.

import { events, get, send } from "./api.js";
import { facts, failure, h, put, section, swap, table } from "./dom.js";
import { ago, count, moment } from "./format.js";

export async function show(page) {
  page.title("Daemon");
  const { main, signal } = page;
  const hooks = h("div"), health = h("div"), list = h("ol", { class: "events", role: "log", "aria-label": "Events of the daemon", tabindex: "0" });
  swap(main, h("div", { class: "head" }, h("h1", null, "Daemon")), h("div", { class: "parts" },
    section("Webhooks", { class: "wide" }, hooks), section("Health", {}, health), section("Events", {}, list)));
  events(["v1", "events"], { signal, onevent: (event) => {
    const { seq, ...fields } = event.data;
    list.prepend(h("li", { class: "event" }, h("span", { class: "seq" }, seq), h("time", { datetime: event.timestamp }, moment(event.timestamp)), h("b", null, event.type),
      Object.entries(fields).map(([key, value]) => h("span", { class: "field" }, h("span", { class: "what" }, key), " ", String(value)))));
    while (list.childElementCount > 200) list.lastChild.remove();
  } });
  const doctor = await get(["v1", "doctor"], {}, signal);
  swap(health, h("p", { class: "quiet" }, `nasd ${doctor.version}`), h("ul", { class: "checks" }, doctor.checks.map((check) => h("li", { class: `check ${check.level}` },
    h("span", { class: "state" }, check.level), " ", h("b", null, check.name), " ", check.text))));
  let last;
  page.every(4000, async () => {
    const answer = await get(["v1", "webhooks"], {}, signal), text = JSON.stringify(answer);
    if (text === last) return;
    last = text;
    const found = await Promise.all(answer.webhooks.map(async (hook) => ({ hook, messages: hook.pending + hook.dead > 0 ? (await get(["v1", "webhooks", hook.id, "messages"], { limit: 50 }, signal)).messages : [] })));
    if (hooks.contains(document.activeElement)) return;
    swap(hooks, found.length ? found.map(({ hook, messages }) => receiver(hook, messages)) : h("p", { class: "empty" }, "No receiver is set up: webhook.url of the configuration, or webhook of a run file."));
  }, (error) => swap(hooks, failure(error)));
}

function receiver(hook, messages) {
  const note = h("span", { role: "status" });
  const act = (verb) => async (event) => {
    event.target.disabled = true;
    try {
      const answer = await send("POST", ["v1", "webhooks", hook.id, verb]);
      note.textContent = verb === "test" ? "A test message is on its way." : `${count(answer.replayed)} go out again.`;
    } catch (error) { swap(note, failure(error)); }
    event.target.disabled = false;
    event.target.blur();
  };
  return h("article", { class: "hook" }, h("h3", null, hook.url, " ", h("span", { class: hook.state === "active" ? "state state-completed" : "state state-failed" }, hook.state)),
    facts([["Of", hook.id === "daemon" ? "the daemon" : h("a", { href: `#/runs/${hook.id}` }, hook.id)], ["Events", hook.events.join(", ") || "all"], ["Secret", hook.secret],
      ["Delivered", count(hook.delivered)], ["Waiting", count(hook.pending)], ["Given up", count(hook.dead)], ["Last attempt", hook.lastAttempt && `${hook.lastOutcome}, ${ago(hook.lastAttempt)}`], ["Next attempt", hook.nextAttempt && moment(hook.nextAttempt)]]),
    h("p", { class: "actions" }, h("button", { class: "plain", onclick: act("test") }, "Send a test"), (hook.dead > 0 || hook.pending > 0 || hook.state !== "active") && h("button", { class: "plain", onclick: act("replay") }, "Send again"), note),
    messages.length ? table("Messages that wait or were given up", [
      { name: "Message", cell: (one) => h("code", null, one.id) }, { name: "Event", cell: (one) => one.type },
      { name: "Run", cell: (one) => one.run ? h("a", { href: `#/runs/${one.run}` }, one.run) : "–" }, { name: "Seq", numeric: true, cell: (one) => count(one.seq) },
      { name: "Attempts", numeric: true, cell: (one) => count(one.attempts) }, { name: "Last outcome", cell: (one) => one.lastOutcome ?? "–" },
      { name: "Next attempt", cell: (one) => one.state === "dead" ? "given up" : moment(one.nextAttempt) }], messages, { class: "small" }) : null);
}
