"""The registered networks as one ONNX file: batches of waveforms of any lengths in, scores and attention out."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from attune.errors import AttuneError
from attune.served.ensemble import Ensemble
from attune.served.onnx_network import Exported, the_model
from attune.signal import WINDOW
from attune.storage.files import whole_file
from attune.tasks import to_text

TOLERANCE = 1e-4
_OPSET = 20


def write(ensemble: Ensemble, path: Path) -> float:
    """Write an ensemble as ONNX, after comparing its outputs with the networks'.

    Inputs are `samples`, float32 (batch, samples) in [-1, 1) at the ensemble's sample rate, padded with anything, and
    `lengths`, int64 (batch,). Outputs are per task `<task>` (batch,) on its scale if it is rated,
    `<task>_probabilities` (batch, classes) and, with attention, `<task>_attention` (batch, windows), which is zero
    beyond an utterance's own windows.

    Returns:
        The largest difference found.

    Raises:
        AttuneError: onnx is not installed, cannot express the networks, or differs by more than `TOLERANCE`.
    """
    with whole_file(path) as file:
        try:
            _export(ensemble, file)
            difference = largest_difference(ensemble, file)
        except ImportError as error:
            raise AttuneError(f"exporting needs onnx ({error})", remedy="pip install 'attune-speech[export]'") from None
        except torch.onnx.OnnxExporterError as error:
            reason = str(error.__cause__ or error).strip().partition("\n")[0]
            raise AttuneError(
                f"these networks cannot be written as ONNX ({reason})",
                where=path,
                remedy="Serve the registered version itself: `attune serve`. A front end of your own may need its own "
                "form in src/attune/served/onnx_network.py.",
            ) from error
        if difference > TOLERANCE:
            raise AttuneError(
                f"ONNX's answers differ by {difference:.2g}, more than {TOLERANCE}",
                where=path,
                remedy="Serve the registered version itself: `attune serve`.",
            )
    return difference


def _export(ensemble: Ensemble, path: Path) -> None:
    example = (torch.zeros(2, 3 * WINDOW), torch.tensor([3 * WINDOW, 2 * WINDOW]))
    with _silence(), torch.no_grad():
        program = torch.onnx.export(
            Exported(ensemble).eval(),
            example,
            input_names=["samples", "lengths"],
            output_names=_names(ensemble),
            dynamic_shapes=({0: "batch", 1: "time"}, {0: "batch"}),
            opset_version=_OPSET,
            dynamo=True,
            optimize=False,
            verbose=False,
        )
    assert program is not None
    facts: dict[str, object] = {
        "sample_rate": ensemble.sample_rate,
        "hop_seconds": ensemble.hop,
        "window_seconds": ensemble.window,
    }
    facts |= {"tasks": to_text(ensemble.tasks)}
    program.model.metadata_props.update({f"attune.{name}": str(value) for name, value in facts.items()})
    program.save(path, external_data=False)


def _names(ensemble: Ensemble) -> list[str]:
    more = ["_probabilities"] + ["_attention"] * _attends(ensemble)
    return [f"{task.name}{part}" for task in ensemble.tasks for part in ([""] if task.rated else []) + more]


def _attends(ensemble: Ensemble) -> bool:
    networks = [network for member in ensemble.members for network in the_model(member).networks.values()]
    return all(network.attends for network in networks)


@contextmanager
def _silence() -> Iterator[None]:
    """Silence the exporter's verbose warnings and log messages."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir", "torch.export")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for logger in loggers:
                logger.setLevel(logging.ERROR)
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def largest_difference(ensemble: Ensemble, path: Path, seconds: Sequence[float] = (0.1, 0.73, 2.0, 5.0)) -> float:
    """Return the largest difference between an ONNX file and the networks, on a batch of noise of these lengths.

    That of scores is a share of their scale.
    """
    import onnxruntime

    scales = {task.name: task.scale for task in ensemble.tasks}
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    generator = np.random.default_rng(0)
    lengths = np.array([int(length * ensemble.sample_rate) for length in seconds], dtype=np.int64)
    samples = generator.normal(0, 0.1, (len(lengths), lengths.max())).clip(-1, 0.999).astype(np.float32)
    names = _names(ensemble)
    answer = dict(zip(names, session.run(names, {"samples": samples, "lengths": lengths}), strict=True))
    differences = [0.0]
    for row, prediction in enumerate(ensemble.predict([samples[i, :n] for i, n in enumerate(lengths)])):
        for task in prediction.probabilities:
            if task in prediction.scores:
                apart = abs(float(answer[task][row]) - prediction.scores[task])
                differences.append(apart / (scales[task][1] - scales[task][0]))
            differences.append(np.abs(answer[f"{task}_probabilities"][row] - prediction.probabilities[task]).max())
            if prediction.attention is not None:
                expected = np.zeros(answer[f"{task}_attention"].shape[1], np.float32)
                expected[: len(prediction.attention[task])] = prediction.attention[task]
                differences.append(np.abs(answer[f"{task}_attention"][row] - expected).max())
    return float(max(differences))
