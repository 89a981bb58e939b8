"""The registered model as MLflow runs it: models-from-code, so a version contains this file and no pickle."""

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

from attune.errors import AttuneError
from attune.served import answering, ensemble


class AttuneModel(PythonModel):
    """Predicts ratings of speech on their scale, such as arousal from 1 to 5, and the probability of each class.

    Input columns: `audio` (base64 of a WAV or FLAC file), or `path`, or `samples` with `rate`; 0.1 s to an hour each.
    Params: `attention` adds the weights over time; `errors`: "raise" refuses the whole request if a row cannot be
    read, "column" leaves its scores empty and gives the reason in a column `error`.
    """

    def load_context(self, context: Any) -> None:
        """Load the networks; `model_config={"device": "cuda"}` puts them on a GPU."""
        device = (context.model_config or {}).get("device", "cpu")
        self.ensemble = ensemble.load(Path(context.artifacts["folds"]), device)

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return one row of scores per row of input, in the same order and with the same index.

        Raises:
            MlflowException: INVALID_PARAMETER_VALUE (HTTP 400), naming the rows that cannot be read, and why.
        """
        try:
            return answering.answer(self.ensemble, model_input, params)
        except AttuneError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from None


set_model(AttuneModel())
