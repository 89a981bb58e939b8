"""A length in a header is a claim: what is read is what ffmpeg reads, or the file is refused by name."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sounds import NOISE, by_ffmpeg, chunk, rf64, riff, shell

from attune.waveform.audio import AudioError, measure
from attune.waveform.decoding.reading import opened

pytestmark = pytest.mark.slow

BYTES = NOISE.tobytes()
RAW = "--force-raw-format --endian=little --sign=signed --channels=1 --bps=16 --sample-rate=22050"

MADE = {
    "vbr without a Xing header.mp3": "lame --quiet -t -V 4 speech.wav OUT",
    "cbr without a Xing header.mp3": "lame --quiet -t -b 64 speech.wav OUT",
    "with a Xing header.mp3": "lame --quiet -V 4 speech.wav OUT",
    "with an Info header.mp3": "lame --quiet -b 64 speech.wav OUT",
    "lame to a pipe.mp3": "lame --quiet -V 4 speech.wav - | cat > OUT",
    "ffmpeg to a pipe.mp3": "ffmpeg -loglevel error -i speech.wav -f mp3 - | cat > OUT",
    "with tags.mp3": "lame --quiet -t -V 4 --tt hello --add-id3v2 speech.wav OUT",
    "behind other bytes.mp3": "lame --quiet -t -V 4 speech.wav x.mp3; (head -c 3000 /dev/zero; cat x.mp3) > OUT",
    "joined.mp3": "lame --quiet -V 4 speech.wav x.mp3; lame --quiet -t -V 4 speech.wav y.mp3; cat x.mp3 y.mp3 > OUT",
    "8 kHz.mp3": "ffmpeg -loglevel error -i speech.wav -ar 8000 -c:a libmp3lame OUT",
    "stereo.mp3": "lame --quiet -m j -V 4 stereo.wav OUT",
    "layer 2.mp2": "ffmpeg -loglevel error -i speech.wav -c:a mp2 OUT",
    "mp3 in a wav.wav": "ffmpeg -loglevel error -i speech.wav -c:a libmp3lame OUT",
    "flac.flac": "flac -s -o OUT speech.wav",
    "flac to a pipe.flac": "flac -s -c speech.wav | cat > OUT",
    "ffmpeg to a pipe.flac": "ffmpeg -loglevel error -i speech.wav -f flac - | cat > OUT",
    "raw through flac -c.flac": f"ffmpeg -loglevel error -i speech.wav -f s16le - | flac -s -c {RAW} - > OUT",
    "with a tag behind.flac": "flac -s -o x.flac speech.wav; (cat x.flac; printf TAG; head -c 125 /dev/zero) > OUT",
    "vorbis.ogg": "ffmpeg -loglevel error -i speech.wav -c:a libvorbis OUT",
    "vorbis to a pipe.ogg": "ffmpeg -loglevel error -i speech.wav -c:a libvorbis -f ogg - | cat > OUT",
    "ffmpeg to a pipe.wav": "ffmpeg -loglevel error -i speech.wav -f wav - | cat > OUT",
    "sox to a pipe.wav": "sox speech.wav -t wav - | cat > OUT",
    "rf64.wav": "ffmpeg -loglevel error -i speech.wav -rf64 always OUT",
    "w64.w64": "ffmpeg -loglevel error -i speech.wav -f w64 OUT",
    "floating point.w64": "ffmpeg -loglevel error -i stereo.wav -c:a pcm_f32le OUT",
    "aiff.aiff": "ffmpeg -loglevel error -i speech.wav OUT",
    "sox to a pipe.aiff": "sox speech.wav -t aiff - | cat > OUT",
    "au.au": "sox speech.wav OUT",
    "sox to a pipe.au": "sox speech.wav -t au - | cat > OUT",
    "caf to a pipe.caf": "ffmpeg -loglevel error -i speech.wav -f caf - | cat > OUT",
    "adpcm.wav": "ffmpeg -loglevel error -i speech.wav -c:a adpcm_ms OUT",
    "mu-law.wav": "ffmpeg -loglevel error -i speech.wav -c:a pcm_mulaw OUT",
}
"""Files by the line of the shell that makes them."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with two seconds of a wavering tone, then four of silence, at 22,050 Hz."""
    made = tmp_path_factory.mktemp("sounds")
    time = np.arange(2 * 22050) / 22050
    voice = 0.3 * np.sin(2 * np.pi * 180 * time) * (1 + np.sin(6 * np.pi * time)) / 2
    voice += 0.02 * np.random.default_rng(0).standard_normal(len(time))
    pcm = np.concatenate([voice * 32768, np.zeros(4 * 22050)]).astype("<i2")
    (made / "speech.wav").write_bytes(riff(pcm.tobytes(), rate=22050))
    (made / "stereo.wav").write_bytes(riff(np.stack([pcm, pcm[::-1]], 1).tobytes(), rate=22050, channels=2))
    return made


def everything(source) -> np.ndarray:
    with opened(source) as stream:
        return np.concatenate(list(stream.blocks)).ravel()


@pytest.mark.parametrize("name", MADE)
def test_every_sample_is_read_that_ffmpeg_reads(folder, name):
    shell(MADE[name].replace("OUT", f"'{name}'"), folder)
    expected, read = by_ffmpeg(folder / name), everything(folder / name)
    assert len(read) == len(expected)
    np.testing.assert_allclose(read, expected, atol=1e-4)
    (folder / name).unlink()


def test_opus_agrees_with_ffmpeg_at_the_rate_libsndfile_decodes_it_at(folder):
    shell("ffmpeg -loglevel error -i speech.wav -c:a libopus voice.opus", folder)
    with opened(folder / "voice.opus") as stream:
        rate, read = stream.rate, np.concatenate(list(stream.blocks)).ravel()
    expected = by_ffmpeg(folder / "voice.opus", "-ar", str(rate))
    assert abs(len(read) - len(expected)) <= 1
    assert np.corrcoef(read[:40000], expected[:40000])[0, 1] > 0.99


@pytest.mark.parametrize(("rate", "start"), [(16000, 1.3), (22050, 2.9), (44100, 0.7)])
def test_vorbis_that_was_cut_without_decoding_is_refused_with_what_would_be_lost(folder, rate, start):
    shell(f"ffmpeg -loglevel error -y -i speech.wav -ar {rate} -c:a libvorbis whole.ogg", folder)
    shell(f"ffmpeg -loglevel error -y -ss {start} -i whole.ogg -c copy cut.ogg", folder)
    lost = len(by_ffmpeg(folder / "cut.ogg")) - len(soundfile.read(folder / "cut.ogg")[0])
    with pytest.raises(AudioError, match=f"{lost} samples at its end would be lost") as caught:
        everything(folder / "cut.ogg")
    assert "ffmpeg -i" in str(caught.value)


def test_ogg_streams_joined_end_to_end_are_all_read_and_that_is_said(folder):
    shell("ffmpeg -loglevel error -y -i speech.wav -c:a libvorbis one.ogg; cat one.ogg one.ogg > two.ogg", folder)
    once, twice = everything(folder / "one.ogg"), everything(folder / "two.ogg")
    np.testing.assert_array_equal(twice, np.concatenate([once, once]))
    assert "2 Ogg streams" in measure(folder / "two.ogg").notes[0]


def test_flac_streams_joined_end_to_end_are_all_read_and_that_is_said(folder):
    shell("flac -s -f -o one.flac speech.wav; cat one.flac one.flac one.flac > three.flac", folder)
    once, thrice = everything(folder / "one.flac"), everything(folder / "three.flac")
    np.testing.assert_array_equal(thrice, np.concatenate([once] * 3))
    assert "3 FLAC streams" in measure(folder / "three.flac").notes[0]


def test_what_was_believed_and_what_was_found_is_reported(folder):
    shell(MADE["joined.mp3"].replace("OUT", "j.mp3"), folder)
    (note,) = measure(folder / "j.mp3").notes
    assert "promises 133632 samples and 267264 are there" in note


def test_a_flac_that_states_fewer_samples_than_it_has_is_read_to_its_end(folder):
    shell("flac -s -f -o whole.flac speech.wav", folder)
    content = bytearray((folder / "whole.flac").read_bytes())
    content[22:26] = struct.pack(">I", 1000)
    facts = measure(io.BytesIO(content))
    assert facts.frames == 6 * 22050
    assert "promises 1000 samples" in facts.notes[0]


@pytest.mark.parametrize(
    "made",
    [
        "lame --quiet -V 4 speech.wav whole.mp3; head -c 9000 whole.mp3 > OUT",
        "flac -s -f -o whole.flac speech.wav; head -c 20000 whole.flac > OUT",
        "sox speech.wav whole.aiff; head -c 20000 whole.aiff > OUT",
        "ffmpeg -y -loglevel error -i speech.wav -f w64 whole.w64; head -c 20000 whole.w64 > OUT",
        "ffmpeg -y -loglevel error -i speech.wav -rf64 always whole.wav; head -c 20000 whole.wav > OUT",
    ],
)
def test_a_file_cut_short_of_what_it_states_is_truncated(folder, made):
    shell(made.replace("OUT", "cut"), folder)
    with pytest.raises(AudioError, match=r"(?s)promises|breaks off") as caught:
        measure(folder / "cut")
    assert caught.value.fault == "truncated"


LIST = chunk(b"LIST", b"INFOsome")


@pytest.mark.parametrize(
    "content",
    [
        riff(BYTES, size=0),
        riff(BYTES, size=0xFFFFFFFF),
        riff(BYTES, size=0x7FFFF000),
        riff(BYTES, size=0x80000000),
        riff(BYTES, after=LIST),
        riff(BYTES, after=bytes(100)),
        riff(BYTES, after=b"TAG" + b"x" * 125),
        riff(BYTES + b"\1", after=b"\0" + LIST),
        riff(BYTES + b"\1", after=LIST),
        riff(BYTES + b"\1"),
        rf64(BYTES, len(BYTES)),
        rf64(BYTES, 0),
        rf64(BYTES, 2**64 - 1),
    ],
)
def test_a_wav_is_read_to_the_end_of_its_samples_whatever_it_states(content):
    np.testing.assert_array_equal(everything(io.BytesIO(content)) * 32768, NOISE)


@pytest.mark.parametrize(
    ("content", "fault", "said"),
    [
        (riff(BYTES, size=20000), "truncated", "8000 bytes of samples where its header promises 20000"),
        (riff(BYTES, size=4000), "overlong", "promises 4000 bytes of samples, but 8000 are there"),
        (rf64(BYTES, 20000), "truncated", "promises 20000"),
        (rf64(BYTES, 4000), "overlong", "promises 4000"),
        (riff(b"", after=LIST), "empty", "contains no samples"),
        (b"", "empty", "no bytes"),
        (riff(BYTES, rate=0), "unreadable", "cannot be decoded"),
        (riff(BYTES, rate=1), "rate", "sampled at 1 Hz"),
        (riff(BYTES, rate=3999), "rate", "sampled at 3999 Hz"),
        (riff(BYTES, rate=384001), "rate", "sampled at 384001 Hz"),
        (riff(BYTES, channels=65), "channels", "65 channels"),
    ],
)
def test_a_wav_that_cannot_be_right_is_refused_by_name(content, fault, said):
    with pytest.raises(AudioError, match=said) as caught:
        measure(io.BytesIO(content))
    assert caught.value.fault == fault


@pytest.mark.parametrize("name", ["voice.m4a", "voice.mp4", "voice.webm", "voice.aac", "it's a voice.m4a"])
def test_what_libsndfile_does_not_decode_comes_with_the_line_of_ffmpeg_that_does(folder, name):
    coding = "libopus" if name.endswith("webm") else "aac"
    shell(f"""ffmpeg -y -loglevel error -i speech.wav -c:a {coding} "{name}" """, folder)
    with pytest.raises(AudioError, match="not decoded here") as caught:
        measure(Path(folder / name))
    line = caught.value.remedy.removeprefix("Convert it first: ")
    shell(line, folder)
    made = folder / f"{Path(name).stem}.16k.wav"
    assert measure(made).rate == 16000
    made.unlink()


def test_an_mp3_that_ffmpeg_cannot_read_either_comes_with_the_line_of_lame_that_does(folder):
    shell("lame --quiet --freeformat -b 320 speech.wav free.mp3", folder)
    with pytest.raises(AudioError, match="free format") as caught:
        measure(folder / "free.mp3")
    shell(caught.value.remedy.removeprefix("Decode it first: "), folder)
    assert measure(folder / "free.wav").frames == 6 * 22050


def test_an_encoder_that_was_killed_leaves_a_file_that_is_read_as_far_as_ffmpeg_reads_it(folder):
    shell("ffmpeg -loglevel error -i speech.wav -c:a libvorbis -page_duration 200000 k.ogg", folder)
    shell("head -c 9000 k.ogg > killed.ogg", folder)
    expected = by_ffmpeg(folder / "killed.ogg")
    assert 0 < len(expected) < 6 * 22050
    assert len(everything(folder / "killed.ogg")) == len(expected)
