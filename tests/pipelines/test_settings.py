from pathlib import Path

import pytest
from compiled_graph import documents
from pinned import DIGEST, PINNED
from ruamel.yaml import YAML

from attune.errors import AttuneError
from attune.params import Params
from pipelines import package, places, settings, training

pytestmark = pytest.mark.slow

DEPLOY = Path(__file__).parents[2] / "deploy"


def platform(changes):
    text = package.compiled(training.build(Params(), settings.load(changes=changes))).text
    spec, more = documents(text)
    return spec["deploymentSpec"]["executors"], more["platforms"]["kubernetes"]["deploymentSpec"]["executors"]


def test_every_setting_is_checked(tmp_path):
    for text, message in (
        ("train: {gpus: 1}", "unknown parameter 'train.gpus'"),
        ("train: {memory: lots}", "train.memory: .*pattern"),
        ("steps: {retries: -1}", "steps.retries"),
        ("secrets: {s3: 'Not A Name'}", "secrets.s3"),
        ("[]", "must be a mapping"),
        ("train: {nodes: 1}\nsteps: {", "settings.yaml:2: is not valid YAML"),
        (f"steps: {'[' * 5000}", "settings.yaml.*is not valid YAML"),
        ("1: 2", "a section's name is text, not 1"),
    ):
        (tmp_path / "settings.yaml").write_text(text)
        with pytest.raises(AttuneError, match=message) as error:
            settings.load(tmp_path / "settings.yaml")
        assert error.value.remedy
    for path, message in ((tmp_path / "none.yaml", "no such settings file"), (tmp_path, "Is a directory")):
        with pytest.raises(AttuneError, match=message) as error:
            settings.load(path)
        assert error.value.remedy
    (tmp_path / "settings.yaml").write_text("")
    assert settings.load(tmp_path / "settings.yaml") == settings.load()


def test_a_wrong_value_is_reported_where_it_was_given(tmp_path):
    path, wrong = tmp_path / "settings.yaml", {"train": {"gpu": {"count": -1}}}
    path.write_text("train: {nodes: 1}\n")
    with pytest.raises(AttuneError, match=r"train\.gpu\.count") as on_the_command_line:
        settings.load(path, wrong)
    path.write_text("train: {gpu: {count: -1}}\n")
    with pytest.raises(AttuneError, match=r"train\.gpu\.count") as in_the_file:
        settings.load(path, {"cache": False})
    assert (on_the_command_line.value.where, in_the_file.value.where) == ("--set", path)


def test_a_file_may_hold_only_what_differs(tmp_path):
    (tmp_path / "settings.yaml").write_text("train: {gpu: {count: 4}}")
    changed, shipped = settings.load(tmp_path / "settings.yaml"), settings.load()
    assert changed.train.gpu.count == 4
    assert changed.train.gpu.type == shipped.train.gpu.type
    assert changed.steps == shipped.steps
    assert settings.load(tmp_path / "settings.yaml", {"train": {"gpu": {"count": 2}}}).train.gpu.count == 2


@pytest.mark.parametrize(
    "image",
    ["attune-gpu:local", "attune-gpu", "attune-gpu@sha256:123", f"@{DIGEST}", f"a b@{DIGEST}"],
)
def test_a_cluster_gets_no_image_that_may_move(image):
    with pytest.raises(AttuneError, match=r"images.gpu: .* is not pinned by digest"):
        settings.check_pinned(settings.load(changes={"images": {**PINNED["images"], "gpu": image}}))
    settings.check_pinned(settings.load(changes=PINNED))


def test_training_gets_accelerators_shared_memory_and_its_place():
    executors, more = platform(
        {
            "train": {
                "gpu": {"type": "amd.com/gpu", "count": 2},
                "node_selector": {"zone": "a"},
                "tolerations": [{"key": "only", "value": "us", "effect": "NoExecute"}],
                "checkpoints": "keep",
                "shared_memory": "3Gi",
                "cpu": "500m",
                "memory": "12Gi",
            }
        }
    )
    resources = executors["exec-train"]["container"]["resources"]
    assert resources["accelerator"]["resourceType"] == "amd.com/gpu"
    own = more["exec-train"]
    assert own["nodeSelector"]["labels"] == {"zone": "a"}
    assert own["tolerations"] == [{"key": "only", "operator": "Equal", "value": "us", "effect": "NoExecute"}]
    assert [(mount["mountPath"], mount["sizeLimit"]) for mount in own["emptyDirMounts"]] == [("/dev/shm", "3Gi")]
    assert [mount["mountPath"] for mount in own["pvcMount"]] == ["/tmp/checkpoints"]
    assert all(
        "accelerator" not in one["container"]["resources"] for name, one in executors.items() if "train" not in name
    )


def test_how_large_a_training_is_may_be_said_anew_for_every_run():
    chosen = settings.load(changes={"train": {"cpu": "500m", "memory": "12Gi", "gpu": {"count": 2}}})
    spec, _ = documents(package.compiled(training.build(Params(), chosen)).text)
    given = spec["root"]["inputDefinitions"]["parameters"]
    sizes = {name: given[name]["defaultValue"] for name in ("train_cpu", "train_memory", "train_gpus")}
    assert sizes == {"train_cpu": "500m", "train_memory": "12Gi", "train_gpus": "2"}
    asked = str(spec["deploymentSpec"]["executors"]["exec-train"]["container"]["resources"])
    assert all(name in asked for name in sizes)


def test_on_this_machine_sizes_are_no_arguments_for_kfp_local_knows_none_in_a_loop():
    here = settings.with_images(settings.load(), "cpu", "gpu")
    assert {here.steps.retries, here.light.retries, here.train.retries} == {0}
    assert "pipelinechannel--train_" not in package.compiled(training.build(Params(), here)).text


def test_training_without_a_gpu_asks_for_none():
    executors, _ = platform({"train": {"gpu": {"count": 0}}})
    assert "accelerator" not in executors["exec-train"]["container"]["resources"]


def test_credentials_reach_only_the_steps_that_need_them():
    _, more = platform({})
    holders = {
        secret: {name.removeprefix("exec-") for name, one in more.items() if secret in str(one.get("secretAsEnv"))}
        for secret in ("attune-s3", "attune-mlflow")
    }
    assert holders == {
        "attune-s3": {"data-version", "corpus", "validate", "preprocess", "register"},
        "attune-mlflow": {"train", "register", "close"},
    }


def test_what_tracks_knows_its_run_without_the_cache_knowing_it():
    executors, more = platform({})
    told = {name: one["fieldPathAsEnv"] for name, one in more.items() if "fieldPathAsEnv" in one}
    assert set(told) == {"exec-train", "exec-register", "exec-close"}
    assert [(env["name"], env["fieldPath"]) for env in told["exec-train"]] == [
        ("ATTUNE_PIPELINE_RUN", "metadata.labels['pipeline/runid']")
    ]
    assert "pipeline_job" not in str(executors)


def test_a_volume_is_mounted_where_a_corpus_is_read():
    _, more = platform({"data": {"claim": "corpus", "mount": "/corpora"}})
    readers = {name for name, one in more.items() if any(m["mountPath"] == "/corpora" for m in one.get("pvcMount", []))}
    assert readers == {"exec-data-version", "exec-corpus", "exec-validate", "exec-preprocess", "exec-features"}


def test_no_pod_is_throttled_unless_it_is_asked_for():
    executors, _ = platform({"train": {"cpu_limit": "8"}})
    limited = {name for name, one in executors.items() if "resourceCpuLimit" in one["container"]["resources"]}
    assert limited == {"exec-train"}


@pytest.mark.parametrize(("given", "text"), [(2, "2"), (0.5, "0.5"), ("500m", "500m")])
def test_a_quantity_may_be_a_number(given, text):
    assert settings.load(changes={"steps": {"cpu": given, "cpu_limit": given}}).steps.cpu_limit == text


def test_what_only_looks_and_stops_fits_anywhere():
    executors, _ = platform({})
    asked = {name: one["container"]["resources"]["resourceCpuRequest"] for name, one in executors.items()}
    assert {name for name, cpu in asked.items() if cpu == "100m"} == {
        *("exec-admit", "exec-gate", "exec-close", "exec-data-version")
    }


def retries(changes):
    spec, _ = documents(package.compiled(training.build(Params(), settings.load(changes=changes))).text)
    tasks = [
        task
        for one in [spec["root"], *spec["components"].values()]
        for task in one.get("dag", {}).get("tasks", {}).items()
    ]
    return {name: task["retryPolicy"] for name, task in tasks if "retryPolicy" in task}


def test_lost_pods_are_started_again_five_times_and_no_deadline_cuts_a_retry_short():
    policies = retries({"train": {"timeout": 1000}})
    assert all(policy["maxRetryCount"] >= 5 for policy in policies.values())
    assert policies["train"]["backoffMaxDuration"] == "6000s"
    assert "corpus" in policies


def test_checkpoints_are_kept_on_a_claim_at_an_address_or_not_at_all():
    def mounts(checkpoints=None):
        changes = {} if checkpoints is None else {"train": {"checkpoints": checkpoints}}
        executors, more = platform(changes)
        container, own = executors["exec-train"]["container"], more["exec-train"]
        return own.get("pvcMount", []), container.get("env", []), "attune-s3" in str(own["secretAsEnv"])

    (claim,), *_ = mounts()
    assert (claim["constant"], claim["mountPath"]) == ("attune-checkpoints", "/tmp/checkpoints")
    address = [{"name": "ATTUNE_CHECKPOINTS", "value": "s3://b/kept"}]
    assert mounts("s3://b/kept") == ([], address, True)
    assert mounts("") == ([], [], False)


def test_our_settings_have_names_of_their_own_in_the_pod():
    _, more = platform({})
    names = {
        held["envVar"]
        for one in more.values()
        for source in one.get("configMapAsEnv", []) + one.get("secretAsEnv", [])
        for held in source["keyToEnv"]
    }
    assert "ATTUNE_POD_AWS_ENDPOINT_URL" in names
    assert "ATTUNE_POD_MLFLOW_TRACKING_TOKEN" in names
    assert all(name.startswith("ATTUNE_POD_") for name in names)


def test_the_config_map_is_required_where_a_task_tracks():
    _, more = platform({})
    required = {
        name
        for name, one in more.items()
        if any(not source.get("optional") for source in one.get("configMapAsEnv", []))
    }
    assert required == {"exec-train", "exec-register", "exec-close"}


def test_every_pod_carries_a_label_of_ours():
    executors, more = platform({})
    labels = [one["podMetadata"]["labels"] for one in more.values()]
    assert labels == [{"app.kubernetes.io/part-of": "attune"}] * len(executors)


def test_nothing_comes_from_the_cache_where_that_is_asked_for():
    spec, _ = documents(package.compiled(training.build(Params(), settings.load(changes={"cache": False}))).text)
    tasks = [task for one in spec["components"].values() for task in one.get("dag", {}).get("tasks", {}).values()]
    steps = [task for task in tasks if "for-loop" not in task["componentRef"]["name"]]
    assert {str(task.get("cachingOptions", {})) for task in steps} == {"{}"}


def test_the_shipped_settings_name_what_deploy_makes():
    shipped = settings.load()
    made = YAML(typ="safe").load((DEPLOY / "base" / "kustomization.yaml").read_text())["configMapGenerator"]
    assert [one["name"] for one in made] == [shipped.config_map]
    lines = (DEPLOY / "base" / "settings.env").read_text().splitlines()
    keys = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert keys == set(places.CONFIG_KEYS)


def test_several_nodes_are_a_launcher_that_asks_for_them_and_shares_their_volume():
    executors, more = platform({"train": {"nodes": 3, "checkpoints": "keep", "timeout": 7200}})
    container = executors["exec-train"]["container"]
    assert "accelerator" not in container["resources"]
    assert container["args"][container["args"].index("--nodes") + 1].startswith('{"count": ')
    own = more["exec-train"]
    assert [(mount["constant"], mount["mountPath"]) for mount in own["pvcMount"]] == [("keep", "/tmp/checkpoints")]
    assert own["activeDeadlineSeconds"] == "7200"
    assert {(field["name"], field["fieldPath"]) for field in own["fieldPathAsEnv"]} == {
        ("ATTUNE_LAUNCHER", "metadata.name"),
        ("ATTUNE_LAUNCHER_UID", "metadata.uid"),
        ("ATTUNE_PIPELINE_RUN", "metadata.labels['pipeline/runid']"),
    }


@pytest.mark.parametrize("checkpoints", ["", "s3://bucket/checkpoints"])
def test_several_nodes_without_a_claim_are_refused(checkpoints):
    with pytest.raises(AttuneError, match=r"train.nodes: several nodes share .* on a claim"):
        settings.load(changes={"train": {"nodes": 2, "checkpoints": checkpoints}})


@pytest.mark.parametrize(
    "train", [{}, {"resizable": False}, {"nodes": 2}, {"nodes": 2, "resizable": False}, {"gpu": {"count": 0}}], ids=str
)
def test_whatever_a_task_takes_from_around_it_is_there(train):
    """Kubeflow's driver ends a run whose task names what its surroundings do not have; its compiler lets it pass."""
    spec, _ = documents(package.compiled(training.build(Params(), settings.load(changes={"train": train}))).text)
    for name, component in [("root", spec["root"]), *spec["components"].items()]:
        for task, about in component.get("dag", {}).get("tasks", {}).items():
            for kind, source in (("parameters", "componentInputParameter"), ("artifacts", "componentInputArtifact")):
                there = component.get("inputDefinitions", {}).get(kind, {})
                taken = {value[source] for value in about.get("inputs", {}).get(kind, {}).values() if source in value}
                assert taken <= set(there), (name, task)


def test_sizes_are_arguments_only_where_they_are_asked_for():
    fixed = settings.not_resizable(settings.load(changes={"train": {"memory": "12Gi"}}))
    spec, _ = documents(package.compiled(training.build(Params(), fixed)).text)
    assert not {name for name in spec["root"]["inputDefinitions"]["parameters"] if name.startswith("train_")}
    assert spec["deploymentSpec"]["executors"]["exec-train"]["container"]["resources"]["resourceMemoryLimit"] == "12Gi"


def test_a_toleration_of_every_taint_needs_no_key_and_any_other_does():
    settings.load(changes={"train": {"tolerations": [{"operator": "Exists"}]}})
    with pytest.raises(AttuneError, match="a toleration without a key is for all taints"):
        settings.load(changes={"train": {"tolerations": [{"value": "gpu"}]}})
