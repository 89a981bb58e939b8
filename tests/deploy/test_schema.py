"""The schema check itself: it must notice what an API server would."""

import pytest
from schema import RELEASES, TYPES, faults

BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "a", "labels": {"b": "c"}},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "a"},
    "subjects": [{"kind": "ServiceAccount", "name": "a"}],
}


def test_a_sound_object_has_no_faults():
    assert faults(BINDING) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"subject": []}, "RoleBinding.subject: unknown field"),
        ({"subjects": [{"kind": "ServiceAccount", "nmae": "a"}]}, "RoleBinding.subjects[0].nmae: unknown field"),
        ({"subjects": {"kind": "ServiceAccount"}}, "is not a list"),
        ({"metadata": {"labels": {"b": 1}}}, "RoleBinding.metadata.labels[b]: 1 is not a str"),
        ({"metadata": "a"}, "RoleBinding.metadata: 'a' is not an object"),
        ({"kind": "RoleBidning"}, "unknown kind"),
    ],
)
def test_a_fault_is_named_with_its_place(change, message):
    assert any(message in fault for fault in faults(BINDING | change))


def test_a_missing_required_field_is_a_fault():
    assert any(
        "roleRef: missing" in fault for fault in faults({key: BINDING[key] for key in BINDING if key != "roleRef"})
    )


def test_both_releases_are_known_and_differ():
    assert RELEASES == ("1.30", "1.34")
    assert TYPES["1.30"] != TYPES["1.34"]
