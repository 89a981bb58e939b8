"""What people see of a run in the pages of MLflow and DVC, in a browser."""

import re
from collections import Counter

import pytest
from chromium import tab as open_tab
from mlflow_servers import Server
from small import SMALL
from small_project import shell

from attune.artifacts import registered
from attune.registry import glance
from attune.tasks import TASKS
from attune.tracking import address

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with open_tab(tmp_path_factory.mktemp("profile")) as found:
        found.resize(1400, 900)
        yield found


@pytest.fixture(scope="module")
def site(small_project):
    """MLflow's own server on the project's database."""
    shell(small_project, "attune versions")  # the copy's database follows to where it is
    artifacts = ("--default-artifact-root", (small_project / "mlartifacts").as_uri())
    with Server(small_project, *artifacts, database="sqlite:///mlflow.db") as running:
        yield running.address


@pytest.fixture
def made(small_project, site, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", site)
    return registered.read(small_project / "reports/registered.json")


def shows(tab, where, *texts):
    """The text of a page, once these are in it."""
    tab.visit("about:blank").visit(where)
    for text in texts:
        tab.wait(f"document.body.innerText.includes({text!r})")
    return tab.js("document.body.innerText")


def test_the_address_that_is_told_opens_the_view_for_models(tab, made):
    text = shows(tab, address.page(glance.experiment_of(made.run_id)), "loso5 mtl-att stl", "Dataset")
    assert "Runs\nModels" in text
    assert "Agent versions" not in text


def test_a_run_says_what_it_is_who_made_it_and_from_what(tab, made, site):
    experiment = glance.experiment_of(made.run_id)
    page = f"{site}/#/experiments/{experiment}/runs/{made.run_id}?workflowType=machine_learning"
    shows(tab, page, "the mean of 2 folds of loso5", "Test UAR in %", "Created by", "dvc repro", "data/store")


def test_a_folds_curves_are_on_the_first_screen(tab, made, site):
    from attune.tracking import client as mlflow_client

    experiment = glance.experiment_of(made.run_id)
    found = mlflow_client.connect().search_runs([experiment], "tags.`attune.fold` = 'session1'")
    page = f"{site}/#/experiments/{experiment}/runs/{found[0].info.run_id}/model-metrics?workflowType=machine_learning"
    shows(tab, page, "learning")
    place = "[...document.querySelectorAll('*')].filter(e => !e.children.length && e.innerText == 'train_loss')"
    tab.wait(f"{place}.length > 0")
    assert tab.js(f"Math.min(...{place}.map(e => e.getBoundingClientRect().top))") < 900


def test_a_logged_model_shows_its_own_scores_with_their_data_and_its_version(tab, made, site):
    from attune.tracking import client as mlflow_client

    version = mlflow_client.connect().get_model_version("attune", made.version)
    experiment = glance.experiment_of(made.run_id)
    page = f"{site}/#/experiments/{experiment}/models/{version.source.removeprefix('models:/')}"
    text = shows(
        tab, f"{page}?workflowType=machine_learning", "model/test/arousal/uar", "data/store", "Model versions\nattune"
    )
    assert "stl/test" not in text


def test_a_version_describes_itself_in_five_lines_and_short_tags(tab, made, site):
    shows(tab, f"{site}/#/models/attune/versions/1", "the mean of 2 folds of loso5", "Test CCC", "attune.lineage")


def test_dvc_shows_its_plots_of_all_folds_without_a_network(tab, small_project):
    shell(small_project, "dvc plots show")
    shown = (small_project / "dvc_plots/index.html").read_text(encoding="utf-8")
    drawn = Counter(re.findall(r'"training": "([^"]*)"', shown))
    stl = [f"stl {fold} {task}" for fold in SMALL["folds"] for task in TASKS]
    assert drawn.keys() == {*(f"mtl-att {fold}" for fold in SMALL["folds"]), *stl}
    assert min(drawn.values()) == 3 * SMALL["train"]["epochs"], "of three plots"
    tab.open(small_project / "dvc_plots/index.html")
    tab.wait("document.querySelectorAll('.vega-embed canvas, .vega-embed svg').length >= 8")
    assert [one for one in tab.requests if one.startswith("https:")] == []
