// Which page is shown, and what all pages share: the place in the address, the token, whether the daemon answers.

import { exchange, onLink } from "./api.js";
import { announce, failure, h, swap } from "./dom.js";
import { entry } from "./entry.js";
import * as candidate from "./candidate.js";
import * as compare from "./compare.js";
import * as daemon from "./daemon.js";
import * as run from "./run.js";
import * as runs from "./runs.js";
import * as submit from "./submit.js";

const routes = [
  [/^\/?$/, runs], [/^\/submit$/, submit], [/^\/daemon$/, daemon],
  [/^\/compare(?:\/([^/]+))?(?:\/([^/]+))?$/, compare],
  [/^\/runs\/([^/]+)\/candidates\/(\d+)$/, candidate],
  [/^\/runs\/([^/]+)(?:\/(candidates|sampler|events|files))?$/, run],
];
const links = [["#/", "Runs"], ["#/submit", "Submit"], ["#/compare", "Compare"], ["#/daemon", "Daemon"]];

const main = document.getElementById("main");
let leaving = new AbortController(), isLocked = false;

/** What a page is handed: where to draw, and work that ends with it. */
function makePage(signal) {
  return {
    main, signal,
    title(text) { document.title = `${text} · nasd`; },
    /** Does something now and then, while somebody looks; it may say when next, and what goes wrong is told by `onerror`. */
    every(milliseconds, work, onerror) {
      const turn = async () => {
        if (signal.aborted) return;
        let next;
        if (!document.hidden) {
          try {
            next = await work();
          } catch (error) {
            if (signal.aborted || error.name === "AbortError") return;
            if (error.status !== 0 && error.status !== 401 && error.status !== 503) { (onerror ?? report)(error); if (!onerror) return; }
          }
        }
        setTimeout(turn, next ?? milliseconds);
      };
      turn();
    },
  };
}

function decoded(part) {
  try { return decodeURIComponent(part); } catch { return part; }
}

function report(error) {
  if (error.name === "AbortError" || error.status === 401) return;
  main.prepend(failure(error));
}

async function show() {
  const place = location.hash.slice(1).split("?")[0] || "/";
  leaving.abort();
  leaving = new AbortController();
  const [pattern, page] = routes.find(([pattern]) => pattern.test(place)) ?? [];
  for (const link of document.querySelectorAll("#nav a")) {
    const at = link.getAttribute("href").slice(1);
    const isHere = at === "/" ? place === "/" || place.startsWith("/runs") : place.startsWith(at);
    isHere ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  if (!page) return swap(main, h("h1", null, "No such page"), h("p", null, h("a", { href: "#/" }, "All runs")));
  const { signal } = leaving;
  try {
    await page.show(makePage(signal), pattern.exec(place).slice(1).map((part) => part && decoded(part)));
    if (!signal.aborted) announce(document.title);
  } catch (error) {
    if (!signal.aborted && error.status !== 401) swap(main, h("h1", null, "That did not work"), failure(error), h("p", null, h("a", { href: "#/" }, "All runs")));
  }
}

function lock(error) {
  if (isLocked) return;
  isLocked = true;
  leaving.abort();
  entry(main, error, () => { isLocked = false; show(); });
}

async function start() {
  swap(document.getElementById("nav"), links.map(([href, name]) => h("a", { href }, name)));
  const link = document.getElementById("link");
  onLink((isGood) => { link.textContent = isGood ? "" : "The daemon does not answer"; link.classList.toggle("lost", !isGood); });
  window.addEventListener("hashchange", () => { if (!isLocked) { show(); main.focus({ preventScroll: true }); scrollTo(0, 0); } });
  window.addEventListener("nasd-token", () => lock());
  const key = /^#key=([A-Za-z0-9_-]+)(?:&to=(.*))?$/.exec(location.hash);
  if (key) {
    // A key serves once: it is gone from the address before it is sent.
    history.replaceState(null, "", location.pathname + "#" + (key[2] ? decoded(key[2]) : "/"));
    isLocked = true;
    const fault = await exchange(key[1]).then(() => undefined, (error) => error);
    isLocked = false;
    if (fault) return lock(fault);
  }
  show();
}

start();
