"""The whole page, from artifact folders to HTML, read by an HTML parser."""

import base64
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile
from report_artifacts import Recipe, build, params, paths

from attune.artifacts.evaluation import read_confusions, write_confusions
from attune.params import Register
from attune.report.embed import csp_hash
from attune.report.page import hues
from attune.steps import report
from attune.visible import visible
from attune.waveform.store import Store

pytestmark = pytest.mark.slow

HOSTILE = "</script><script>window.hacked=1</script><!-- \u2028 <img src=x onerror=window.hacked=1> \"'&{{ 7*7 }}"


class Page(HTMLParser):
    """Elements with attributes, and the text of scripts, styles and everything else."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.inside, self.visible = [], {"script": [], "style": []}, ""
        self._open = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open = tag if tag in self.inside else None
        if self._open:
            self.inside[tag].append("")

    def handle_endtag(self, tag):
        self._open = None

    def handle_data(self, data):
        if self._open:
            self.inside[self._open][-1] += data
        else:
            self.visible += data

    def all(self, tag, **wanted):
        return [a for name, a in self.elements if name == tag and wanted.items() <= a.items()]

    @property
    def data(self):
        return json.loads(self.inside["script"][0])


def written(folder, recipe, examples=6):
    build(folder, recipe)
    report.run(params(recipe, examples), **paths(folder))
    return (folder / "reports/index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    return written(tmp_path_factory.mktemp("page"), Recipe())


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_nothing_is_loaded_from_anywhere(page, text):
    for _, attributes in page.elements:
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            assert attributes.get(name, "#").startswith(("#", "data:"))
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert not re.search(r"@import|url\(", "".join(page.inside["style"]))
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {"http://www.w3.org/2000/svg"}


def test_the_policy_allows_this_script_and_this_style_only(page):
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src {csp_hash(page.inside['script'][1])};" in policy
    assert f"style-src {csp_hash(page.inside['style'][0])};" in policy
    assert "unsafe" not in policy


def test_ids_are_unique_and_every_anchor_leads_somewhere(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for reference in [*attributes.get("aria-labelledby", "").split(), attributes.get("href", "#main")[1:]]:
            assert reference in ids or attributes.get("href") == "data:,"


def test_every_picture_says_what_it_shows(page):
    pictures = page.all("svg")
    assert len(pictures) > 20
    for picture in pictures:
        assert picture.get("aria-hidden") == "true" or (
            picture["role"] in ("img", "group") and len(picture["aria-label"]) > 20
        )
    assert all(image["alt"] for image in page.all("img"))


def test_the_scores_are_on_the_page_with_their_intervals(page, tmp_path_factory):
    folder = build(tmp_path_factory.mktemp("scores"))
    entry = json.loads((folder / "reports/metrics.json").read_text())["loso5"]["mtl-att"]["test"]["valence"]["uar"]
    value, low, high = (f"{100 * entry[name]:.1f}" for name in ("value", "low", "high"))
    assert f"{value} % UAR" in page.visible
    assert f"{low}–{high}" in page.visible


def test_the_card_of_the_registered_system_is_on_the_page(tmp_path, text):
    page = Page(text)
    entry = json.loads((build(tmp_path) / "reports/metrics.json").read_text())["loso5"]["mtl-att"]["test"]["valence"]
    value, low, high = (f"{100 * entry['uar'][name]:.1f}" for name in ("value", "low", "high"))
    card = page.visible[page.visible.index("Model card") :]
    assert f"{value} ({low}–{high})" in card
    for said in ("Intended use", "no licence needed", "By group", "4 speakers are few"):
        assert said in card
    assert "<h3>Intended use</h3>" in text


def test_the_card_names_the_system_that_is_registered(tmp_path):
    recipe = Recipe()
    build(tmp_path, recipe)
    chosen = params(recipe).model_copy(update={"register_": Register(system="stl")})
    report.run(chosen, **paths(tmp_path))
    assert "by the system <code>stl</code>" in (tmp_path / "reports/index.html").read_text(encoding="utf-8")


def test_where_it_comes_from_is_on_the_page(tmp_path, monkeypatch):
    build(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTUNE_GIT_COMMIT", "c0ffee")
    monkeypatch.setenv("ATTUNE_GIT_CLEAN", "true")
    monkeypatch.setenv("ATTUNE_DATA_MD5", '{"data/corpus": "9f.dir", "models": "aa.dir"}')
    report.run(params(Recipe()), **paths(tmp_path))
    visible = Page((tmp_path / "reports/index.html").read_text(encoding="utf-8")).visible
    assert "commit c0ffee" in visible
    assert "uncommitted" not in visible
    assert "md5 of data/corpus" in visible
    assert "9f.dir" in visible
    assert "aa.dir" not in visible


def test_published_scores_stand_beside_ours_as_hollow_marks(page):
    assert page.visible.count("Published, IEMOCAP") == 3
    assert len(page.all("g", **{"class": "published"})) >= 6


@pytest.mark.parametrize(("corpus", "said"), [("IEMOCAP", False), ("mine", True)])
def test_published_scores_are_called_not_comparable_beside_another_corpus(tmp_path, corpus, said):
    text = written(tmp_path, Recipe(systems=("mtl",), folds=("session1",), synthetic=False, corpus=corpus))
    assert "Hollow marks are published results" in text
    assert ("another corpus, not comparable" in text) == said


def test_a_predicted_value_is_not_said_to_be_a_mean_of_classes_where_a_system_may_predict_ratings(page):
    assert "The predicted value is the rating that a system predicts or, of one that" in page.visible
    assert "compared with a regression of the rating on their logits" in page.visible


def test_of_speakers_whom_nobody_named_nothing_is_said(page, tmp_path):
    unnamed = Page(written(tmp_path, Recipe(synthetic=False, speakers_known=False)))
    assert "The corpus does not say who speaks" in unnamed.visible
    claims = "speakers never heard", "utterances of 4 speakers", "4 speakers are", "speaker-worst", "Speaker, worst"
    assert page.all("select", **{"data-filter": "speaker"})
    assert not unnamed.all("select", **{"data-filter": "speaker"})
    for claim in claims:
        assert claim in page.visible
        assert claim not in unnamed.visible


def test_no_network_and_no_attention_is_told_of_where_only_a_support_vector_machine_was_trained(page, tmp_path):
    machine = Page(written(tmp_path, Recipe(systems=("egemaps-svm",), synthetic=False)))
    assert "what attention shows" in page.visible
    for words in ("what attention shows", "network", "waveform"):
        assert words not in machine.visible


def test_synthetic_scores_are_announced_as_such(page, tmp_path):
    assert "They say nothing about real speech" in page.visible
    real = Page(written(tmp_path, Recipe(synthetic=False)))
    assert "ynthetic" not in real.visible
    assert "cue" not in real.visible.lower()


def test_sounds_are_the_samples_of_the_store(page, tmp_path):
    store = Store(build(tmp_path) / "data/store")
    assert len(page.data["utterances"]) == 6
    for one in page.data["utterances"]:
        sound = base64.b64decode(one["sound"].split(",")[1])
        samples, rate = soundfile.read(io.BytesIO(sound), dtype="int16")
        assert rate == 16000
        assert np.array_equal(samples, store.pcm(one["id"]))


def test_examples_carry_what_every_system_said(page):
    for one in page.data["utterances"]:
        assert set(one["systems"]) == {"mtl-att", "stl"}
        for task, (rating, actual) in one["truth"].items():
            said = one["systems"]["mtl-att"][task]
            assert 1 <= rating <= 5
            assert actual in (0, 1, 2)
            assert sum(said["p"]) == pytest.approx(1, abs=0.001)
            assert max(said["attention"]["levels"]) == 255
            assert said["attention"]["peak"] >= 1
            assert one["systems"]["stl"][task]["attention"] is None


def test_attention_levels_give_back_the_weights(tmp_path):
    page = Page(written(tmp_path, Recipe()))
    import pandas as pd

    table = pd.read_parquet(tmp_path / "predictions/mtl-att/session1/attention.parquet")
    own = table[table["utterance"].isin([one["id"] for one in page.data["utterances"]])]
    assert len(own) > 0
    shown = {one["id"]: one for one in page.data["utterances"]}
    for row in own.itertuples():
        drawn = shown[row.utterance]["systems"]["mtl-att"][row.task]["attention"]
        relative = np.array(drawn["levels"]) / 255 * drawn["peak"]
        assert relative == pytest.approx(row.weights * len(row.weights), abs=drawn["peak"] / 510 + 0.001)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(systems=("stl",)),
        Recipe(systems=("mtl",), folds=("session3",), synthetic=False),
        Recipe(systems=("mtl-att",), groups=False, published=False),
        Recipe(systems=("stl", "stl-att", "mtl", "mtl-att")),
    ],
    ids=["no attention", "one fold, one system, real", "no groups, nothing published", "all systems"],
)
def test_a_page_is_right_whatever_parts_a_run_has(tmp_path, recipe):
    text = written(tmp_path, recipe)
    page = Page(text)
    attended = any(system.endswith("-att") for system in recipe.systems)
    assert ("Does it follow loudness?" in page.visible) == attended
    assert ('id="groups"' in text) == recipe.groups
    assert ("Published" in page.visible) == recipe.published
    for number in ("nan", "NaN", "None", "undefined", "Infinity"):
        assert not re.search(rf"\b{number}\b", page.visible), number
        values = [value for _, attributes in page.elements for value in attributes.values() if value]
        assert not any(re.search(rf"\b{number}\b", value) for value in values), number


def test_the_main_system_is_the_fullest_one(tmp_path):
    page = Page(written(tmp_path, Recipe(systems=("stl-att", "mtl"), folds=("session1",))))
    assert page.data["system"] == "mtl"


def test_same_inputs_same_bytes(text, tmp_path):
    assert written(tmp_path, Recipe()) == text


def test_nothing_of_this_machine_is_on_the_page(text, tmp_path_factory):
    assert str(tmp_path_factory.getbasetemp()) not in text


def test_a_dozen_of_the_longest_and_least_compressible_utterances_stay_below_six_megabytes(tmp_path):
    recipe = Recipe(systems=("mtl-att",), folds=("session1",), utterances_per_speaker=6, seconds=(9.9, 10), noise=True)
    text = written(tmp_path, recipe, examples=12)
    assert len(Page(text).data["utterances"]) == 12
    assert len(text.encode()) < 6e6


def test_hostile_text_stays_text(tmp_path):
    texts = dict.fromkeys(("utterance", "speaker", "category", "transcript"), HOSTILE)
    page = Page(written(tmp_path, Recipe(texts=texts)))
    assert len(page.inside["script"]) == 2
    assert not page.all("img", src="x")
    assert page.data["utterances"][0]["transcript"] == HOSTILE
    assert page.data["utterances"][0]["speaker"].startswith(HOSTILE)
    assert "Model card" in page.visible
    assert visible(HOSTILE) in page.visible  # among the speakers, and in the quarantine


def test_tasks_are_coloured_in_their_order_whatever_they_are_called():
    rules = hues(["calm", "wonder", *"abcdef"])
    assert ".calm { --hue: var(--hue-1); --hue-line: var(--line-1); }" in rules
    assert ".wonder { --hue: var(--hue-2);" in rules
    assert ".e { --hue: var(--hue-1);" in rules


def test_a_class_without_a_test_utterance_is_said_to_be_left_out(tmp_path):
    build(tmp_path, Recipe())
    out = tmp_path / "reports/evaluation"
    counts = read_confusions(out)
    assert "which UAR leaves out" not in made_page(tmp_path)
    for own in counts.values():
        own["dominance"] = [[0, 0, 0], [1, 2, 3], [0, 0, 0]]
    write_confusions(out, counts)
    assert "which UAR leaves out: dominance: low and high." in made_page(tmp_path)


def made_page(folder):
    report.run(params(Recipe()), **paths(folder))
    return " ".join(Page((folder / "reports/index.html").read_text()).visible.split())
