"""Encoders of each family: what transformers computes, whatever is beside an utterance; and what is refused."""

import copy
import json
import shutil
import sys

import numpy as np
import pytest
import tiny_encoders
import torch

from attune.errors import AttuneError
from attune.features import encoder, encoder_folder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=tiny_encoders.FAMILIES)
def made(request, tmp_path_factory):
    """A family, its folder, and the model of transformers that was written there."""
    folder = tmp_path_factory.mktemp(request.param)
    return request.param, folder, tiny_encoders.write(folder, request.param)


@pytest.fixture(scope="module")
def wavlm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wavlm")
    tiny_encoders.write(folder, "wavlm")
    return folder


def noise(samples: int, seed: int = 1) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(0, 0.1, samples).astype(np.float32))


@torch.no_grad()
def theirs(family, model, waveform):
    """All layers' frames as transformers gives them, (frames, layers, width)."""
    if family == "whisper":
        from transformers import WhisperFeatureExtractor

        mel = WhisperFeatureExtractor()(waveform.numpy(), sampling_rate=16000, return_tensors="pt").input_features
        states = model.get_encoder()(mel, output_hidden_states=True).hidden_states
    else:
        states = model(waveform[None], output_hidden_states=True).hidden_states
    return torch.stack(states, 2)[0]


@torch.no_grad()
def test_frames_are_those_of_transformers_every_20_ms(made):
    family, folder, model = made
    read, waveform = encoder.read(folder), noise(16_000 - 16_000 % 320 + 80)
    found = read(waveform)
    assert (read.hop, read.field, read.layers, read.width) == (320, 400, tiny_encoders.LAYERS, tiny_encoders.WIDTH)
    assert found.shape == (50, 3, 16)
    torch.testing.assert_close(found, theirs(family, model, waveform)[:50], rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_what_is_left_over_after_the_last_whole_frame_does_not_count_and_a_short_sound_has_one_frame(made):
    read = encoder.read(made[1])
    waveform = noise(8000 + 80)
    torch.testing.assert_close(read(waveform), read(torch.cat([waveform, noise(300, 2)])))
    assert read(noise(100)).shape[0] == read.count(100) == 1


@torch.no_grad()
def test_an_encoder_built_again_from_its_tensors_says_the_same(made):
    read = encoder.read(made[1])
    again = encoder.rebuild(read.settings, read.state_dict())
    torch.testing.assert_close(again(noise(4000)), read(noise(4000)))


@torch.no_grad()
def test_whisper_hears_long_utterances_thirty_seconds_at_a_time(tmp_path):
    tiny_encoders.write(tmp_path, "whisper")
    read, waveform = encoder.read(tmp_path), noise(40 * 16_000)
    found = read(waveform)
    assert len(found) == read.count(40 * 16_000)
    torch.testing.assert_close(found[1500:1990], read(waveform[30 * 16_000 :])[:490])


@torch.no_grad()
def test_an_encoder_that_wants_its_input_normalised_gets_it_so(wavlm, tmp_path):
    shutil.copytree(wavlm, tmp_path, dirs_exist_ok=True)
    (tmp_path / "preprocessor_config.json").write_text('{"do_normalize": true}')
    read, waveform = encoder.read(tmp_path), noise(4000)[: 400 + 320 * 10]
    torch.testing.assert_close(read(waveform), read(3 * waveform + 0.1), rtol=1e-3, atol=1e-3)
    plain = encoder.read(wavlm)
    assert not torch.allclose(plain(waveform), plain(3 * waveform + 0.1), rtol=1e-3, atol=1e-3)


@torch.no_grad()
def test_a_checkpoint_in_half_precision_is_computed_in_single_precision(made, tmp_path):
    _, folder, model = made
    copy.deepcopy(model).half().save_pretrained(tmp_path)
    read, whole, waveform = encoder.read(tmp_path), encoder.read(folder), noise(4000)
    again = encoder.rebuild(read.settings, read.state_dict())
    torch.testing.assert_close(read(waveform), whole(waveform), rtol=0.05, atol=0.05)
    torch.testing.assert_close(again(waveform), read(waveform))


@torch.no_grad()
def test_what_config_json_leaves_out_is_as_transformers_has_it(wavlm, tmp_path):
    shutil.copytree(wavlm, tmp_path, dirs_exist_ok=True)
    told = json.loads((wavlm / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({key: told[key] for key in told if key != "conv_kernel"}))
    torch.testing.assert_close(encoder.read(tmp_path)(noise(4000)), encoder.read(wavlm)(noise(4000)))


def test_frames_that_are_no_numbers_are_refused(wavlm):
    read = encoder.read(wavlm)
    torch.nn.init.constant_(read.model.encoder.layer_norm.bias, 1e6)
    with pytest.raises(AttuneError, match=r"frames are not numbers, or too large for half(.|\n)*another checkpoint"):
        encoder.encoded(read, noise(1000).numpy(), torch.device("cpu"))


def test_a_config_json_that_transformers_refuses_is_named(wavlm, tmp_path):
    shutil.copytree(wavlm, tmp_path, dirs_exist_ok=True)
    tiny_encoders.change(tmp_path, num_hidden_layers="two")
    with pytest.raises(AttuneError, match=r"config\.json: cannot be read(.|\n)*one complete checkpoint"):
        encoder.read(tmp_path)


def test_a_pickle_is_refused_by_name_and_never_opened(wavlm, tmp_path):
    (tmp_path / "config.json").write_bytes((wavlm / "config.json").read_bytes())
    (tmp_path / "pytorch_model.bin").write_bytes(b"not even a pickle")
    with pytest.raises(AttuneError, match=r"as a pickle, pytorch_model\.bin(.|\n)*model\.safetensors"):
        encoder.read(tmp_path)


def test_weights_of_another_shape_and_weights_that_are_missing_are_refused(wavlm, tmp_path):
    shutil.copytree(wavlm, tmp_path / "a")
    tiny_encoders.change(tmp_path / "a", intermediate_size=48)
    with pytest.raises(AttuneError, match="weights of another shape than its"):
        encoder.read(tmp_path / "a")
    shutil.copytree(wavlm, tmp_path / "b")
    tiny_encoders.change(tmp_path / "b", num_hidden_layers=3)
    with pytest.raises(AttuneError, match=r"lacks \d+ of the weights .*encoder\.layers\.2"):
        encoder.read(tmp_path / "b")


@pytest.mark.parametrize("changed", [{"model_type": "wav2vec2"}, {"num_hidden_layers": 1}])
def test_weights_that_another_config_json_would_leave_out_are_refused(wavlm, tmp_path, changed):
    shutil.copytree(wavlm, tmp_path, dirs_exist_ok=True)
    tiny_encoders.change(tmp_path, **changed)
    with pytest.raises(AttuneError, match=r"has \d+ weights that its config\.json does not ask for.*encoder\.layers\."):
        encoder.read(tmp_path)


def test_damaged_weights_and_another_family_are_refused(wavlm, tmp_path):
    shutil.copytree(wavlm, tmp_path / "a")
    (tmp_path / "a" / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(AttuneError, match=r"model\.safetensors: cannot be read(.|\n)*one complete checkpoint"):
        encoder.read(tmp_path / "a")
    (tmp_path / "a" / "model.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    with pytest.raises(AttuneError, match=r"model\.safetensors: is a pointer of Git LFS(.|\n)*git lfs pull"):
        encoder.read(tmp_path / "a")
    shutil.copytree(wavlm, tmp_path / "b")
    tiny_encoders.change(tmp_path / "b", model_type="bert")
    with pytest.raises(AttuneError, match=r"of the family .bert.(.|\n)*Supported are wavlm, hubert, wav2vec2, whisper"):
        encoder.read(tmp_path / "b")


def test_an_encoder_for_audio_at_another_rate_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "wav2vec2"}')
    (tmp_path / "model.safetensors").touch()
    (tmp_path / "preprocessor_config.json").write_text('{"sampling_rate": 8000}')
    with pytest.raises(AttuneError, match=r"preprocessor_config\.json: is for audio at 8000 Hz\n.*for 16000 Hz"):
        encoder.read(tmp_path)


def test_a_folder_without_an_encoder_says_what_to_put_there(tmp_path):
    with pytest.raises(AttuneError, match=r"no config\.json(.|\n)*ssl\.folder"):
        encoder.read(tmp_path)


def test_without_transformers_one_message_says_how_to_install_it_or_do_without(wavlm, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(AttuneError, match=r"transformers, which is not installed(.|\n)*attune-speech\[ssl\]"):
        encoder.read(wavlm)


def test_the_digest_is_of_configuration_and_weights_and_of_nothing_else(wavlm, tmp_path):
    encoder_folder.copy(wavlm, tmp_path / "a")
    (tmp_path / "a" / "README.md").write_text("a note")
    assert encoder_folder.digest(tmp_path / "a") == encoder_folder.digest(wavlm)
    tiny_encoders.change(tmp_path / "a", more=1)
    assert encoder_folder.digest(tmp_path / "a") != encoder_folder.digest(wavlm)
