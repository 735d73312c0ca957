#!/usr/bin/env python3
"""Drives the dashboard of a running daemon with a real Chromium: check_dashboard.py ADDRESS TOKEN PART [--pictures FOLDER]

Parts: `pages` (every page of a completed run without a complaint in the console), `live` (a run that trains: numbers move, pause,
resume, cancel), `submit` (faults as one types, and a run handed in), `paging` (a large run, page by page, thinned), `strangers`
(pages of other origins and names made to lead here get nothing), `bridge` (ADDRESS is that of nas-ctl dashboard, with its key).
Prints what it saw; ends with 1 when something did not come."""
import argparse, http.server, json, os, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, Failure, program

parser = argparse.ArgumentParser(description=__doc__)
for name in ("address", "token", "part"):
    parser.add_argument(name)
parser.add_argument("--pictures")
parser.add_argument("--run")
options = parser.parse_args()
address = options.address


def must(condition, text):
    if not condition:
        raise Failure(text)


def enter(page):
    """Gives the token, as a user would."""
    page.open(address)
    page.wait("document.querySelector('#token')", what="the question for the token")
    must(page.run("document.activeElement.id") == "token", "the field of the token has no focus")
    page.type("wrong" * 8)
    page.press("Enter")
    page.wait("document.querySelector('#token-fault').textContent.includes('not the daemon')", what="the refusal of a wrong token")
    page.run("document.querySelector('#token').value = ''")
    page.type(options.token)
    page.press("Enter")
    page.wait("document.querySelector('table.runs')", what="the list of runs")
    must(page.run("sessionStorage.getItem('nasd.token')") == options.token, "the token is not in sessionStorage")
    must(page.run("document.cookie") == "" and page.run("localStorage.length") == 0, "something is kept beyond the session")
    # What the browser itself says of answers that are no success is no complaint of the page.
    page.complaints[:] = [one for one in page.complaints if "401" not in one]


def api(page, path, method="GET"):
    return page.run(f"""fetch({json.dumps(path)}, {{method: {json.dumps(method)}, headers: {{Authorization: 'Bearer ' + sessionStorage.getItem('nasd.token')}}}})
        .then((answer) => answer.json())""")


def calm(page):
    """No complaint so far, no request elsewhere, and no token in an address."""
    must(not page.complaints, f"the console says: {page.complaints[:3]}")
    origin = address.split("#")[0].rstrip("/")
    for one in page.requests.values():
        url = one.get("url", "")
        must(url.startswith(origin) or url.startswith("blob:" + origin), f"a request elsewhere: {url}")
        must(not options.token or options.token not in url, f"the token is in an address: {url}")
        must("Cookie" not in one.get("headers", {}), f"a cookie goes out: {url}")


def go(page, place, ready):
    page.open(f"{address.split('#')[0]}#{place}")
    page.wait(ready, what=f"{place}: {ready}")


def picture(page, name):
    """Pictures in light, dark and on a phone."""
    if not options.pictures:
        return
    for tag, look in (("light", (1280, 860)), ("dark", (1280, 860, True)), ("phone", (390, 844, False, True))):
        page.look(*look)
        page.run("new Promise((done) => setTimeout(done, 900))")
        page.picture(os.path.join(options.pictures, f"{name}-{tag}.png"), whole=True)
    page.look(1280, 900)


def pages(browser):
    page = browser.page()
    enter(page)
    first = {one["url"]: one.get("bytes", 0) for one in page.requests.values() if "/v1/" not in one.get("url", "")}
    paint = page.run("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
    print(f"loaded: {len(first)} files, {sum(first.values())} bytes with heads; first paint after {paint:.0f} ms")
    must(sum(first.values()) < 300_000, "the pages are larger than 300 kB")
    runs = api(page, "v1/runs?limit=10")["runs"]
    run = next(one for one in runs if one["state"] == "completed")
    name = run["id"]
    page.wait("document.querySelector('table.runs .spark')", what="a sparkline")
    page.wait("/%/.test(document.querySelector('[data-name=Best]').innerText)", what="the best of a run")
    calm(page)
    picture(page, "runs")
    go(page, f"/runs/{name}", "document.querySelector('canvas')?.getAttribute('aria-label')?.includes('on the front')")
    page.wait("document.querySelectorAll('.chart path.line').length >= 3", what="lines of training")
    # Hovering tells the genome, a click opens the candidate; so do keys.
    page.run("document.querySelector('canvas').focus()")
    page.press("ArrowRight")
    page.wait("document.querySelector('.tip .genome')?.textContent.includes('=')", what="the genome of a point")
    page.press("ArrowRight")
    page.press("Enter")
    page.wait("/candidates\\/\\d+$/.test(location.hash) && document.querySelector('.architecture .block')", what="a candidate with its blocks")
    calm(page)
    go(page, f"/runs/{name}", "document.querySelector('input[type=range]')")
    page.wait("document.querySelector('.slider output').textContent.startsWith('1')", what="the newest round")
    page.run("(() => { const slider = document.querySelector('input[type=range]'); slider.value = 0; slider.dispatchEvent(new Event('input')); })()")
    page.wait("document.querySelector('canvas').getAttribute('aria-label').includes(': 4 candidates')", what="the candidates of round 0")
    for value in api(page, f"v1/runs/{name}")["metrics"]:
        page.run(f"(() => {{ const one = document.querySelectorAll('.filters select')[1]; one.value = {json.dumps(value['name'])}; one.dispatchEvent(new Event('change')); }})()")
        words = page.run("document.querySelectorAll('.filters select')[1].selectedOptions[0].text")
        page.wait(f"document.querySelector('canvas').getAttribute('aria-label').includes('against {words}')", what=f"the front against {words}")
    calm(page)
    picture(page, "run")
    for tab, ready in (
        ("candidates", "document.querySelectorAll('table.candidates tbody tr').length === 16"), ("sampler", "document.querySelector('path.area')"),
        ("events", "document.querySelectorAll('.events li').length > 8 && document.querySelectorAll('.log li').length > 2"), ("files", "document.querySelectorAll('pre').length >= 2")):
        go(page, f"/runs/{name}/{tab}", ready)
        picture(page, tab)
        calm(page)
    lines = lambda text: text.decode().split("\r\n")
    for place, what in enumerate(("results.csv", "front.csv", None, "run.yaml", "space.yaml", "log.jsonl")):
        page.click(".downloads button", place)
        if what and what.endswith(".csv"):
            must(lines(page.file(what))[0].startswith("candidate,key,genome,"), f"{what} is another file")
    best = api(page, f"v1/runs/{name}/best")["candidate"]["candidate"]
    must(b'"F32"' in page.file(f"candidate-{best}.safetensors")[:20000], "the network is another file")
    must(page.file(f"{run['name']}-run.yaml").startswith(b"apiVersion: nasd/v1\nkind: Run\n"), "run.yaml is another file")
    must(b"completed" in page.file(f"{run['name']}.log.jsonl"), "log.jsonl is another file")
    calm(page)
    go(page, f"/runs/{name}/candidates/5", "document.querySelector('.architecture .block') && document.querySelector('.facts')")
    must("Why it was asked" in page.text(), "no reason for a candidate")
    picture(page, "candidate")
    other = next((one["id"] for one in runs if one["id"] != name), name)
    go(page, f"/compare/{name}/{other}", "document.querySelectorAll('table.beside tbody tr').length > 6 && document.querySelector('canvas')?.getAttribute('aria-label')")
    picture(page, "compare")
    go(page, "/daemon", "document.querySelectorAll('.check').length > 5 && document.querySelector('.hook table')")
    must("run.queued" in page.text(".hook"), "no message of a webhook")
    picture(page, "daemon")
    calm(page)
    # Every control has a name, every picture a description.
    for place in ("/", f"/runs/{name}", f"/runs/{name}/candidates", "/submit", "/daemon"):
        go(page, place, "document.querySelector('h1')")
        page.run("new Promise((done) => setTimeout(done, 300))")
        nameless = page.run("""[...document.querySelectorAll('input, select, textarea, button, [role=img], canvas')].filter((one) => !one.hidden &&
            !(one.getAttribute('aria-label') || one.labels?.length || one.textContent.trim() || one.hidden)).map((one) => one.outerHTML.slice(0, 90))""")
        must(not nameless, f"without a name on {place}: {nameless}")
    go(page, "/nowhere", "document.querySelector('h1')?.innerText === 'No such page'")
    calm(page)
    print("every page of a completed run is shown, no complaint in the console")


def live(browser):
    page = browser.page()
    enter(page)
    run = next(one for one in api(page, "v1/runs?limit=10")["runs"] if one["state"] in ("training", "searching", "queued", "preparing"))
    go(page, "/", "document.querySelector('.state-training, .state-searching')")
    go(page, f"/runs/{run['id']}", "document.querySelector('.strip .progress .quiet')")
    page.wait("document.querySelector('.chart path.line')", seconds=60, what="the loss")
    step = lambda: page.run("Number(document.querySelector('.strip .progress .quiet').innerText.match(/^[\\d,]+/)?.[0].replaceAll(',', '') ?? 0)")
    before, line, begin = step(), page.run("document.querySelector('.chart path.line').getAttribute('d')"), time.time()
    page.wait(f"Number(document.querySelector('.strip .progress .quiet').innerText.match(/^[\\d,]+/)?.[0].replaceAll(',', '') ?? 0) > {before}", what="a later step")
    print(f"a later step is shown after {time.time() - begin:.1f} s")
    page.wait(f"document.querySelector('.chart path.line').getAttribute('d') !== {json.dumps(line)}", what="a longer line of the loss")
    picture(page, "training")
    go(page, f"/runs/{run['id']}/events", "document.querySelector('.events.log, .events li') && document.querySelector('.live')")
    count = page.run("Number(document.querySelector('.events .seq').innerText)")
    page.wait(f"Number(document.querySelector('.events .seq').innerText) > {count}", seconds=60, what="a new event on the open stream")
    page.click(".head .actions button")
    page.wait("document.querySelector('.state-paused')", what="the run paused")
    must(api(page, f"v1/runs/{run['id']}")["run"]["state"] == "paused", "the daemon does not say paused")
    page.wait("document.querySelector('.events').innerText.includes('run.paused')", what="the event of the pause")
    page.click(".head .actions button")
    page.wait("!document.querySelector('.state-paused')", what="the run resumed")
    page.wait("[...document.querySelectorAll('.head .actions button')].some((one) => one.innerText === 'Cancel')")
    page.click(".head .actions button", page.run("[...document.querySelectorAll('.head .actions button')].findIndex((one) => one.innerText === 'Cancel')"))
    page.wait("document.querySelector('dialog[open]')", what="a question before it is cancelled")
    page.click("dialog .danger")
    page.wait("document.querySelector('.state-cancelled')", what="the run cancelled")
    calm(page)
    print("numbers move while it trains; paused, resumed and cancelled by hand")


def submit(browser):
    page = browser.page()
    enter(page)
    go(page, "/submit", "document.querySelector('#verdict .good')")
    text = page.run("document.querySelector('#run-file').value")
    page.run("document.querySelector('#run-file').focus(); document.querySelector('#run-file').select()")
    page.type(text.replace("steps: 2000", "steps: -1").replace("seed: 7", "sead: 7"))
    page.wait("document.querySelectorAll('#verdict li').length === 2", what="both faults")
    must("did you mean 'seed'" in page.text("#verdict"), "no hint")
    must(page.run("document.querySelectorAll('.gutter .wrong').length") == 2, "the lines are not marked")
    must(page.run("[...document.querySelectorAll('button')].find((one) => one.innerText === 'Submit').disabled"), "faults can be handed in")
    # A refused document is an answer as meant, though the browser notes its status.
    page.complaints[:] = [one for one in page.complaints if "422" not in one]
    picture(page, "faults")
    page.run("document.querySelector('#run-file').focus(); document.querySelector('#run-file').select()")
    page.type(text.replace("name: first", "name: typed").replace("steps: 2000", "steps: 100000"))
    page.wait("document.querySelector('#verdict .good')", what="the run found valid")
    picture(page, "submit")
    page.wait("![...document.querySelectorAll('button')].find((one) => one.innerText === 'Submit').disabled")
    page.click("form.submit .side button")
    page.wait("/^#\\/runs\\/[a-z2-7]{12}$/.test(location.hash) && document.querySelector('h1').innerText.startsWith('typed')", what="the page of the new run")
    calm(page)
    print("faults are told as one types, with their lines; the mended run is handed in")


def paging(browser):
    page = browser.page()
    enter(page)
    run = options.run or max(api(page, "v1/runs?limit=50")["runs"], key=lambda one: one["candidates"])["id"]
    total = api(page, f"v1/runs/{run}")["run"]["candidates"]
    begin = time.time()
    page.open(f"{address.split('#')[0]}#/runs/{run}")
    page.wait("document.querySelector('canvas')?.getAttribute('aria-label')?.includes('on the front')", seconds=600, what="the front")
    print(f"{total} candidates: drawn after {time.time() - begin:.1f} s; {page.run('''[...document.querySelectorAll('section p.quiet')].map((one) => one.innerText).find((one) => /front/.test(one))''')}")
    points = api(page, f"v1/runs/{run}/points")
    front = api(page, f"v1/runs/{run}/front")["candidates"]
    must(0.9 * total < points["count"] <= total, "not all are counted")
    must({one["candidate"] for one in front} == set(points["front"]), "the front is not whole")
    must(len(points["candidates"]) <= 4000 + len(points["front"]), "too many points")
    must(points == api(page, f"v1/runs/{run}/points"), "another picture of the same candidates")
    picture(page, "million")
    begin = time.time()
    go(page, f"/runs/{run}/candidates", "document.querySelectorAll('table.candidates tbody tr').length === 50")
    print(f"first page after {time.time() - begin:.1f} s")
    for turn in range(3):
        page.click(".pager button", 1)
        page.wait(f"document.querySelector('.pager .quiet').innerText.startsWith('{50 * (turn + 1) + 1} to')", what="the next page")
    must(page.text("table.candidates tbody tr td") == "151", "page four does not begin with 151")
    page.click(".pager button", 0)
    page.wait("document.querySelector('.pager .quiet').innerText.startsWith('101 to')", what="the page before")
    begin = time.time()
    page.click("table.candidates th .sort", 1)
    page.wait("document.querySelector('th[aria-sort=descending]') && !document.querySelector('[aria-busy]')", seconds=600, what="the order by the first objective")
    values = page.run("[...document.querySelectorAll('table.candidates tbody tr')].map((row) => parseFloat(row.children[1].innerText))")
    must(values == sorted(values, reverse=True), "the order is another one")
    print(f"sorted by the first objective after {time.time() - begin:.1f} s")
    page.run("document.querySelector('form.filters input').focus()")
    page.type("nothing>=1")
    page.press("Enter")
    page.wait("document.querySelector('.failure')?.innerText.includes('columns of the run')", what="what is wrong with a condition")
    page.complaints[:] = [one for one in page.complaints if "422" not in one]
    calm(page)
    print("pages, orders and conditions of a large run work")


def strangers(browser):
    port = int(address.split(":")[2].split("/")[0].split("#")[0])

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>stranger</title>")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.page()
    page.open(f"http://127.0.0.1:{server.server_port}/")
    headers = f"{{Authorization: 'Bearer {options.token}'}}"
    for what, path, more in (("data with the token", "v1/runs", f", {{headers: {headers}}}"), ("a submission", "v1/runs", ", {method: 'POST', body: 'x'}"), ("the page", "", "")):
        said = page.run(f"fetch('http://127.0.0.1:{port}/{path}'{more}).then((answer) => 'status ' + answer.status, (error) => 'refused')")
        must(said == "refused", f"a page of another origin gets {what}: {said}")
    framed = page.run(f"""new Promise((done) => {{ const frame = document.createElement('iframe'); frame.onload = () => {{
        let text; try {{ text = frame.contentDocument?.body?.innerText ?? 'closed'; }} catch (error) {{ text = 'closed'; }} done(text); }};
        frame.src = 'http://127.0.0.1:{port}/'; document.body.append(frame); }})""")
    must("nasd" not in framed, f"the dashboard shows in a frame: {framed[:80]}")
    posted = [one.get("response", {}).get("status") for one in page.requests.values() if one["url"].endswith("/v1/runs")]
    print(f"a page of another origin: statuses {sorted({one for one in posted if one})}, all refused by the browser, no frame")
    # A name of the stranger's own that was made to lead to this machine.
    rebound = browser.page()
    rebound.open(f"http://rebound.example:{port}/")
    text = rebound.text()
    must("is not reached by the name" in text or "the bridge is reached at" in text, f"a rebound name is answered: {text[:120]}")
    status = rebound.run("fetch('/v1/runs').then((answer) => answer.status)")
    must(status == 421, f"a rebound name reaches the API: {status}")
    print("a name that was made to lead here: 421 for the page and the API")
    server.shutdown()


def bridge(browser):
    page = browser.page()
    page.open(address)
    page.wait("document.querySelector('table.runs, .strip')", what="the dashboard behind the bridge")
    must("key=" not in page.run("location.href"), "the key stays in the address")
    must(page.run("sessionStorage.getItem('nasd.token').length") == 43, "no token of the session")
    must(len(page.run("history.length.toString()")) == 1, "the key is in the history")
    calm(page)
    go(page, "/daemon", "document.querySelectorAll('.check').length > 5 && document.querySelector('.events li')")
    go(page, "/submit", "document.querySelector('#verdict .good, #verdict .failure')")
    calm(page)
    late = browser.page()
    late.open(address)
    late.wait("document.querySelector('#token-fault')?.textContent.includes('used already')", what="the refusal of a key that was used")
    print("the key of nas-ctl dashboard opens once; the page sends its token with every request")


with Browser("--host-resolver-rules=MAP rebound.example 127.0.0.1") as chromium:
    try:
        {"pages": pages, "live": live, "submit": submit, "paging": paging, "strangers": strangers, "bridge": bridge}[options.part](chromium)
    except Failure as failure:
        print(f"FAILED: {failure}")
        sys.exit(1)
