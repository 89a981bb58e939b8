"""WAV headers of any content: what is consistent is read sample for sample, all else is refused by name."""

import io
import struct

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sounds import NOISE, chunk

from attune.waveform.audio import AudioError, measure
from attune.waveform.decoding.reading import opened

NAMES = st.sampled_from([b"JUNK", b"PAD ", b"minf", b"elm1", b"regn"])
CHUNKS = st.lists(st.builds(chunk, NAMES, st.binary(max_size=9)), max_size=3).map(b"".join)
EXTENSIBLE = bytes.fromhex("0100000000001000800000aa00389b71")


def form(tag: int, channels: int, rate: int, per_second: int, align: int, bits: int, more: bytes = b"") -> bytes:
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, per_second, align, bits) + more)


def wav(body: bytes, size: int | None = None) -> io.BytesIO:
    return io.BytesIO(b"RIFF" + struct.pack("<I", len(body) + 4 if size is None else size) + b"WAVE" + body)


@settings(max_examples=60)
@given(
    channels=st.integers(1, 8),
    frames=st.integers(1, 300),
    before=CHUNKS,
    between=CHUNKS,
    after=CHUNKS,
    size=st.sampled_from([None, 0, 0xFFFFFFFF]),
    extensible=st.booleans(),
)
def test_a_consistent_header_gives_every_sample_whatever_is_around(
    channels, frames, before, between, after, size, extensible
):
    pcm = np.resize(NOISE, (frames, channels))
    more = struct.pack("<HHI", 22, 16, 0) + EXTENSIBLE if extensible else b""
    head = form(0xFFFE if extensible else 1, channels, 16000, 32000 * channels, 2 * channels, 16, more)
    body = before + head + between + chunk(b"data", pcm.tobytes()) + after
    with opened(wav(body, size)) as stream:
        read = np.concatenate(list(stream.blocks))
    np.testing.assert_array_equal(read * 32768, pcm)


NUMBER = st.one_of(st.integers(0, 70), st.sampled_from([16000, 44100, 0x7FFF, 0x8000, 0xFFFF]))
LONG = st.one_of(NUMBER, st.sampled_from([0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]))


@settings(max_examples=150)
@given(
    fields=st.tuples(NUMBER, NUMBER, LONG, LONG, NUMBER, NUMBER),
    more=st.binary(max_size=30),
    stated=LONG,
    size=LONG,
    data=st.binary(max_size=200),
)
@example(fields=(1, 0, 16000, 32000, 2, 16), more=b"", stated=8, size=44, data=bytes(8))
@example(fields=(3, 1, 16000, 64000, 4, 32), more=b"", stated=8, size=44, data=b"\xff" * 8)
@example(fields=(0x55, 2, 44100, 1, 1, 0), more=b"", stated=8, size=44, data=b"\xff\xfb" * 40)
def test_any_other_header_is_refused_or_read_to_no_more_than_is_there(fields, more, stated, size, data):
    body = form(*fields, more) + b"data" + struct.pack("<I", stated) + data
    try:
        facts = measure(wav(body, size), longest=60)
    except AudioError:
        return
    assert 0 < facts.frames * facts.channels <= 70 * len(body)  # the densest coding has 65 samples in a byte or so
    assert np.isfinite(facts.peak)
