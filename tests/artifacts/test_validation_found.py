"""validation.json of another version, whole by its digest, is refused by name and not passed on to the page."""

import pytest

from attune.artifacts import validation
from attune.errors import AttuneError

COUNTS = {"all": 3, "accepted": 2, "quarantined": 1}
RULE = {"rule": "readable", "action": "quarantine", "description": "It can be read.", "checked": 3, "failed": 1}


def test_what_was_found_is_read_as_it_was_written(tmp_path):
    validation.write_found(tmp_path, {"accepted": True, "utterances": COUNTS, "rules": [RULE]})
    assert validation.read_found(tmp_path) == {"utterances": COUNTS, "rules": [RULE]}


@pytest.mark.parametrize(
    "other",
    [
        {"utterances": {"total": 3}},
        {"utterances": COUNTS | {"all": None}},
        {"rules": {"readable": 1}},
        {"rules": [{"name": "readable"}]},
    ],
)
def test_another_form_is_refused_by_name(tmp_path, other):
    validation.write_found(tmp_path, {"utterances": COUNTS, "rules": [RULE]} | other)
    with pytest.raises(AttuneError, match=r"validation\.json: cannot be read .*\n  Run `attune validate` again"):
        validation.read_found(tmp_path)
