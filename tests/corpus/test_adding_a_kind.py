"""A fourth kind of corpus costs one file and its line in the table of kinds: done in a copy of the code."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).parents[2] / "src"
READER = '''
"""One folder per speaker; a file is named after its ratings: anna/2.5_3_4.wav."""

from attune.corpus.contract import About, Corpus, Source, Utterance
from attune.corpus.rows import rating_table, utterance_table


def read(source: Source) -> Corpus:
    rows = []
    for path in sorted(source.root.glob("*/*.wav")):
        speaker, name = path.parent.name, f"{path.parent.name}_{path.stem}"
        arousal, valence, dominance = map(float, path.stem.split("_"))
        rows.append(
            Utterance(
                name, name, speaker, speaker, "unknown", "read",
                ratings={"arousal": arousal, "valence": valence, "dominance": dominance},
                audio=path.relative_to(source.root).as_posix(),
            )
        )
    return Corpus(utterance_table(rows), rating_table([]), About(kind="folders", name="folders of speakers"))
'''


@pytest.fixture
def code(tmp_path) -> Path:
    copied = shutil.copytree(SOURCE, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (copied / "attune/corpus/readers/folders.py").write_text(READER)
    kinds = copied / "attune/corpus/kinds.py"
    text = kinds.read_text()
    text = text.replace("from attune.corpus.readers import ", "from attune.corpus.readers import folders, ")
    kinds.write_text(
        text.replace('    "iemocap": iemocap.read,\n', '    "iemocap": iemocap.read, "folders": folders.read,\n')
    )
    return copied


def test_a_fourth_kind_is_one_file_and_one_line(code, tmp_path):
    rng = np.random.default_rng(1)
    for speaker in ("anna", "ben", "cleo"):
        (tmp_path / "own" / speaker).mkdir(parents=True)
        for rating in (1.5, 3, 4.5):
            path = tmp_path / "own" / speaker / f"{rating}_{rating}_{rating}.wav"
            soundfile.write(path, rng.normal(0, 0.1, 4000), 16000)
    corpus, root = tmp_path / "corpus", tmp_path / "own"
    steps = f"""
from pathlib import Path
import attune.steps.corpus, attune.steps.preprocess, attune.steps.validate
from attune import params
chosen = params.load('{{"corpus": {{"kind": "folders", "root": "{root}"}}}}')
places = dict(corpus=Path("corpus"), root=Path("{root}"))
attune.steps.corpus.run(chosen, root=Path("{root}"), out=Path("corpus"))
attune.steps.validate.run(chosen, **places, out=Path("validated"))
attune.steps.preprocess.run(chosen, **places, validated=Path("validated"), out=Path("store"))
"""
    environment = os.environ | {"PYTHONPATH": str(code)}
    done = subprocess.run(
        [sys.executable, "-c", steps], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    accepted = pd.read_parquet(tmp_path / "validated/utterances.parquet")
    assert accepted["speaker"].tolist() == ["anna"] * 3 + ["ben"] * 3 + ["cleo"] * 3
    assert len(pd.read_parquet(tmp_path / "store/index.parquet")) == 9
    assert (corpus / "corpus.json").is_file()
