"""MSP-Podcast and MSP-IMPROV: small trees written by hand after their published descriptions, not the originals."""

import math

import numpy as np
import pytest
import soundfile
from reading import read

from attune.corpus.folds import folds
from attune.corpus.origin import of_corpus, of_settings
from attune.corpus.protocols import partition
from attune.errors import AttuneError
from attune.settings.corpus import Corpus

CONSENSUS = """\
FileName,EmoClass,EmoAct,EmoVal,EmoDom,SpkrID,Gender,Split_Set
MSP-PODCAST_0001_0008.wav,N,4.0,4.2,4.4,127,Female,Train
MSP-PODCAST_0001_0019.wav,H,6.0,6.2,5.0,Unknown,Unknown,Train
MSP-PODCAST_0002_0001.wav,A,7.0,1.0,6.0,8,Male,Development
MSP-PODCAST_0003_0001.wav,S,1.0,2.0,2.5,9,Male,Test1
MSP-PODCAST_0004_0001.wav,X,3.0,3.0,3.0,10,Female,Test2
"""
DETAILED = """\
FileName,Worker,EmoClass_Major,EmoAct,EmoVal,EmoDom
MSP-PODCAST_0001_0008.wav,W1,Neutral,4,4,4
MSP-PODCAST_0001_0008.wav,W2,Happy,4,4.4,4.8
"""
EMO_DETAIL = """\
FileName,EmoDetail
MSP-PODCAST_0001_0008.wav,"WORKER00000001; Neutral; Neutral,Concerned; A:4.000; V:1.000; D:4.000;"
MSP-PODCAST_0001_0008.wav,WORKER00000002; Other-A:odd; A:7.000; V:2.500;
"""
EVALUATION = """\
UTD-IMPROV-S01A-F01-P-FM01.avi; A; A:2.571; V:3.400; D:2.800 ; N:3.200;
WORKER00000001; Angry; Angry,Frustrated,; A:3.000; V:4.000; D:3.000; N:4.000;
WORKER00000002; Neutral; ,; A:2.000; V:3.000; D:NaN; N:4.000;

UTD-IMPROV-S01A-M03-S-MM02.avi; X; A:NaN; V:2.000; D:2.800 ; N:3.200;
"""


@pytest.fixture
def podcast(tmp_path):
    (tmp_path / "Labels").mkdir()
    (tmp_path / "Labels/labels_consensus.csv").write_text(CONSENSUS)
    (tmp_path / "Audios").mkdir()
    for line in CONSENSUS.splitlines()[1:]:
        soundfile.write(tmp_path / "Audios" / line.split(",")[0], np.zeros(160), 16000)
    return tmp_path


@pytest.fixture
def improv(tmp_path):
    (tmp_path / "Evalution.txt").write_text(EVALUATION)
    path = tmp_path / "session1/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.wav"
    path.parent.mkdir(parents=True)
    soundfile.write(path, np.zeros(160), 44100)
    return tmp_path


def test_podcast_s_consensus_is_read_with_its_partitions_and_scale(podcast):
    corpus = read(podcast, "msp-podcast")
    rows = corpus.utterances.set_index("utterance")
    loud = rows.loc["MSP-PODCAST_0002_0001.wav"]
    assert (loud["arousal"], loud["valence"], loud["speaker"], loud["gender"]) == (5.0, 1.0, "8", "M")
    assert loud["audio"] == "Audios/MSP-PODCAST_0002_0001.wav"
    assert rows.loc["MSP-PODCAST_0001_0008.wav", "arousal"] == 3.0
    assert [task.scale for task in corpus.about.tasks] == [(1.0, 7.0)] * 3
    assert folds(corpus.utterances, "given") == ["test1", "test2"]
    train, development, test = partition(corpus.utterances, "given", "test1")
    assert (len(train), len(development), len(test)) == (2, 1, 1)


@pytest.mark.parametrize("kind", ["podcast", "improv"])
def test_a_card_made_from_params_yaml_names_the_corpus_and_its_licence_as_one_made_from_the_corpus(kind, request):
    about = read(request.getfixturevalue(kind), f"msp-{kind}").about
    assert of_settings(Corpus(kind=f"msp-{kind}")) == of_corpus(about)
    assert "University of Texas at Dallas" in of_corpus(about).words


def test_podcast_speakers_who_are_not_known_are_not_one_person(podcast):
    rows = read(podcast, "msp-podcast").utterances.set_index("utterance")
    assert rows.loc["MSP-PODCAST_0001_0019.wav", "speaker"] == "MSP-PODCAST_0001_0019.wav"


def test_podcast_s_raters_are_read_where_they_are_there(podcast):
    assert read(podcast, "msp-podcast").ratings.empty
    (podcast / "Labels/labels_detailed.csv").write_text(DETAILED)
    corpus = read(podcast, "msp-podcast")
    assert corpus.ratings["rater"].tolist() == ["W1", "W2"]
    assert corpus.utterances.set_index("utterance").loc["MSP-PODCAST_0001_0008.wav", "raters"] == 2


def test_podcast_s_raters_are_read_from_a_release_with_one_column_for_all_they_said(podcast):
    (podcast / "Labels/labels_detailed.csv").write_text(EMO_DETAIL)
    ratings = read(podcast, "msp-podcast").ratings
    assert ratings["rater"].tolist() == ["WORKER00000001", "WORKER00000002"]
    assert ratings[["arousal", "valence"]].values.tolist() == [[3.0, 1.0], [5.0, 2.0]]
    assert ratings["dominance"].isna().tolist() == [False, True]
    (podcast / "Labels/labels_detailed.csv").write_text(EMO_DETAIL.replace("V:2.500", "V:x"))
    with pytest.raises(AttuneError, match=r"labels_detailed\.csv:3: EmoVal: 'x' is not a number"):
        read(podcast, "msp-podcast")


def test_podcast_s_older_releases_are_read_under_the_names_they_have(podcast):
    (podcast / "Labels/labels_consensus.csv").rename(podcast / "Labels/labels_concensus.csv")
    (podcast / "Labels/labels_detailed.csv").write_text(DETAILED.replace("Worker", "Workers"))
    (podcast / "Labels").rename(podcast / "label")
    corpus = read(podcast, "msp-podcast")
    assert len(corpus.utterances) == 5
    assert corpus.ratings["rater"].tolist() == ["W1", "W2"]


def test_improv_is_read_by_speaker_pair_and_scenario(improv):
    corpus = read(improv, "msp-improv")
    first, second = corpus.utterances.itertuples()
    assert (first.utterance, first.speaker, first.session, first.gender) == (
        "MSP-IMPROV-S01A-F01-P-FM01", "F01", "pair1", "F",
    )  # fmt: skip
    assert (first.arousal, first.valence, first.dominance) == (2.571, 3.4, 2.8)
    assert first.audio == "session1/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.wav"
    assert (second.speaker, second.session, second.line) == ("M03", "pair3", 5)
    assert math.isnan(second.arousal)
    assert corpus.ratings["rater"].tolist() == ["WORKER00000001", "WORKER00000002"]
    assert math.isnan(corpus.ratings["dominance"][1])


def test_improv_is_read_in_any_case_and_two_recordings_of_one_name_are_named(improv):
    (improv / "session1").rename(improv / "Session1")
    one = improv / "Session1/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.wav"
    one.rename(one.with_suffix(".WAV"))
    found = read(improv, "msp-improv").utterances["audio"].dropna()
    assert found.tolist() == ["Session1/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.WAV"]
    soundfile.write(one, np.zeros(160), 44100)
    with pytest.raises(AttuneError, match=r"a second recording of MSP-IMPROV-S01A-F01-P-FM01"):
        read(improv, "msp-improv")


def test_a_rater_s_line_of_improv_that_cannot_be_read_is_noted(improv):
    (improv / "Evalution.txt").write_text(EVALUATION.replace("V:4.000", "V:4..0"))
    corpus = read(improv, "msp-improv")
    assert corpus.ratings["rater"].tolist() == ["WORKER00000002"]
    assert corpus.notes[["note", "line"]].values.tolist() == [["unreadable-rating", 2]]
    assert corpus.about.oddities == ("unreadable-rating",)


def test_a_damaged_line_of_improv_is_named(improv):
    (improv / "Evalution.txt").write_text(EVALUATION.replace("A:2.571", "A:2..571"))
    with pytest.raises(AttuneError, match=r"Evalution\.txt:1: cannot be read as an utterance"):
        read(improv, "msp-improv")
    (improv / "Evalution.txt").write_text(EVALUATION.replace("V:2.000; D", "V:2.000 D"))
    with pytest.raises(AttuneError, match=r"Evalution\.txt:5: cannot be read as an utterance"):
        read(improv, "msp-improv")


def test_without_labels_the_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(AttuneError, match=r"contains no Evalution\.txt"):
        read(tmp_path, "msp-improv")
    with pytest.raises(AttuneError, match=r"labels_consensus\.csv: no such table"):
        read(tmp_path, "msp-podcast")
