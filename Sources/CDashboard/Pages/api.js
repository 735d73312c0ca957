// The daemon's public API. The token lies in sessionStorage and goes out as a bearer, in no address; nothing else is kept.

const place = "nasd.token";

/** An answer that is a problem (RFC 9457), or none at all (status 0). */
export class Problem extends Error {
  constructor(status, document) {
    super(document.detail ?? document.title ?? "The daemon does not answer.");
    this.status = status;
    this.errors = document.errors;
  }
}

export function token() { return sessionStorage.getItem(place); }
export function keepToken(text) { text ? sessionStorage.setItem(place, text) : sessionStorage.removeItem(place); }

const listeners = new Set();
/** Tells whether the last request reached the daemon. */
export function onLink(listener) { listeners.add(listener); }
function link(isGood) { for (const listener of listeners) listener(isGood); }

function headers(more) {
  const all = new Headers(more);
  if (token()) all.set("Authorization", `Bearer ${token()}`);
  return all;
}

async function answer(path, options = {}) {
  let response;
  try {
    response = await fetch(path, {
      credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer", ...options,
      headers: headers(options.headers),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    link(false);
    throw new Problem(0, { detail: "The daemon does not answer. The page tries again by itself." });
  }
  link(true);
  if (response.ok) return response;
  const text = await response.text();
  let document = { title: `Status ${response.status}` };
  try { document = JSON.parse(text); } catch { /* No problem document: a proxy answered. */ }
  if (response.status === 401) window.dispatchEvent(new Event("nasd-token"));
  throw new Problem(response.status, document);
}

/** The path of a run and what belongs to it, with its parameters. */
export function path(parts, query = {}) {
  const text = parts.map((part) => encodeURIComponent(part)).join("/");
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return text + (pairs.length ? "?" + new URLSearchParams(pairs) : "");
}

/** A document. */
export async function get(parts, query, signal) { return (await answer(path(parts, query), { signal })).json(); }

/** Bytes, such as a part of the log. */
export async function getBlob(parts, query, signal) { return (await answer(path(parts, query), { signal })).blob(); }

/** Sends something; the document that comes back, if there is one. */
export async function send(method, parts, { query, body, headers: more, signal } = {}) {
  const response = await answer(path(parts, query), { method, body, headers: more, signal });
  const text = await response.text();
  return text ? JSON.parse(text) : undefined;
}

/** Saves what a route answers as a file. */
export async function download(parts, query, name) {
  const response = await answer(path(parts, query));
  const named = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "");
  save(await response.blob(), named?.[1] ?? name);
}

/** Saves bytes or text as a file. */
export function save(content, name) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type: "text/plain" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * Server-sent events by fetch, which can send a bearer: every event that is stored, then those that come. Goes on from the last
 * one after a pause when the connection ends, until `signal` ends it. While nobody looks at the page the connection is given back:
 * a browser has six for all pages of a daemon.
 */
export async function events(parts, { signal, onevent, onstate = () => {} }) {
  let last = "";
  while (!signal.aborted) {
    if (document.hidden) await new Promise((resolve) => { document.addEventListener("visibilitychange", resolve, { once: true }); signal.addEventListener("abort", resolve, { once: true }); });
    if (document.hidden || signal.aborted) continue;
    const stop = new AbortController(), end = () => stop.abort(), hide = () => { if (document.hidden) end(); };
    signal.addEventListener("abort", end);
    document.addEventListener("visibilitychange", hide);
    try {
      const response = await answer(path(parts), { signal: stop.signal, headers: { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) } });
      onstate(true);
      let rest = "";
      for await (const part of pieces(response.body.pipeThrough(new TextDecoderStream()))) {
        const blocks = (rest + part).split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) {
          const event = read(block);
          if (!event) continue;
          last = event.id || last;
          onevent(event);
        }
      }
    } catch (error) {
      if (signal.aborted || error.status === 401 || error.status === 404) return;
    } finally {
      signal.removeEventListener("abort", end);
      document.removeEventListener("visibilitychange", hide);
    }
    if (document.hidden) continue;
    onstate(false);
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
}

async function* pieces(stream) {
  const reader = stream.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}

function read(block) {
  const fields = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
  }
  return fields.data ? { id: fields.id, type: fields.event, ...JSON.parse(fields.data) } : undefined;
}

/** Exchanges the key of `nas-ctl dashboard` for the token of this session; the bridge takes each key once. */
export async function exchange(key) {
  keepToken(null);
  const document = await send("POST", ["bridge", "session"], { body: key });
  keepToken(document.token);
}

/** What the daemon offers beyond what this page was made for, from its own description. */
let description;
export async function offers(route, parameter) {
  description ??= get(["openapi.json"]).catch(() => { description = undefined; return {}; });
  return (await description).paths?.[route]?.get?.parameters?.find((one) => one.name === parameter)?.schema;
}
