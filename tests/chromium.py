"""A real browser for tests: headless Chromium over its DevTools protocol, nothing but websocket-client needed."""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import needs
import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome")


def require() -> str:
    """The browser's path; without one the test is skipped, or fails where CI promises one."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        reason = f"no browser: none of {', '.join(NAMES)} is on the PATH (apt-get install chromium)"
        needs.missing(reason)
    return found


class Tab:
    """One page, and what went wrong in it."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=120, suppress_origin=True)
        self._last = 0
        self.faults: list[str] = []
        """Exceptions, console errors, log entries (refused loads, broken policies) and dialogs since `open`."""
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def open(self, path: Path) -> "Tab":
        return self.visit(path.resolve().as_uri())

    def visit(self, address: str) -> "Tab":
        self.faults.clear()
        self.requests.clear()
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")
        return self

    def js(self, expression: str):
        """The value of an expression, awaited where it is a promise."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, condition: str, seconds: float = 300) -> None:
        deadline = time.monotonic() + seconds
        while not self.js(condition):
            assert time.monotonic() < deadline, f"never true: {condition}"
            time.sleep(0.02)

    def resize(self, width: int, height: int = 900, *, phone: bool = False) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def scheme(self, name: str) -> None:
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def screenshot(self, path: Path, *, full: bool = True) -> None:
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=full)
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self) -> bytes:
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def call(self, method: str, **arguments):
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": arguments}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._last:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            self._note(message)

    def _note(self, message: dict) -> None:
        kind, params = message.get("method"), message.get("params", {})
        if kind == "Runtime.exceptionThrown":
            self.faults.append(str(params["exceptionDetails"]))
        elif kind == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.faults.append(str(params["args"]))
        elif kind == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.faults.append(str(params["entry"]))
        elif kind == "Page.javascriptDialogOpening":
            self.faults.append(f"dialog: {params['message']}")
            self._last += 1
            closing = {"id": self._last, "method": "Page.handleJavaScriptDialog", "params": {"accept": True}}
            self._socket.send(json.dumps(closing))
        elif kind == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])


@contextmanager
def tab(profile: Path) -> Iterator[Tab]:
    """A fresh browser with one page, its profile in an empty folder; gone at the end."""
    command = [
        *(require(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio"),
        *("--no-first-run", "--disable-background-networking", "--disable-sync", "--hide-scrollbars"),
        *("--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0", f"--user-data-dir={profile}"),
        "about:blank",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Tab(_address(profile / "DevToolsActivePort", process))
    finally:
        process.terminate()
        process.wait(timeout=120)


def _address(file: Path, process: subprocess.Popen) -> str:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the browser ended with {process.returncode}"
        if file.exists() and "\n" in (text := file.read_text()):
            port = int(text.split("\n")[0])
            page = next((one for one in _targets(port) if one["type"] == "page"), None)
            if page:
                return str(page["webSocketDebuggerUrl"])
        time.sleep(0.05)
    raise AssertionError("the browser did not answer within 300 seconds")


def _targets(port: int) -> list[dict]:
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=120) as answer:
        return json.load(answer)
