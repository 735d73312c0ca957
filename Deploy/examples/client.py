#!/usr/bin/env python3
"""nasd from Python, with the standard library alone: hand a run in, wait for it, take its front as a list of dictionaries.

    from client import Daemon
    daemon = Daemon("unix:/run/nasd/nasd.sock")      # or Daemon("http://127.0.0.1:8642", token=open("token").read().strip())
    run = daemon.submit(open("run.yaml").read())
    daemon.wait(run)
    for one in daemon.front(run):
        print(one["accuracy"], one["multiplyAdds"], one["genome"])

As a program: client.py [--endpoint E] [--token-file F] [--space SPACE.yaml] RUN.yaml prints the front as JSON lines, and what goes on
meanwhile on standard error."""
import argparse, http.client, json, os, re, secrets, socket, sys, time
from urllib.parse import quote, urlencode, urlsplit


class Problem(Exception):
    """What the daemon refused, with every fault of a document."""

    def __init__(self, status, document):
        self.status, self.errors = status, document.get("errors", [])
        lines = [document.get("detail") or document.get("title") or f"status {status}"]
        super().__init__("\n".join(lines + [f"{one['path']}: {one['message']}" for one in self.errors]))


class SocketConnection(http.client.HTTPConnection):
    """A connection to a Unix socket."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """A daemon at `unix:/path`, `http://host:port` or `https://host:port`."""

    def __init__(self, endpoint, token=None, timeout=60, patience=600):
        self.endpoint, self.token, self.timeout, self.patience = endpoint, token, timeout, patience

    def _connection(self):
        if self.endpoint.startswith("unix:"):
            return SocketConnection(self.endpoint[5:], self.timeout)
        url = urlsplit(self.endpoint)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        return kind(url.hostname, url.port, timeout=self.timeout)

    def request(self, method, *path, query=None, body=None, headers=None):
        """The bytes of an answer. What is not possible now, and a daemon that starts again, is tried for `patience` seconds:
        reading may be repeated, and so may handing in, by its key."""
        target = "/" + "/".join(quote(str(part), safe="") for part in path) + ("?" + urlencode(query) if query else "")
        fields = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **(headers or {})}
        isRepeatable, end = method == "GET" or "Idempotency-Key" in fields, time.monotonic() + self.patience
        while True:
            connection = self._connection()
            try:
                connection.request(method, target, body, fields)
                answer = connection.getresponse()
                data = answer.read()
            except OSError:
                if not isRepeatable or time.monotonic() > end:
                    raise
            else:
                if answer.status < 400:
                    return data
                if answer.status != 503 or time.monotonic() > end:
                    try:
                        document = json.loads(data)
                    except ValueError:
                        document = {}
                    raise Problem(answer.status, document)
            finally:
                connection.close()
            time.sleep(2)

    def get(self, *path, **query):
        """A document."""
        return json.loads(self.request("GET", *path, query={k: v for k, v in query.items() if v is not None}))

    def submit(self, document, space=None, priority=0):
        """Hands a run in and returns its id. The document is the text of a run file, or a dictionary; `space` is the text of a
        space file that takes the place of its `space`."""
        if not isinstance(document, str):
            document = json.dumps(document)
        elif space is not None:
            inner = "".join(f"  {line}\n" for line in space.splitlines())
            document = re.sub(r"(?m)^space:.*$", lambda _: "space:\n" + inner.rstrip("\n"), document, count=1)
        body = self.request("POST", "v1", "runs", query={"priority": priority}, body=document.encode(),
                            headers={"Idempotency-Key": secrets.token_hex(16)})
        return json.loads(body)["run"]["id"]

    def run(self, run):
        """What lists show of a run: state, step, steps, evaluations, secondsLeft …"""
        return self.get("v1", "runs", run)["run"]

    def wait(self, run, seconds=None, tell=None):
        """Waits until a run has ended and returns it; `tell` gets it now and then. One that failed or was cancelled raises."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            now = self.run(run)
            if tell:
                tell(now)
            if now["state"] == "completed":
                return now
            if now["state"] in ("failed", "cancelled"):
                raise RuntimeError(f"run {run} is {now['state']}: {now.get('failure', '')}")
            if end is not None and time.monotonic() > end:
                raise TimeoutError(f"run {run} is {now['state']} at step {now['step']}")
            time.sleep(1)

    def front(self, run, round=None):
        """The candidates that no other dominates, the cheapest first: dictionaries of the columns of results.csv that have a value,
        those of `metrics` among them."""
        found = self.get("v1", "runs", run, "front", round=round)["candidates"]
        return [{**one.pop("metrics", {}), **one} for one in found]

    def candidates(self, run, filter=None, sort=None):
        """Every candidate, page by page, as `front` has them."""
        cursor = None
        while True:
            page = self.get("v1", "runs", run, "candidates", limit=1000, filter=filter, sort=sort, cursor=cursor)
            for one in page["candidates"]:
                yield {**one.pop("metrics", {}), **one}
            cursor = page.get("next")
            if cursor is None:
                return

    def model(self, run, candidate):
        """The network of a finalist on the front, the bytes of a safetensors file."""
        return self.request("GET", "v1", "runs", run, "models", candidate)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--endpoint", default=os.environ.get("NAS_CTL_ENDPOINT", "unix:/run/nasd/nasd.sock"))
    parser.add_argument("--token-file", default=os.environ.get("NAS_CTL_TOKEN_FILE"))
    parser.add_argument("--space")
    options = parser.parse_args()
    text = lambda path: open(path, encoding="utf-8").read()
    daemon = Daemon(options.endpoint, token=text(options.token_file).strip() if options.token_file else None)
    last = None

    def tell(run):
        nonlocal last
        line = f"{run['name']} {run['state']}, step {run['step']} of {run['steps']}, {run['evaluations']} evaluations"
        if line != last:
            print(line, file=sys.stderr)
        last = line

    try:
        run = daemon.submit(text(options.file), space=text(options.space) if options.space else None)
        daemon.wait(run, tell=tell)
        for one in daemon.front(run):
            print(json.dumps(one))
    except (Problem, OSError, RuntimeError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
