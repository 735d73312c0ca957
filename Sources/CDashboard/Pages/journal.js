// Events as they happen, by the event stream, and the end of the log.

import { events, getBlob } from "./api.js";
import { h, put, section, swap } from "./dom.js";
import { short, words } from "./format.js";

const most = 500;

export async function journalPart(body, context) {
  const { id, signal } = context;
  const list = h("ol", { class: "events", role: "log", "aria-label": "Events", tabindex: "0" }), state = h("span", { class: "quiet", role: "status" });
  const log = h("ol", { class: "log", role: "log", "aria-live": "off", "aria-label": "Log", tabindex: "0" });
  put(body, section("Events", {}, state, list), section("Log", {}, log));
  const decoder = new TextDecoder();
  let offset = 0, isReading = false, again = false, rest = "";
  async function readLog() {
    if (isReading) { again = true; return; }
    isReading = true;
    do {
      again = false;
      const part = await getBlob(["v1", "runs", id, "log"], { offset }, signal);
      const text = decoder.decode(await part.arrayBuffer(), { stream: true });
      offset += part.size;
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      for (const line of lines.slice(-most)) log.prepend(logLine(line));
      while (log.childElementCount > most) log.lastChild.remove();
      if (part.size >= 1 << 20) again = true;
    } while (again && !signal.aborted);
    isReading = false;
  }
  const shown = new Map();
  events(["v1", "runs", id, "events"], {
    signal,
    onstate: (isOpen) => { state.textContent = isOpen ? "Live" : "The stream has ended; it is opened again in 3 s."; state.className = isOpen ? "live" : "quiet"; },
    onevent: (event) => {
      const row = eventLine(event);
      // Progress that waits to be announced is rewritten under its number.
      if (shown.has(event.id)) shown.get(event.id).replaceWith(row); else list.prepend(row);
      shown.set(event.id, row);
      while (list.childElementCount > most) list.lastChild.remove();
      if (shown.size > 4 * most) shown.clear();
      readLog().catch(() => { isReading = false; });
    },
  });
  await readLog().catch(() => { isReading = false; });
  context.listeners.push(() => readLog().catch(() => { isReading = false; }));
  if (!log.childElementCount) swap(log, h("li", { class: "quiet" }, "Nothing was written down yet."));
}

function detail(fields, left) {
  return Object.entries(fields).filter(([key]) => !left.includes(key)).map(([key, value]) =>
    h("span", { class: "field" }, h("span", { class: "what" }, words(key)), " ",
      typeof value === "number" ? (Number.isInteger(value) ? String(value) : short(value, 4)) : Array.isArray(value) ? brief(value) : typeof value === "object" && value ? JSON.stringify(value) : String(value)));
}

function brief(list) { return list.length > 12 ? `${list.slice(0, 12).join(", ")}, … (${list.length})` : list.join(", "); }

function time(text) { return h("time", { datetime: text, title: text }, new Date(text).toLocaleTimeString("en-GB")); }

function eventLine(event) {
  return h("li", { class: `event ${event.type?.split(".")[1] ?? ""}` }, h("span", { class: "seq" }, event.data.seq), time(event.timestamp), h("b", null, event.type), detail(event.data, ["run", "name", "seq"]));
}

function logLine(line) {
  let fields;
  try { fields = JSON.parse(line); } catch { return h("li", null, line); }
  return h("li", { class: `level-${fields.level}` }, time(fields.time), h("b", null, fields.message), detail(fields, ["run", "time", "level", "message"]));
}
