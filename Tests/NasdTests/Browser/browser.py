"""A headless Chromium over the DevTools protocol, by a pair of pipes: no port is opened and nothing but the standard library is
needed."""
import base64, json, os, select, shutil, signal, subprocess, tempfile, time

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def program():
    """The path of a Chromium; None where there is none."""
    named = os.environ.get("NASD_CHROMIUM")
    return named or next((path for path in map(shutil.which, PROGRAMS) if path), None)


class Failure(Exception):
    """Something did not come as expected."""


class Browser:
    """A browser with a profile of its own, which goes with it."""

    def __init__(self, *options):
        self.profile = tempfile.mkdtemp(prefix="nasd-browser-")
        ours, theirs = os.pipe(), os.pipe()

        def bind():
            # The browser reads commands at 3 and writes at 4.
            to, back = os.dup(ours[0]), os.dup(theirs[1])
            os.dup2(to, 3)
            os.dup2(back, 4)

        self.process = subprocess.Popen(
            [program(), "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
             "--disable-extensions", "--hide-scrollbars", "--force-color-profile=srgb", f"--user-data-dir={self.profile}", *options],
            preexec_fn=bind, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        os.close(ours[0])
        os.close(theirs[1])
        self.input, self.output = ours[1], theirs[0]
        self.buffer, self.number, self.answers, self.listeners = b"", 0, {}, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.input)
        os.close(self.output)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, parameters=None, session=None, seconds=60):
        """Sends a command and returns its result."""
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": parameters or {}}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.input, data):]
        end = time.time() + seconds
        while number not in self.answers:
            if not self.listen(end - time.time()):
                raise Failure(f"no answer to {method} within {seconds} s")
        answer = self.answers.pop(number)
        if "error" in answer:
            raise Failure(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def listen(self, seconds):
        """Takes in what comes; False when nothing comes in time."""
        if not select.select([self.output], [], [], max(0, seconds))[0]:
            return False
        part = os.read(self.output, 1 << 20)
        if not part:
            raise Failure("the browser has ended")
        self.buffer += part
        *messages, self.buffer = self.buffer.split(b"\0")
        for text in messages:
            message = json.loads(text)
            if "id" in message:
                self.answers[message["id"]] = message
            elif message.get("sessionId") in self.listeners:
                self.listeners[message["sessionId"]](message["method"], message["params"])
        return True

    def page(self, **options):
        """A new tab."""
        return Page(self, **options)


class Page:
    """A tab, and what it complained of."""

    def __init__(self, browser, width=1280, height=900, dark=False, phone=False):
        self.browser = browser
        context = browser.call("Target.createBrowserContext")["browserContextId"]
        target = browser.call("Target.createTarget", {"url": "about:blank", "browserContextId": context})["targetId"]
        self.session = browser.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self.complaints, self.requests, self.loaded = [], {}, 0
        self.saved = tempfile.mkdtemp(prefix="saved-", dir=browser.profile)
        browser.call("Browser.setDownloadBehavior", {
            "behavior": "allow", "downloadPath": self.saved, "browserContextId": context})
        browser.listeners[self.session] = self.note
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.look(width, height, dark, phone)

    def call(self, method, parameters=None, seconds=60):
        """Sends a command to the tab."""
        return self.browser.call(method, parameters, self.session, seconds)

    def look(self, width, height, dark=False, phone=False):
        """Sets size and colours."""
        self.call("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone})
        self.call("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def note(self, method, parameters):
        """Keeps errors of console and log, and every request."""
        if method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.complaints.append(" ".join(str(one.get("value", one.get("description"))) for one in parameters["args"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            entry = parameters["entry"]
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}")
        elif method == "Network.requestWillBeSent":
            self.requests[parameters["requestId"]] = {"url": parameters["request"]["url"], "headers": parameters["request"]["headers"]}
        elif method == "Network.responseReceived":
            self.requests.setdefault(parameters["requestId"], {})["response"] = parameters["response"]
        elif method == "Network.loadingFinished":
            self.requests.setdefault(parameters["requestId"], {})["bytes"] = parameters["encodedDataLength"]
        elif method == "Page.loadEventFired":
            self.loaded += 1

    def open(self, url):
        """Loads an address, or changes its fragment."""
        before, now = self.loaded, self.run("location.href")
        self.call("Page.navigate", {"url": url})
        if now.split("#")[0] == url.split("#")[0] and "#" in url and now != "about:blank":
            return
        end = time.time() + 30
        while self.loaded == before and time.time() < end:
            self.browser.listen(0.2)

    def run(self, expression):
        """The value of an expression; a promise is waited for."""
        answer = self.call("Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True})
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise Failure(f"{expression[:120]}: {details.get('exception', {}).get('description', details['text'])}")
        return answer["result"].get("value")

    def wait(self, expression, seconds=30, what=None):
        """Waits until an expression is true, and returns its value."""
        end = time.time() + seconds
        while True:
            value = self.run(f"(() => {{ const value = {expression}; return value instanceof Element ? true : value; }})()")
            if value:
                return value
            if time.time() > end:
                raise Failure(f"{what or expression} did not come within {seconds} s; the page says: {self.text()[:600]}")
            self.browser.listen(0.05)

    def file(self, name, seconds=30):
        """The bytes of a file that the tab saves."""
        end, path = time.time() + seconds, os.path.join(self.saved, name)
        while not os.path.exists(path) or os.path.exists(path + ".crdownload"):
            if time.time() > end:
                raise Failure(f"{name} was not saved within {seconds} s, but {os.listdir(self.saved)}; the page says: {self.text()[:300]}")
            self.browser.listen(0.05)
        with open(path, "rb") as file:
            return file.read()

    def text(self, selector="body"):
        """The text of an element as it is shown."""
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def click(self, selector, index=0):
        """Clicks an element as a user would."""
        place = self.run(f"""(() => {{ const one = document.querySelectorAll({json.dumps(selector)})[{index}]; if (!one) return null;
            one.scrollIntoView({{block: "center"}}); const box = one.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]; }})()""")
        if not place:
            raise Failure(f"nothing to click at {selector}; the page says: {self.text()[:400]}")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", {"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1})

    def move(self, x, y):
        """Moves the pointer."""
        self.call("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y})

    def press(self, key):
        """Presses a key."""
        codes = {"Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowRight": 39, "End": 35, "Home": 36}
        for kind in ("keyDown", "keyUp"):
            message = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
            if key == "Enter" and kind == "keyDown":
                message["text"] = "\r"
            self.call("Input.dispatchKeyEvent", message)

    def type(self, text):
        """Types text where the focus is."""
        self.call("Input.insertText", {"text": text})

    def picture(self, path, whole=False):
        """Saves a picture of the tab, or of the whole page."""
        parameters = {"format": "png"}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            parameters |= {"captureBeyondViewport": True,
                           "clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}}
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", parameters)["data"]))
