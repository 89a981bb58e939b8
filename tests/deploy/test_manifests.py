"""What deploy/ would apply: sound objects, no more rights than named, the names that pipelines use, no secrets."""

import re
import shutil
import subprocess
from pathlib import Path

import needs
import pytest
import yaml
from schema import RELEASES, faults

from components.train import CHECKPOINTS
from pipelines import places

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FOLDERS = sorted(path.parent for path in DEPLOY.rglob("kustomization.yaml"))
SETTINGS = yaml.safe_load((ROOT / "pipelines/settings.yaml").read_text())
NO_KUBECTL = "renders with kubectl, which is not installed; the files are checked one by one without it"


def _documents(path: Path) -> list[dict]:
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def _kustomization(folder: Path) -> dict:
    return _documents(folder / "kustomization.yaml")[0]


def _keys(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


OBJECTS = [
    pytest.param(document, id=f"{path.stem}-{document['kind']}-{document['metadata']['name']}")
    for folder in FOLDERS
    for path in sorted(folder.glob("*.yaml"))
    if path.name != "kustomization.yaml"
    for document in _documents(path)
]
ROLES = [parameter for parameter in OBJECTS if parameter.values[0]["kind"] == "Role"]
BINDINGS = [parameter for parameter in OBJECTS if parameter.values[0]["kind"] == "RoleBinding"]
TEMPLATES = sorted(DEPLOY.rglob("*.env.example"))


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("document", OBJECTS)
def test_every_object_fits_its_type_in_both_releases_of_kubernetes(document, release):
    assert faults(document, release) == []


@pytest.mark.parametrize("document", OBJECTS)
def test_the_overlay_alone_decides_the_namespace(document):
    assert "namespace" not in document["metadata"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_kustomization_names_every_file_beside_it_and_no_other(folder):
    named = {folder / name for name in _kustomization(folder)["resources"]}
    assert {path for path in named if not path.is_dir()} == set(folder.glob("*.yaml")) - {folder / "kustomization.yaml"}
    assert all((path / "kustomization.yaml").is_file() for path in named if path.is_dir())


@pytest.mark.parametrize("role", ROLES)
def test_a_role_grants_nothing_wholesale(role):
    for rule in role["rules"]:
        assert not {"*", "escalate", "bind", "impersonate"} & {*rule["verbs"], *rule["resources"], *rule["apiGroups"]}
        assert not {"pods/exec", "pods/attach"} & set(rule["resources"])
        if {"secrets", "configmaps"} & set(rule["resources"]):
            assert rule["resourceNames"]
            assert rule["verbs"] == ["get"]


def test_who_submits_may_do_all_that_the_commands_ask_of_a_server_with_several_users():
    """The verbs of Kubeflow's API server (backend/src/apiserver/common/const.go) behind the calls of pipelines/."""
    asked = {
        "run_service_create_run": ("runs", "create"),
        "run_service_get_run": ("runs", "get"),
        "run_service_list_runs": ("runs", "list"),
        "run_service_terminate_run": ("runs", "terminate"),
        "main-logs:read": ("runs", "readArtifact"),
        "pipeline_service_create_pipeline": ("pipelines", "create"),
        "pipeline_service_list_pipelines": ("pipelines", "list"),
        "upload_pipeline_version": ("pipelines", "create"),
        "experiment_service_create_experiment": ("experiments", "create"),
        "experiment_service_list_experiments": ("experiments", "list"),
        "recurring_run_service_create_recurring_run": ("jobs", "create"),
        "recurring_run_service_list_recurring_runs": ("jobs", "list"),
        "recurring_run_service_disable_recurring_run": ("jobs", "disable"),
        "recurring_run_service_enable_recurring_run": ("jobs", "enable"),
        "recurring_run_service_delete_recurring_run": ("jobs", "delete"),
    }
    code = "".join(path.read_text() for path in (ROOT / "pipelines").rglob("*.py"))
    assert all(call in code for call in asked)
    assert set(re.findall(r"\b(?:run|recurring_run|experiment)_service_\w+", code)) <= set(asked)
    (role,) = [p.values[0] for p in ROLES if p.values[0]["metadata"]["name"] == "attune-submitter"]
    granted = {(kind, verb) for rule in role["rules"] for kind in rule["resources"] for verb in rule["verbs"]}
    assert set(asked.values()) <= granted


@pytest.mark.parametrize("binding", BINDINGS)
def test_a_binding_ties_an_account_of_ours_to_a_role_of_ours(binding):
    ours = {(p.values[0]["kind"], p.values[0]["metadata"]["name"]) for p in OBJECTS}
    assert ("Role", binding["roleRef"]["name"]) in ours
    assert {(subject["kind"], subject["name"]) for subject in binding["subjects"]} <= ours


def test_the_network_policy_selects_the_pods_of_our_steps_and_no_others():
    (policy,) = [parameter.values[0] for parameter in OBJECTS if parameter.values[0]["kind"] == "NetworkPolicy"]
    selector = policy["spec"]["podSelector"]
    assert selector["matchLabels"] == dict([places.LABEL])
    assert selector["matchExpressions"] == [{"key": "pipeline/runid", "operator": "Exists"}]


def test_the_claims_that_are_prepared_are_those_there_are():
    (job,) = [parameter.values[0] for parameter in OBJECTS if parameter.values[0]["kind"] == "Job"]
    made = {p.values[0]["metadata"]["name"] for p in OBJECTS if p.values[0]["kind"] == "PersistentVolumeClaim"}
    volumes = job["spec"]["template"]["spec"]["volumes"]
    assert {volume["persistentVolumeClaim"]["claimName"] for volume in volumes} == made
    assert SETTINGS["train"]["checkpoints"] in made


def test_several_nodes_use_what_a_single_one_uses():
    (runtime,) = [p.values[0] for p in OBJECTS if p.values[0]["kind"] == "TrainingRuntime"]
    assert runtime["metadata"]["name"] == SETTINGS["train"]["runtime"]
    (job,) = runtime["spec"]["template"]["spec"]["replicatedJobs"]
    pod = job["template"]["spec"]["template"]["spec"]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    (container,) = pod["containers"]
    (mounted,) = [mount["name"] for mount in container["volumeMounts"] if mount["mountPath"] == CHECKPOINTS]
    assert volumes[mounted]["persistentVolumeClaim"]["claimName"] == SETTINGS["train"]["checkpoints"]
    sources = [(kind, held["name"]) for source in container["envFrom"] for kind, held in source.items()]
    assert sources == [
        ("configMapRef", SETTINGS["config_map"]),
        ("secretRef", SETTINGS["secrets"]["s3"]),
        ("secretRef", SETTINGS["secrets"]["mlflow"]),
    ]


def test_no_object_reaches_beyond_its_namespace():
    kinds = {parameter.values[0]["kind"] for parameter in OBJECTS}
    assert kinds == {
        *("ServiceAccount", "Role", "RoleBinding"),
        *("PersistentVolumeClaim", "NetworkPolicy", "Job", "TrainingRuntime"),
    }


def test_the_config_map_is_the_one_that_steps_read():
    [generator] = _kustomization(DEPLOY / "base")["configMapGenerator"]
    assert generator["name"] == SETTINGS["config_map"]
    assert tuple(_keys(DEPLOY / "base" / generator["envs"][0])) == places.CONFIG_KEYS


OVERLAYS = pytest.mark.parametrize("overlay", ["standalone", "profile"])


@OVERLAYS
def test_an_overlay_changes_settings_but_invents_none(overlay):
    [generator] = _kustomization(DEPLOY / "overlays" / overlay)["configMapGenerator"]
    assert generator["behavior"] == "merge"
    assert {literal.split("=")[0] for literal in generator["literals"]} <= set(places.CONFIG_KEYS)


@OVERLAYS
def test_the_secrets_are_those_that_steps_read(overlay):
    overlay = DEPLOY / "overlays" / overlay
    keys = {
        generator["name"]: tuple(_keys(overlay / f"{generator['envs'][0]}.example"))
        for generator in _kustomization(overlay)["secretGenerator"]
    }
    assert keys == {SETTINGS["secrets"]["s3"]: places.S3_KEYS, SETTINGS["secrets"]["mlflow"]: places.MLFLOW_KEYS}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_secret_template_holds_no_value_and_its_copy_is_ignored(template):
    assert set(_keys(template).values()) == {""}
    copy = template.with_suffix("")
    assert subprocess.run(["git", "check-ignore", "--quiet", copy], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(("name", "namespace"), [("standalone", "kubeflow"), ("profile", "my-profile")])
def test_the_rendered_overlay_is_sound_and_lies_in_one_namespace(tmp_path, name, namespace):
    shutil.which("kubectl") or needs.missing(NO_KUBECTL)
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    overlay = tmp_path / "deploy/overlays" / name
    for template in overlay.glob("*.env.example"):
        text = re.sub(r"=$", "=value", template.read_text(), flags=re.MULTILINE)
        template.with_suffix("").write_text(text)

    done = subprocess.run(["kubectl", "kustomize", overlay], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    rendered = [document for document in yaml.safe_load_all(done.stdout) if document]

    assert [fault for document in rendered for release in RELEASES for fault in faults(document, release)] == []
    assert {d["metadata"].get("namespace") for d in rendered if d["kind"] != "Namespace"} == {namespace}
    [settings] = [d for d in rendered if d["kind"] == "ConfigMap"]
    assert settings["data"]["AWS_ENDPOINT_URL"] == "http://s3.storage.svc.cluster.local:9000"
    assert settings["data"]["AWS_DEFAULT_REGION"] == "us-east-1"
    claims = [d["spec"]["storageClassName"] for d in rendered if d["kind"] == "PersistentVolumeClaim"]
    assert claims == ["shared", "shared"]
