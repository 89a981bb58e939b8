"""Files as recorders and programs write them: each is read sample for sample, or refused by name."""

import struct

import numpy as np
import pytest
import soundfile
from sounds import NOISE, chunk, rf64, riff, shell

from attune.waveform.audio import AudioError, hear, measure

BYTES = NOISE.tobytes()
TAG = b"ID3\x03\0\0\0\0\0\x0a" + bytes(10)
WITH_FOOTER = b"ID3\x04\0\x10\0\0\0\x0a" + bytes(10) + b"3DI\x04\0\x10\0\0\0\x0a"
LIST = b"LIST" + struct.pack("<I", 7) + b"INFOabc"


def extensible(kind: int, bits: int, valid: int, data: bytes) -> bytes:
    guid = struct.pack("<H", kind) + bytes.fromhex("000000001000800000aa00389b71")
    head = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 16000, 2000 * bits, bits // 8, bits, 22, valid, 4)
    body = b"WAVE" + chunk(b"fmt ", head + guid) + chunk(b"data", data)
    return b"RIFF" + struct.pack("<I", len(body)) + body


READ = {
    "BW64": b"BW64" + rf64(BYTES, len(BYTES))[4:],
    "BW64, length open": b"BW64" + rf64(BYTES, 0)[4:],
    "an ID3 tag before a WAV": TAG + riff(BYTES),
    "an ID3 tag with a footer": WITH_FOOTER + riff(BYTES),
    "a chunk of odd length that is not padded": riff(BYTES, after=LIST + chunk(b"id3 ", b"ID3x")),
    "a chunk of odd length at the end": riff(BYTES, after=LIST),
    "20 of 24 bits": extensible(1, 24, 20, b"".join(struct.pack("<i", v << 8)[:3] for v in NOISE.tolist())),
    "24 of 32 bits": extensible(1, 32, 24, (NOISE.astype("<i4") << 16).tobytes()),
    "12 of 16 bits": extensible(1, 16, 12, BYTES),
    "float": extensible(3, 32, 32, (NOISE / 32768).astype("<f4").tobytes()),
}


@pytest.mark.parametrize("name", READ)
def test_every_sample_of_an_odd_wav_is_read(tmp_path, name):
    (tmp_path / "odd.wav").write_bytes(READ[name])
    heard = hear(tmp_path / "odd.wav", 16000)
    np.testing.assert_array_equal(heard.pcm, NOISE)
    assert heard.warnings == []


def nist(samples: int, data: bytes) -> bytes:
    fields = f"sample_count -i {samples}\nsample_rate -i 16000\nchannel_count -i 1\nsample_n_bytes -i 2\n"
    head = (
        f"NIST_1A\n   1024\n{fields}sample_byte_format -s2 01\nsample_sig_bits -i 16\nsample_coding -s3 pcm\nend_head\n"
    )
    return head.encode().ljust(1024) + data


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (nist(len(NOISE), BYTES), None),
        (nist(len(NOISE), BYTES[:-2000]), "truncated"),
        (nist(len(NOISE) // 4, BYTES), "overlong"),
    ],
)
def test_a_length_in_a_sphere_header_is_held_against_what_is_there(tmp_path, content, fault):
    (tmp_path / "a.wav").write_bytes(content)  # TIMIT calls them so
    if fault is None:
        np.testing.assert_array_equal(hear(tmp_path / "a.wav", 16000).pcm, NOISE)
        return
    with pytest.raises(AudioError) as caught:
        measure(tmp_path / "a.wav")
    assert caught.value.fault == fault


@pytest.mark.parametrize("form", ["VOC", "SVX", "HTK", "AVR", "MAT5"])
def test_a_container_of_which_nobody_knows_whether_it_is_whole_is_refused_with_the_way_out(tmp_path, form):
    soundfile.write(tmp_path / "a.x", NOISE, 16000, format=form, subtype="PCM_16")
    with pytest.raises(AudioError, match=f"is {form}, a format that does not show.*\n  Convert it first: ffmpeg"):
        measure(tmp_path / "a.x")


def test_an_mp3_is_read_in_a_folder_that_a_mac_has_shared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.wav").write_bytes(riff(BYTES))
    shell("lame --quiet a.wav a.mp3", tmp_path)
    whole = hear(tmp_path / "a.mp3", 16000).pcm
    (tmp_path / ".AppleDouble").mkdir()  # in which libsndfile looks for the rest of a file that has no name
    np.testing.assert_array_equal(hear(tmp_path / "a.mp3", 16000).pcm, whole)
