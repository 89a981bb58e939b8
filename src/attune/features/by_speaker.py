"""Functionals standardised per speaker over all of the speaker's utterances in the corpus, including the tested ones.

No label is used, but a model's prediction for an utterance then depends on the speaker's other utterances: it is
transductive, and cannot predict for a single recording.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from attune.features.of_systems import BY_SPEAKER
from attune.features.packed import Frames

KIND = BY_SPEAKER


def standardised(features: Mapping[str, Frames], speakers: Mapping[str, str]) -> Iterator[tuple[str, Frames]]:
    """Yield features (frames, values) with mean 0 and deviation 1 over each speaker's frames; constant values become 0.

    Args:
        features: by utterance.
        speakers: by utterance, in the order of the result.
    """
    own: dict[str, list[str]] = {}
    for utterance, speaker in speakers.items():
        own.setdefault(speaker, []).append(utterance)
    scales = {speaker: _scale(features, utterances) for speaker, utterances in own.items()}
    for utterance, speaker in speakers.items():
        mean, deviation = scales[speaker]
        yield utterance, ((features[utterance] - mean) / deviation).astype(np.float32)


def _scale(features: Mapping[str, Frames], utterances: list[str]) -> tuple[Frames, Frames]:
    frames = np.concatenate([features[utterance] for utterance in utterances]).astype(np.float64)
    known = np.ma.masked_invalid(frames)
    deviation = known.std(axis=0).filled(0.0)
    return known.mean(axis=0).filled(0.0), np.where(deviation > 0, deviation, 1.0)
