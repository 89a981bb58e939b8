"""A request in progress: decode its rows one by one, collect its scores, build its answer."""

import json
import math
import sys
import traceback
from collections import deque
from typing import Any

from attune.errors import AttuneError
from attune.model.bundle import Prediction
from attune.served import answering, inputs, schema
from attune.served.ensemble import Ensemble
from attune.signal import Waveform

from .parsing import Limits, Refusal, Request

_UNREADABLE = "cannot be read as audio"


class Job:
    """One request: the rows still to be decoded and scored, the predictions, and the faults by row.

    Nothing is scored before all rows are decoded, so that a request that will be refused costs no more than decoding.
    """

    def __init__(self, number: int, request: Request, ensemble: Ensemble, limits: Limits) -> None:
        self.number = number
        self._request, self._ensemble, self._limits = request, ensemble, limits
        self._undecoded = deque(enumerate(request.rows))
        self._unscored: deque[tuple[int, Waveform]] = deque()
        self._samples = 0
        self.waiting = 0
        """Samples decoded but not yet scored."""
        self._faults: dict[int, str] = {}
        self._warnings: dict[int, str | None] = {}
        self._predictions: list[Prediction | None] = [None] * len(request.rows)

    @property
    def undecoded(self) -> int:
        """Rows left to decode."""
        return len(self._undecoded)

    @property
    def decoded(self) -> bool:
        """Whether all rows are decoded."""
        return not self._undecoded

    @property
    def finished(self) -> bool:
        """Whether nothing is left to decode or to score."""
        return self.decoded and not self._unscored

    @property
    def next_length(self) -> int:
        """Samples of the next row to score; there must be one."""
        return len(self._unscored[0][1])

    def decode(self) -> None:
        """Decode one row.

        Raises:
            Refusal: 413 if the request has too much audio.
        """
        place, row = self._undecoded.popleft()
        self._request.rows[place] = {}  # frees the encoded audio
        try:
            heard = inputs.hear(_checked(row), self._ensemble.sample_rate, self._limits.seconds)
            self._warnings[place] = schema.warnings(heard.warnings)
            self._keep(place, heard.waveform)
        except inputs.TooLong as error:
            raise Refusal(413, f"row {place}: {_on_one_line(error)}") from None
        except AttuneError as error:
            self._faults[place] = _on_one_line(error)
        except (MemoryError, Refusal):
            raise
        except Exception:  # decoders may raise anything: a fault of one row, written to the log
            traceback.print_exc(file=sys.stderr)
            self._faults[place] = _UNREADABLE
        if self._faults and self._request.raises:
            self._unscored.clear()
            self.waiting = 0

    def _keep(self, place: int, waveform: Waveform) -> None:
        self._samples += len(waveform)
        if self._samples > self._limits.seconds * self._ensemble.sample_rate:
            raise Refusal(413, f"a request may have {self._limits.seconds:g} s of audio; send fewer rows at once")
        self._unscored.append((place, waveform))
        self.waiting += len(waveform)

    def take(self) -> tuple[int, Waveform]:
        """Remove and return the next row to score: its number and its waveform."""
        place, waveform = self._unscored.popleft()
        self.waiting -= len(waveform)
        return place, waveform

    def put(self, place: int, prediction: Prediction) -> None:
        """Store the prediction of a row that was taken."""
        self._predictions[place] = prediction

    def answer(self) -> bytes:
        """Return the answer as strict JSON: missing numbers are null.

        Raises:
            Refusal: 400 if rows cannot be read and the request does not want errors in a column.
        """
        if self._faults and self._request.raises:
            raise Refusal(400, answering.summary(self._faults, len(self._predictions)))
        table = schema.scores(self._predictions, self._ensemble.tasks)
        if self._request.attention:
            own = self._ensemble
            table = table.join(schema.attention(self._predictions, own.tasks, own.hop, own.window))
        rows = table.astype(object).to_dict("records")
        for place, row in enumerate(rows):
            row.update({name: None for name, cell in row.items() if isinstance(cell, float) and math.isnan(cell)})
            row["warnings"] = self._warnings.get(place)
            if not self._request.raises:
                row["error"] = self._faults.get(place)
        return json.dumps({"predictions": rows}, allow_nan=False).encode()


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    for name in ("audio", "path"):
        if not isinstance(row.get(name), str | None):
            raise AttuneError(f"{name} must be text", remedy="Send it in quotation marks.")
    if "\0" in (row.get("path") or ""):
        raise AttuneError("no such audio file", remedy="Check its path.")
    return row


def _on_one_line(error: AttuneError) -> str:
    """Format an error of the version's own code, which may be older than this method."""
    return error.on_one_line() if hasattr(error, "on_one_line") else " ".join(str(error).split())
