"""What is missing is told before anything is submitted."""

import pytest
from followed import running
from kubernetes_api import Kubernetes
from pinned import PINNED

from attune.errors import AttuneError
from attune.params import Params
from pipelines import package, settings, training
from pipelines.server import needs

CLAIMS = {"data": {"claim": "corpora"}, "train": {"checkpoints": "kept"}, "images": {"pull_secret": "registry"}}


@pytest.fixture(scope="module")
def needed():
    chosen = settings.load(changes=settings.merged(PINNED, CLAIMS))
    return needs.of(package.compiled(training.build(Params(), chosen)), "runner")


def objects(*, but=()):
    there = {"serviceaccounts/runner", "configmaps/attune", "secrets/registry"}
    there |= {"persistentvolumeclaims/corpora", "persistentvolumeclaims/kept"}
    return Kubernetes(objects=there - set(but))


def check(compiled, folder, needed, known, **more):
    with running(compiled["scoring"], folder, kubernetes=known, **{"kubeconfig": True, **more}) as (_, server, _run):
        needs.check(server, needed)


def test_the_account_the_map_the_claims_and_the_pull_secret_are_needed(needed):
    assert {need.name for need in needed} == {"runner", "attune", "registry", "corpora", "kept"}


def test_where_all_is_there_nothing_is_said(compiled, tmp_path, needed):
    check(compiled, tmp_path, needed, objects())


def test_several_nodes_need_a_runtime_of_trainer(compiled, tmp_path):
    chosen = settings.load(changes=settings.merged(PINNED, {"train": {"nodes": 2}}))
    needed = needs.of(package.compiled(training.build(Params(), chosen)), None)
    there = {"configmaps/attune", "persistentvolumeclaims/attune-checkpoints"}
    with pytest.raises(AttuneError, match="there is no TrainingRuntime of Kubeflow Trainer called attune-training"):
        check(compiled, tmp_path, needed, Kubernetes(objects=there))
    check(compiled, tmp_path, needed, Kubernetes(objects={*there, "trainingruntimes/attune-training"}))


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        ("serviceaccounts/runner", "service account runner"),
        ("configmaps/attune", "config map attune"),
        ("secrets/registry", "secret registry"),
        ("persistentvolumeclaims/kept", "volume claim kept"),
    ],
)
def test_what_is_missing_is_named(compiled, tmp_path, needed, gone, words):
    with pytest.raises(AttuneError, match=f"namespace kubeflow: there is no {words}"):
        check(compiled, tmp_path, needed, objects(but=[gone]))


def test_all_that_is_missing_is_one_message(compiled, tmp_path, needed):
    with pytest.raises(AttuneError, match="no config map attune and no volume claim corpora"):
        check(compiled, tmp_path, needed, objects(but=["configmaps/attune", "persistentvolumeclaims/corpora"]))


def test_who_may_not_look_is_not_stopped(compiled, tmp_path, needed):
    closed = Kubernetes(forbidden={"serviceaccounts", "configmaps", "secrets", "persistentvolumeclaims"})
    check(compiled, tmp_path, needed, closed)
    check(compiled, tmp_path, needed, Kubernetes(), kubeconfig=False)
