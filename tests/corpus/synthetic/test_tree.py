import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from reading import read

from attune.corpus.iemocap.location import RELEASE
from attune.corpus.synthetic import tree
from attune.corpus.synthetic.plan import plan
from attune.settings.corpus import Synthetic
from attune.tasks import TASKS

SEED, COUNT = 11, 5
SETTINGS = Synthetic(seed=SEED, utterances_per_speaker=COUNT)


def make(folder: Path, *, seed: int = SEED) -> Path:
    settings = Synthetic(seed=seed, utterances_per_speaker=COUNT)
    turns = plan(settings)
    texts = [tree.speak(turn, folder / RELEASE, settings) for turn in turns]
    tree.write_texts(turns, texts, folder / RELEASE)
    return folder / RELEASE


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return make(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def corpus(release):
    return read(release)


@pytest.fixture(scope="module")
def planned():
    return {turn.slot.utterance: turn for turn in plan(SETTINGS)}


def test_the_reader_finds_the_utterances_that_were_planned(corpus, planned):
    assert corpus.utterances["utterance"].tolist() == sorted(planned)
    for row in corpus.utterances.itertuples():
        slot = planned[row.utterance].slot
        assert (row.dialog, row.speaker, row.gender, row.session) == (
            slot.dialog, slot.speaker.name, slot.speaker.gender, slot.speaker.session,
        )  # fmt: skip
        assert (row.start, row.end) == pytest.approx((slot.start, slot.start + slot.seconds), abs=1e-4)


def test_the_reader_finds_the_labels_that_were_planned(corpus, planned):
    labels = np.array([planned[name].judgement.label for name in corpus.utterances["utterance"]])
    np.testing.assert_allclose(corpus.utterances[list(TASKS)], labels, atol=5e-5)
    categories = [planned[name].judgement.category for name in corpus.utterances["utterance"]]
    assert corpus.utterances["category"].tolist() == categories


def test_the_reader_finds_every_rating_that_was_planned(corpus, planned):
    dimensional = corpus.ratings[corpus.ratings["kind"] == "dimensional"]
    for name, rows in dimensional.groupby("utterance"):
        judgement = planned[name].judgement
        external = rows[~rows["self_report"]].set_index("rater")
        assert external.index.tolist() == sorted(judgement.external)
        for rater, ratings in judgement.external.items():
            assert external.loc[rater, list(TASKS)].tolist() == ratings.tolist()
        assert rows[rows["self_report"]][list(TASKS)].to_numpy().tolist() == [judgement.own.tolist()]


def test_a_summary_is_the_mean_of_the_external_raters_in_the_files(corpus):
    ratings = corpus.ratings.query("kind == 'dimensional' and not self_report")
    means = ratings.groupby("utterance")[list(TASKS)].mean()
    np.testing.assert_allclose(corpus.utterances.set_index("utterance")[list(TASKS)], means, atol=5e-5)


def test_every_utterance_has_words_and_16_bit_mono_sound_of_its_length(corpus, release):
    assert corpus.utterances["transcript"].str.fullmatch(r"[A-Z][a-z ]*\.").all()
    for row in corpus.utterances.itertuples():
        facts = soundfile.info(release / row.audio)
        assert (facts.samplerate, facts.channels, facts.subtype) == (16000, 1, "PCM_16")
        assert facts.frames == round((row.end - row.start) * 16000)


def test_the_text_files_look_like_the_corpus_own(release):
    evaluation = release / "Session1/dialog/EmoEvaluation"
    lines = (evaluation / "Ses01F_impro01.txt").read_text().split("\n")
    assert lines[:2] == ["% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]", ""]
    summary = r"\[\d+\.\d{4} - \d+\.\d{4}\]\tSes01F_impro01_[FM]\d{3}\t[a-z]{3}\t\[\d\.\d{4}, \d\.\d{4}, \d\.\d{4}\]"
    assert re.fullmatch(summary, lines[2])
    transcript = (release / "Session1/dialog/transcriptions/Ses01F_impro01.txt").read_text()
    assert re.match(r"Ses01F_impro01_[FM]000 \[\d{3}\.\d{4}-\d{3}\.\d{4}\]: [A-Z]", transcript)
    own = sorted(path.name for path in (evaluation / "Self-evaluation").glob("Ses01F_impro01_*"))
    assert own == [f"Ses01F_impro01_{actor}1_{kind}.txt" for actor in "fm" for kind in ("atr", "cat")]


def test_the_raters_own_files_agree_with_the_label_files(release, corpus):
    pattern = re.compile(r"(\S+) :act (\d); :val (\d); :dom (\d);")
    files = [*release.glob("Session*/dialog/EmoEvaluation/Attribute/*_atr.txt")]
    files += release.glob("Session*/dialog/EmoEvaluation/Self-evaluation/*_atr.txt")
    found = {
        (match[1], path.name.split("_")[-2].upper()): tuple(map(float, match.groups()[1:]))
        for path in files
        for match in map(pattern.fullmatch, path.read_text().splitlines())
    }
    dimensional = corpus.ratings[corpus.ratings["kind"] == "dimensional"]
    assert found == {
        (row.utterance, row.rater): (row.arousal, row.valence, row.dominance) for row in dimensional.itertuples()
    }


def test_a_seed_gives_the_same_bytes_and_another_seed_others(release, tmp_path):
    assert contents(make(tmp_path / "again")) == contents(release)
    other = contents(make(tmp_path / "other", seed=SEED + 1))
    shared = other.keys() & contents(release).keys()
    assert all(other[name] != contents(release)[name] for name in shared if name.endswith(".wav"))


def test_an_utterance_sounds_the_same_whoever_spoke_before(release, tmp_path):
    last = plan(SETTINGS)[-1]
    tree.speak(last, tmp_path, SETTINGS)
    alone = contents(tmp_path)
    assert alone == {name: content for name, content in contents(release).items() if name in alone}
    assert len(alone) == 1


def test_cues_name_every_utterance_and_lie_inside_it(corpus, planned):
    cues = tree.cues(list(planned.values()))
    assert cues.columns.tolist() == ["utterance", "start", "end", *TASKS]
    assert cues["utterance"].tolist() == corpus.utterances["utterance"].tolist()
    seconds = corpus.utterances["end"] - corpus.utterances["start"]
    assert ((cues["start"] > 0) & (cues["start"] < cues["end"]) & (cues["end"] < seconds)).all()
    felt = cues.set_index("utterance").loc["Ses01F_impro01_F000", list(TASKS)]
    assert felt.tolist() == planned["Ses01F_impro01_F000"].felt.tolist()
