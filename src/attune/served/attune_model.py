"""The registered model as MLflow runs it: models-from-code, so a version holds this file and no pickle."""

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

from attune.errors import AttuneError
from attune.served import ensemble, inputs, schema
from attune.waveform.store import Waveform

_SHOWN = 5
_ERRORS = ("raise", "column")


class AttuneModel(PythonModel):
    """Arousal, valence and dominance (1 to 5) of speech, and the probability of each class.

    Input columns: `audio` (base64 of a WAV or FLAC file), or `path`, or `samples` with `rate`; 0.1 s to an hour each.
    Params: `attention` adds the weights over time; `errors`: "raise" refuses the whole request where a row cannot be
    read, "column" leaves its numbers empty and says why in a column `error`.
    """

    def load_context(self, context: Any) -> None:
        """Load the networks; `model_config={"device": "cuda"}` puts them on a GPU."""
        device = (context.model_config or {}).get("device", "cpu")
        self.ensemble = ensemble.load(Path(context.artifacts["folds"]), device)

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """One row of scores per row of input, in its order and under its index.

        Raises:
            MlflowException: as INVALID_PARAMETER_VALUE (HTTP 400), naming the rows that cannot be read, and why.
        """
        wanted = {"attention": False, "errors": "raise", **(params or {})}
        if wanted["errors"] not in _ERRORS:
            raise _refusal(f"errors must be one of {', '.join(_ERRORS)}, got {wanted['errors']!r}")
        if not set(inputs.SOURCES) & set(model_input.columns):
            raise _refusal(f"none of the columns {', '.join(inputs.SOURCES)} is given")
        waveforms, faults = self._read(model_input)
        if faults and wanted["errors"] == "raise":
            raise _refusal(_summary(faults, len(waveforms)))
        return self._answer(waveforms, faults, wanted).set_index(model_input.index)

    def _read(self, rows: pd.DataFrame) -> tuple[list[Waveform | None], dict[int, str]]:
        waveforms: list[Waveform | None] = []
        faults: dict[int, str] = {}
        for place in range(len(rows)):
            try:
                waveforms.append(inputs.waveform(rows.iloc[place], self.ensemble.sample_rate))
            except AttuneError as error:
                waveforms.append(None)
                faults[place] = " ".join(str(error).split())
        return waveforms, faults

    def _answer(self, waveforms: list[Waveform | None], faults: dict[int, str], wanted: dict[str, Any]) -> pd.DataFrame:
        predictions = iter(self.ensemble.predict([waveform for waveform in waveforms if waveform is not None]))
        per_row = [None if waveform is None else next(predictions) for waveform in waveforms]
        answer = schema.scores(per_row)
        if wanted["attention"]:
            answer = answer.join(schema.attention(per_row, self.ensemble.hop, self.ensemble.window))
        if wanted["errors"] == "column":
            answer["error"] = pd.Series([faults.get(place) for place in range(len(per_row))], dtype=object)
        return answer


def _summary(faults: dict[int, str], rows: int) -> str:
    shown = "; ".join(f"row {place}: {fault}" for place, fault in list(faults.items())[:_SHOWN])
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return f"{len(faults)} of {rows} rows cannot be read (rows are counted from 0): {shown}{more}"


def _refusal(message: str) -> MlflowException:
    return MlflowException.invalid_parameter_value(message)


set_model(AttuneModel())
