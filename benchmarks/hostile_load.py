"""Does a server stay up, answer its guests and bound its memory while others attack it?

    python benchmarks/hostile_load.py [--minutes 60] [--folds 5]

Two good clients send a file of two seconds over and over and compare every answer with the first one; a third asks
/ping. Meanwhile eight threads attack, each with one attack after the other, at random: audio that unpacks to hours,
JSON of every bad kind, half-sent heads and bodies, idle connections, clients that hang up. The memory is that of the
server's two processes together; the highest is the sum of each one's highest. Whether it climbs shows in what was held
in each tenth of the time.
"""

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from attune.tasks import TASKS
from benchmarks.served_samples import RATE, attune, encoded, memory, register, serving, voice

Attack = Callable[[int], str]


def post(port: int, body: bytes, kind: str = "application/json", timeout: float = 150) -> tuple[int, bytes]:
    """Status and body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST", "/invocations", body, {"content-type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def records(*rows: dict, **params: object) -> bytes:
    return json.dumps({"dataframe_records": rows, "params": params}).encode()


def bombs() -> dict[str, bytes]:
    """Bodies by name; a good server answers each with 4xx, or with 503 where too much is going on."""
    hour = encoded(np.zeros(59 * 60 * RATE, np.float32), "FLAC")
    wide = encoded(np.zeros((120 * RATE, 8), np.float32), "FLAC", 192_000)
    minutes = encoded(np.tile(np.float32([0.1, -0.1]), 145 * RATE), "FLAC")
    return {
        "12 rows of 59 minutes of silence": records(*[{"audio": hour}] * 12, errors="column"),
        "8 channels at 192 kHz": records(*[{"audio": wide}] * 4),
        "10 rows of 290 seconds": records(*[{"audio": minutes}] * 10),
        "100,000 bad rows": records(*[{"audio": "AAAA"}] * 100_000),
        "deep JSON": b'{"dataframe_records": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}",
        "a number of 5,000 digits": b'{"dataframe_records": [{"samples": [' + b"1" * 5000 + b'], "rate": 16000}]}',
        "20 million empty lists": b'{"dataframe_records": [' + b"[]," * 20_000_000 + b"[]]}",
        "15 million numbers": b'{"dataframe_records": [{"samples": [' + b"999," * 15_000_000 + b'0], "rate": 16000}]}',
        "8 million keys": b'{"dataframe_records": [{' + b",".join(b'"k%d":1' % n for n in range(2_000_000)) + b"}]}",
        "NaN": b'{"dataframe_records": [{"samples": [NaN], "rate": 16000}]}',
        "100 MB": bytes(100_000_000),
        "a table of 1 million rows": b"audio\n" + b"AAAA\n" * 1_000_000,
    }


def slow_body(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: 5000000\r\n\r\n")
        for _ in range(20):
            line.sendall(b" " * 100)
            time.sleep(0.2)
    return "half a body, then gone"


def hang_up(port: int) -> str:
    body = records({"audio": encoded(voice(60))})
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        time.sleep(0.2)
    return "a whole request, then gone"


def idle(port: int) -> str:
    lines = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(150)]
    for number, line in enumerate(lines):
        if number % 2:
            line.sendall(b"POST /invoc")
    time.sleep(5)
    for line in lines:
        line.close()
    return "150 connections without a request"


class Load:
    """Threads that attack and threads that use the server, and what came of it."""

    def __init__(self, port: int, process: int) -> None:
        self.port, self.process = port, process
        self.statuses: Counter[tuple[str, str]] = Counter()
        self.good, self.wrong, self.lost, self.busy = 0, 0, 0, 0
        self.slowest_ping, self.highest = 0.0, 0.0
        self.held: list[float] = []
        self._first: dict[str, dict[str, float]] = {}
        self._stop = threading.Event()
        self._bombs = bombs()

    def run(self, seconds: float, attackers: int = 8) -> None:
        """Attack and use the server for so long."""
        acts = [self._attack] * attackers + [self._use] * 2 + [self._ping, self._measure]
        threads = [threading.Thread(target=self._go, args=(act, number)) for number, act in enumerate(acts)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self._stop.set()
        for thread in threads:
            thread.join()

    def _go(self, act: Callable[[random.Random], None], seed: int) -> None:
        chance = random.Random(seed)
        while not self._stop.is_set():
            act(chance)

    def _attack(self, chance: random.Random) -> None:
        name = chance.choice([*self._bombs, "slow", "gone", "idle"])
        try:
            if name in self._bombs:
                kind = "text/csv" if "table" in name else "application/json"
                self.statuses[name, str(post(self.port, self._bombs[name], kind)[0])] += 1
            else:
                self.statuses[{"slow": slow_body, "gone": hang_up, "idle": idle}[name](self.port), "-"] += 1
        except (OSError, http.client.HTTPException) as error:
            self.statuses[name, type(error).__name__] += 1

    def _use(self, chance: random.Random) -> None:
        try:
            status, body = post(self.port, records({"audio": encoded(voice(2))}))
        except (OSError, http.client.HTTPException):
            self.lost += 1
            return
        if status in (429, 503):
            self.busy += 1
            time.sleep(0.5)
        elif status == 200 and self._as_before(json.loads(body)["predictions"][0]):
            self.good += 1
        else:
            self.wrong += 1

    def _as_before(self, answer: dict[str, float]) -> bool:
        """Whether the ratings are those of the first answer, but for how a batch rounds."""
        ratings = {task: answer[task] for task in TASKS}
        first = self._first.setdefault("ratings", ratings)
        return all(abs(ratings[task] - first[task]) < 1e-4 for task in TASKS)

    def _ping(self, chance: random.Random) -> None:
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", "/ping")
            if connection.getresponse().status != 200:
                self.wrong += 1
        except (OSError, http.client.HTTPException):
            self.lost += 1
        finally:
            connection.close()
        self.slowest_ping = max(self.slowest_ping, time.monotonic() - began)
        time.sleep(0.3)

    def _measure(self, chance: random.Random) -> None:
        now = memory(self.process)
        self.highest = max(self.highest, now["VmHWM"])
        self.held.append(now["VmRSS"])
        time.sleep(0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--folds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        register(Path(name) / "models", arguments.folds)
        with serving(attune("serve"), Path(name) / "log") as server:
            before = memory(server.process.pid)["VmRSS"]
            load = Load(server.port, server.process.pid)
            load.run(60 * arguments.minutes)
            time.sleep(15)
            after = memory(server.process.pid)["VmRSS"]
    table = Table("attack", "answer", "times")
    for (attack, answer), times in sorted(load.statuses.items()):
        table.add_row(attack, answer, str(times))
    Console().print(table)
    counts = f"{load.good} right, {load.busy} told to come later, {load.wrong} wrong, {load.lost} lost"
    Console().print(f"good requests: {counts}; slowest /ping {load.slowest_ping:.2f} s", soft_wrap=True)
    Console().print(f"memory: {before:.0f} MB before, {load.highest:.0f} MB at most, {after:.0f} MB after")
    tenth = max(len(load.held) // 10, 1)
    over = [load.held[at : at + tenth] for at in range(0, tenth * 10, tenth)]
    tenths = Table("tenth of the time", "MB held, median", "MB held, at most")
    for number, held in enumerate(filter(None, over), 1):
        tenths.add_row(str(number), f"{statistics.median(held):.0f}", f"{max(held):.0f}")
    Console().print(tenths)


if __name__ == "__main__":
    main()
