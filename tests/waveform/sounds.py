"""Sounds and files for tests of audio, made by the standard library, struct and programs, not by what is tested."""

import io
import struct
import subprocess
import wave
from pathlib import Path

import numpy as np

NOISE = np.random.default_rng(1).integers(-9000, 9000, 4000).astype("<i2")


def wav_bytes(pcm: np.ndarray, rate: int = 16000) -> bytes:
    """A 16-bit WAV file of `pcm`, (samples,) or (samples, channels), written by the standard library."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1 if pcm.ndim == 1 else pcm.shape[1], 2, rate, 0, "NONE", ""))
        file.writeframes(pcm.astype("<i2").tobytes())
    return buffer.getvalue()


def riff(data: bytes, *, size: int | None = None, rate: int = 16000, channels: int = 1, after: bytes = b"") -> bytes:
    """A WAV whose header says whatever one likes."""
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * 2 * channels, 2 * channels, 16)
    stated = len(data) if size is None else size
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", stated) + data + after
    return b"RIFF" + struct.pack("<I", len(body)) + body


def rf64(data: bytes, size: int) -> bytes:
    """An RF64 file that states `size` bytes of samples."""
    form = struct.pack("<HHIIHH", 1, 1, 16000, 32000, 2, 16)
    wide = b"ds64" + struct.pack("<IQQQI", 28, len(data) + 72, size, size // 2, 0)
    body = b"WAVE" + wide + b"fmt " + struct.pack("<I", 16) + form + b"data\xff\xff\xff\xff" + data
    return b"RF64\xff\xff\xff\xff" + body


def chunk(name: bytes, content: bytes) -> bytes:
    """A RIFF chunk."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def tone(rate: int, hertz: float, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate).astype(np.float32)


def shell(command: str, folder: Path) -> None:
    """Run a line of the shell in a folder."""
    subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, check=True, timeout=300)


def by_ffmpeg(path: Path, *options: str) -> np.ndarray:
    """All samples of a file, channel after channel, as ffmpeg decodes them."""
    command = ["ffmpeg", "-loglevel", "error", "-i", f"file:{path}", *options, "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True, timeout=300).stdout, "<f4")
