"""Several corpora as one: told apart by name, each with its own kind, scale and root."""

import json

import numpy as np
import own_recordings
import pytest
import soundfile
from reading import read

from attune.corpus.folds import folds
from attune.corpus.protocols import partition
from attune.errors import AttuneError


@pytest.fixture
def both(release):
    own_recordings.write(release.parent / "mine", rate=8000)
    corpora = {
        "iemocap": {"kind": "iemocap", "root": release.name},
        "mine": {"kind": "table", "root": "mine", "table": own_recordings.TABLE},
    }
    return release.parent, {"corpora": corpora}


def test_every_corpus_keeps_its_utterances_and_finds_its_audio(both):
    root, several = both
    corpus = read(root, "several", several=several)
    assert corpus.utterances["corpus"].value_counts().to_dict() == {"mine": 72, "iemocap": 6}
    assert not corpus.utterances["utterance"].duplicated().any()
    assert all((root / audio).is_file() for audio in corpus.utterances["audio"].dropna())
    assert set(corpus.ratings["utterance"]) <= set(corpus.utterances["utterance"])


def test_times_in_a_dialog_do_not_become_parts_of_a_recording(both):
    root, several = both
    corpus = read(root, "several", several=several)
    assert corpus.about.segments
    assert corpus.utterances.loc[corpus.utterances["corpus"] == "iemocap", "start"].isna().all()
    assert corpus.utterances.loc[corpus.utterances["corpus"] == "mine", "start"].notna().all()


def test_one_is_trained_on_and_the_other_tested(both):
    root, several = both
    utterances = read(root, "several", several=several).utterances
    assert folds(utterances, "cross-corpus") == ["iemocap", "mine"]
    parts = partition(utterances, "cross-corpus", "iemocap")
    assert set(parts.test["corpus"]) == {"iemocap"}
    assert set(parts.train["corpus"]) == set(parts.development["corpus"]) == {"mine"}


@pytest.mark.parametrize("kind", ["synthetic", "several", "nothing"])
def test_what_cannot_be_one_of_several_is_named(both, kind):
    root, several = both
    several["corpora"]["iemocap"] = {"kind": kind}
    with pytest.raises(AttuneError, match=rf"corpora\.iemocap: a corpus of the kind '{kind}'"):
        read(root, "several", several=several)


def test_a_root_outside_and_a_single_corpus_are_refused(both):
    root, several = both
    several["corpora"]["mine"]["root"] = "../elsewhere"
    with pytest.raises(AttuneError, match=r"a corpus outside corpus\.root"):
        read(root, "several", several=several)
    with pytest.raises(AttuneError, match="at least 2"):
        read(root, "several", several={"corpora": {"mine": {}}})


def test_the_pipelines_gate_and_the_corpus_know_the_same_tasks(both):
    from attune.params import Params
    from attune.tasks import names_of
    from pipelines.arguments import gate

    root, several = both
    params = Params.model_validate({"corpus": {"kind": "several", "several": several}})
    assert list(gate(params)) == names_of(read(root, "several", several=several).about.tasks) == ["arousal"]


def test_a_preview_shows_a_fold_for_each_corpus(both):
    from click.testing import CliRunner

    from attune.cli import app

    root, several = both
    for number, path in enumerate(sorted(root.glob("IEMOCAP*/Session*/sentences/wav/Ses*/Ses*.wav"))):
        soundfile.write(path, np.random.default_rng(100 + number).normal(0, 0.05, 8000), 16000)
    params = {
        "corpus": {"kind": "several", "several": several},
        **{"protocol": "cross-corpus", "folds": ["mine"], "validate": {"max_quarantined": 0.9}},
    }
    command = ["corpus", "check", "--params", json.dumps(params), "--root", str(root)]
    text = " ".join(CliRunner(env={"COLUMNS": "150"}).invoke(app, command).output.split())
    assert "several corpora: 78 utterances" in text
    assert "iemocap" in text
    assert text.count("72 of 12") == 1
    assert "promote.minimum names valence and dominance" in text
