"""Checkpoints come back whole or are refused."""

import hashlib

import pytest
import torch
from safetensors.torch import save

from attune.errors import AttuneError
from attune.training import checkpoint
from attune.training.checkpoint import Checkpoint
from attune.training.history import Epoch

CHECKPOINT = Checkpoint(
    weights={"front_end.weight": torch.tensor([1.0, 2.0])},
    average={"front_end.weight": torch.tensor([1.5, 2.5])},
    moments={0: {"step": torch.tensor(3.0), "exp_avg": torch.tensor([0.5])}},
    best_weights={"front_end.weight": torch.tensor([3.0, 4.0])},
    history=[Epoch("joint", 1, 1.25, 2.5, {"arousal": 1 / 3})],
)


def flat(saved: Checkpoint) -> dict[str, torch.Tensor]:
    moments = {f"{number} {name}": t for number, state in saved.moments.items() for name, t in state.items()}
    return {
        **{f"w {n}": t for n, t in saved.weights.items()},
        **{f"a {n}": t for n, t in saved.average.items()},
        **{f"b {n}": t for n, t in saved.best_weights.items()},
        **moments,
    }


def test_what_is_written_is_what_is_read(tmp_path):
    checkpoint.write(tmp_path / "c", CHECKPOINT, "this")
    found = checkpoint.read(tmp_path / "c", "this")
    assert found.history == CHECKPOINT.history
    torch.testing.assert_close(flat(found), flat(CHECKPOINT), rtol=0, atol=0)


def test_nothing_but_the_checkpoint_is_left_in_its_folder(tmp_path):
    checkpoint.write(tmp_path / "c", CHECKPOINT, "this")
    checkpoint.write(tmp_path / "c", CHECKPOINT, "this")
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_a_checkpoint_of_other_inputs_is_refused(tmp_path):
    checkpoint.write(tmp_path / "c", CHECKPOINT, "this")
    with pytest.raises(AttuneError, match="other data, parameters or code"):
        checkpoint.read(tmp_path / "c", "that")


def test_a_checkpoint_with_any_byte_changed_or_missing_is_refused(tmp_path):
    path = tmp_path / "c"
    checkpoint.write(path, CHECKPOINT, "this")
    content = path.read_bytes()
    for position in range(0, len(content), 7):
        path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
        with pytest.raises(AttuneError, match="damaged"):
            checkpoint.read(path, "this")
    for size in (0, 10, 40, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(AttuneError, match="damaged"):
            checkpoint.read(path, "this")


def test_a_whole_file_of_something_else_is_refused(tmp_path):
    content = save({"weight": torch.zeros(2)})
    (tmp_path / "c").write_bytes(hashlib.sha256(content).digest() + content)
    with pytest.raises(AttuneError, match="not a checkpoint"):
        checkpoint.read(tmp_path / "c", "this")
