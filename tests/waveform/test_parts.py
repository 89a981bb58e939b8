"""Parts of a recording that was decoded once are, in every fact and sample, what each is alone."""

import resource

import numpy as np
import pytest
import soundfile

from attune.validation import facts
from attune.waveform import parts as module
from attune.waveform.audio import AudioError, Span, hear
from attune.waveform.decoding import plain
from attune.waveform.parts import decoded_once

FORMS = {
    "flac": ("FLAC", "PCM_16", 44100, 2),
    "mp3": ("MP3", "MPEG_LAYER_III", 44100, 2),
    "ogg": ("OGG", "VORBIS", 22050, 1),
    "wav": ("WAV", "PCM_24", 16000, 1),
}
SPANS = [Span(0.0, 0.4), Span(3.9, 4.2), Span(4.0, 9.0), Span(9.5, 10.0), Span(11.0, 12.0), Span(9.9, None)]


@pytest.fixture
def root(tmp_path):
    rng = np.random.default_rng(1)
    for name, (form, coding, rate, channels) in FORMS.items():
        sound = np.cumsum(rng.normal(size=(10 * rate, channels)), axis=0)
        soundfile.write(tmp_path / f"a.{name}", 0.5 * sound / np.abs(sound).max(), rate, coding, format=form)
    return tmp_path


def shared(root, audio, spans=SPANS):
    rows = ((number, (audio, span)) for number, span in enumerate(spans))
    return [part for _, part in decoded_once(rows, root.joinpath, root / "out")]


def heard(source, span):
    try:
        found = hear(source, 16000, span=span)
    except AudioError as error:
        return str(error)
    return found.pcm.tobytes(), found.facts


@pytest.mark.parametrize("audio", [f"a.{name}" for name in FORMS])
def test_they_are_what_each_is_alone(audio, root):
    for part in shared(root, audio):
        assert part.unpacked is not None
        assert facts.measure(root, *part) == facts.measure(root, audio, part.span)
        assert heard(part.unpacked, part.span) == heard(root / audio, part.span)


def test_a_recording_is_decoded_once_for_all_its_parts_and_no_further_than_they_reach(root, monkeypatch):
    decoded = []

    def opened(source):
        stream = reading(source)
        decoded.append(source)
        return stream

    reading = module.opened
    monkeypatch.setattr(module, "opened", opened)
    found = shared(root, "a.flac", [Span(second / 10, second / 10 + 0.1) for second in range(20)])
    assert decoded == [root / "a.flac"]
    assert len({id(part.unpacked) for part in found}) == 1
    assert found[0].unpacked._file.seek(0, 2) < 8 * 44100 * 6


@pytest.mark.parametrize("audio", ["a.flac", "a.mp3"])
def test_what_is_before_the_first_part_is_not_kept(audio, root):
    late = [span for span in SPANS if span.start > 3]
    for part in shared(root, audio, late):
        assert part.unpacked._file.seek(0, 2) < 8 * 44100 * 8
        assert heard(part.unpacked, part.span) == heard(root / audio, part.span)
    beyond = [Span(start, start + 0.5) for start in (11.0, 12.0, 13.0, 14.0)]
    for part in shared(root, audio, beyond):
        assert "lasts 10" in heard(part.unpacked, part.span)
        assert heard(part.unpacked, part.span) == heard(root / audio, part.span)


def test_one_of_few_parts_and_what_is_read_from_anywhere_are_left_as_they_are(root):
    soundfile.write(root / "plain.wav", np.zeros(160000), 16000, "PCM_16")
    assert {part.unpacked for part in [*shared(root, "a.flac", SPANS[:3]), *shared(root, "plain.wav")]} == {None}


def test_of_a_damaged_recording_each_part_is_read_alone_up_to_the_damage(root):
    content = (root / "a.flac").read_bytes()
    (root / "a.flac").write_bytes(content[: len(content) // 2])
    spans = [Span(0.1 * start, 0.1 * start + 0.1) for start in range(5)]
    found = shared(root, "a.flac", [*spans, Span(9.0, 9.5)])
    assert {part.unpacked for part in found} == {None}
    assert [facts.measure(root, *part).fault for part in found] == ["none"] * 5 + ["truncated"]


def test_nothing_is_lost_where_what_was_decoded_does_not_fit_on_the_disk(root):
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, usual[1]))  # the kernel refuses larger files
    try:
        found = shared(root, "a.flac")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert {part.unpacked for part in found} == {None}
    assert heard(root / "a.flac", found[0].span)[1].frames


def test_a_late_part_of_a_plain_recording_is_read_without_what_is_before_it(root, monkeypatch):
    rng = np.random.default_rng(1)
    soundfile.write(root / "plain.wav", rng.uniform(-0.5, 0.5, 60 * 16000), 16000, "PCM_16")
    whole = hear(root / "plain.wav", 16000).pcm
    read = []

    def steps(file, *given):
        for block in original(file, *given):
            read.append(len(block))
            yield block

    original = plain.steps
    monkeypatch.setattr(plain, "steps", steps)
    for start, end in ((50.0, 51.0), (8.191, 8.193), (0.0, 0.5), (59.5, None)):
        read.clear()
        found = hear(root / "plain.wav", 16000, span=Span(start, end)).pcm
        assert np.array_equal(found, whole[round(16000 * start) : end and round(16000 * end)])
        assert sum(read) <= 2 * (1 << 17)
    with pytest.raises(AudioError, match="lasts 60 s; 61 s to 62 s was requested"):
        hear(root / "plain.wav", 16000, span=Span(61.0, 62.0))
