"""A page in headless Chromium, driven over a pipe (no port, nothing to install): for report_page_test."""

import base64
import json
import os
import select
import subprocess
import tempfile
import time


class Browser:
    """Collects every console message, exception and request of its page."""

    def __init__(self, program, page, width=1400, height=1000):
        self._profile = tempfile.TemporaryDirectory()
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()

        def streams():
            # Chromium reads commands from descriptor 3 and answers on 4.
            os.dup2(os.dup(to_read), 103)
            os.dup2(os.dup(to_write), 104)
            os.dup2(103, 3)
            os.dup2(104, 4)

        self._process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={self._profile.name}",
             f"--window-size={width},{height}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False,
            preexec_fn=streams)
        os.close(to_read)
        os.close(to_write)
        self._left = b""
        self._next = 0
        self._session = None
        self.complaints = []
        self.requests = []
        self._loaded = False
        targets = self._call("Target.getTargets")["targetInfos"]
        target = next(t["targetId"] for t in targets if t["type"] == "page")
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self.page = "file://" + page
        self._call("Page.navigate", url=self.page)
        while not self._loaded:
            self._take()

    def _take(self):
        deadline = time.monotonic() + 100
        while b"\0" not in self._left:
            if not select.select([self._from], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("Chromium does not answer")
            piece = os.read(self._from, 1 << 20)
            if not piece:
                raise ConnectionError("Chromium has ended")
            self._left += piece
        text, self._left = self._left.split(b"\0", 1)
        message = json.loads(text)
        method, given = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(given["exceptionDetails"])[:600])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(json.dumps(given["args"])[:600])
        elif method == "Log.entryAdded":
            self.complaints.append(given["entry"]["text"][:600])
        elif method == "Network.requestWillBeSent":
            self.requests.append(given["request"]["url"])
        elif method == "Page.loadEventFired":
            self._loaded = True
        return message

    def _call(self, method, **given):
        self._next += 1
        call = {"id": self._next, "method": method, "params": given}
        if self._session:
            call["sessionId"] = self._session
        os.write(self._to, json.dumps(call).encode() + b"\0")
        while True:
            message = self._take()
            if message.get("id") == self._next:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    def run(self, program):
        """The value of a JavaScript expression; a promise is waited for."""
        found = self._call("Runtime.evaluate", expression=program, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"])[:600])
        return found["result"].get("value")

    def key(self, name):
        self._call("Input.dispatchKeyEvent", type="keyDown", key=name, text=name if len(name) == 1 else "")
        self._call("Input.dispatchKeyEvent", type="keyUp", key=name)

    def dark(self, on):
        self._call("Emulation.setEmulatedMedia",
                   features=[{"name": "prefers-color-scheme", "value": "dark" if on else "light"}])

    def picture(self, file):
        found = self._call("Page.captureScreenshot", captureBeyondViewport=True)
        with open(file, "wb") as out:
            out.write(base64.b64decode(found["data"]))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)
        self._profile.cleanup()
