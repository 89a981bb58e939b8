import json

from attune.kubeflow.lineage import announce


def test_an_image_of_a_clean_tree_names_its_commit():
    environment = {"ATTUNE_COMMIT": "a" * 40}
    announce(environment, "9f.dir")
    assert environment["ATTUNE_GIT_COMMIT"] == "a" * 40
    assert environment["ATTUNE_GIT_CLEAN"] == "true"
    assert json.loads(environment["ATTUNE_DATA_MD5"]) == {"corpus": "9f.dir"}


def test_an_image_of_a_changed_tree_says_so():
    environment = {"ATTUNE_COMMIT": "b" * 40 + "-dirty"}
    announce(environment, "")
    assert environment["ATTUNE_GIT_COMMIT"] == "b" * 40
    assert environment["ATTUNE_GIT_CLEAN"] == "false"
    assert "ATTUNE_DATA_MD5" not in environment
