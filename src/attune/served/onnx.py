"""The registered networks as one ONNX file: waveforms of any lengths side by side in, scores and attention out."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from attune.errors import AttuneError
from attune.files import whole_file
from attune.model import direct
from attune.model.branch import Output
from attune.model.bundle import Model, Predictor
from attune.model.front_ends.paper import FrontEnd
from attune.served.ensemble import Ensemble
from attune.signal import HOP, WINDOW
from attune.tasks import to_text

TOLERANCE = 1e-4
_BLOCK = HOP // 2  # of features, which are pooled by two in time
_OPSET = 20


def write(ensemble: Ensemble, path: Path) -> float:
    """Write an ensemble as ONNX, after holding what it says against what the networks say.

    Inputs are `samples`, float32 (batch, samples) in [-1, 1) at the ensemble's sample rate, padded with anything, and
    `lengths`, int64 (batch,). Outputs are per task `<task>` (batch,) on its scale where it is rated,
    `<task>_probabilities` (batch, classes) and, with attention, `<task>_attention` (batch, windows), which is zero
    beyond an utterance's own windows.

    Returns:
        The largest difference found.

    Raises:
        AttuneError: onnx is not installed, or the two differ by more than `TOLERANCE`.
    """
    with whole_file(path) as file:
        _export(ensemble, file)
        difference = largest_difference(ensemble, file)
        if difference > TOLERANCE:
            raise AttuneError(f"ONNX's answers differ by {difference:.2g}, more than {TOLERANCE}", where=path)
    return difference


def _export(ensemble: Ensemble, path: Path) -> None:
    example = (torch.zeros(2, 3 * WINDOW), torch.tensor([3 * WINDOW, 2 * WINDOW]))
    try:
        with _silence(), torch.no_grad():
            program = torch.onnx.export(
                _Exported(ensemble).eval(),
                example,
                input_names=["samples", "lengths"],
                output_names=_names(ensemble),
                dynamic_shapes=({0: "batch", 1: "time"}, {0: "batch"}),
                opset_version=_OPSET,
                dynamo=True,
                optimize=False,
                verbose=False,
            )
    except ImportError as error:
        raise AttuneError(f"exporting needs onnx ({error})", remedy="pip install 'attune-speech[export]'") from None
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
    networks = [network for member in ensemble.members for network in _model(member).networks.values()]
    return all(network.attends for network in networks)


def _model(member: Predictor) -> Model:
    if not isinstance(member, Model):
        raise AttuneError(f"{member.description.system} does not hear the waveform itself, and so has no form in ONNX")
    return member


@contextmanager
def _silence() -> Iterator[None]:
    """The exporter speaks of its own affairs at length."""
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


class _Exported(nn.Module):
    """The mean over folds of what each fold's networks say, in operations that ONNX has."""

    def __init__(self, ensemble: Ensemble) -> None:
        super().__init__()
        self.folds = nn.ModuleList(_Fold(_model(member)) for member in ensemble.members)

    def forward(self, samples: Tensor, lengths: Tensor) -> tuple[Tensor, ...]:
        windows = 1 + (lengths - WINDOW).clamp(min=0) // HOP
        waves = nn.functional.pad(samples, (0, WINDOW))[:, : WINDOW + samples.shape[1] // HOP * HOP]
        ends = torch.minimum(lengths, WINDOW + HOP * (windows - 1))
        inside = torch.arange(waves.shape[1]) < ends[:, None]
        answers = [fold(waves, inside, windows) for fold in self.folds]
        return tuple(torch.stack(same).mean(0) for same in zip(*answers, strict=True))


class _Fold(nn.Module):
    """One fold's networks."""

    def __init__(self, member: Model) -> None:
        super().__init__()
        self.about = member.description
        self.networks = list(member.networks.values())
        self.front_ends = nn.ModuleList(network.front_end for network in self.networks)
        self.branches = nn.ModuleDict({task: n.branch(task) for n in self.networks for task in n.tasks})
        self.recurrent = nn.ModuleDict(
            {task: _Recurrent(n.branch(task).gru) for n in self.networks for task in n.tasks}
        )

    def forward(self, waves: Tensor, inside: Tensor, windows: Tensor) -> list[Tensor]:
        standardised = torch.where(inside, (waves - self.about.mean) / self.about.std, 0.0)
        outputs: dict[str, Output] = {}
        for network in self.networks:
            front_end = cast(FrontEnd, network.front_end)
            flattened = _window(front_end.convolve(direct, standardised, windows))
            for task in network.tasks:
                outputs[task] = network.branch(task).decide(self.recurrent[task](flattened), windows)
        values = self.about.class_values
        return [part for task in self.about.tasks for part in _answer(outputs[task.name], values.get(task.name))]


class _Recurrent(nn.Module):
    """ONNX's own GRU, put in by hand, for torch's exporter has none."""

    def __init__(self, gru: nn.GRU) -> None:
        super().__init__()
        self.hidden = gru.hidden_size
        for layer, (of_inputs, of_states, bias, state_bias) in enumerate(gru.all_weights):
            biases = torch.cat([_reorder(bias), _reorder(state_bias)])
            self.register_buffer(f"layer{layer}_inputs", _reorder(of_inputs)[None])
            self.register_buffer(f"layer{layer}_states", _reorder(of_states)[None])
            self.register_buffer(f"layer{layer}_biases", biases[None])
        self.layers = gru.num_layers

    def forward(self, inputs: Tensor) -> Tensor:
        signal = inputs.transpose(0, 1)
        for layer in range(self.layers):
            weights = [self.get_buffer(f"layer{layer}_{name}") for name in ("inputs", "states", "biases")]
            states = torch.onnx.ops.symbolic(
                "GRU",
                [signal, *weights],
                {"hidden_size": self.hidden, "linear_before_reset": 1},
                dtype=signal.dtype,
                shape=(signal.shape[0], 1, signal.shape[1], self.hidden),
            )
            signal = states[:, 0]
        return signal.transpose(0, 1)


def _reorder(weights: Tensor) -> Tensor:
    """From torch's order of the gates, reset, update, new, to ONNX's: update, reset, new."""
    reset, update, new = weights.detach().chunk(3)
    return torch.cat([update, reset, new])


def _window(features: Tensor) -> Tensor:
    """`attune.model.front_ends.paper.window` from slices, for ONNX has no unfold of unknown lengths."""
    blocks = features.view(*features.shape[:2], -1, _BLOCK)
    hops = WINDOW // HOP
    count = blocks.shape[2] - hops + 1
    return torch.cat([blocks[:, :, k : k + count] for k in range(hops)], 3).permute(1, 2, 0, 3).flatten(2)


def _answer(output: Output, values: Sequence[float] | None) -> list[Tensor]:
    probabilities = output.logits.softmax(1)
    answer = [probabilities] if values is None else [probabilities @ torch.tensor(values), probabilities]
    return answer if output.attention is None else [*answer, output.attention]


def largest_difference(ensemble: Ensemble, path: Path, seconds: Sequence[float] = (0.1, 0.73, 2.0, 5.0)) -> float:
    """The largest difference between an ONNX file and the networks, on noise of these lengths, side by side."""
    import onnxruntime

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
                differences.append(abs(answer[task][row] - prediction.scores[task]))
            differences.append(np.abs(answer[f"{task}_probabilities"][row] - prediction.probabilities[task]).max())
            if prediction.attention is not None:
                expected = np.zeros(answer[f"{task}_attention"].shape[1], np.float32)
                expected[: len(prediction.attention[task])] = prediction.attention[task]
                differences.append(np.abs(answer[f"{task}_attention"][row] - expected).max())
    return float(max(differences))
