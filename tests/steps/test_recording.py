"""All that is written of a version names one commit: that of its tags."""

from attune import tags
from attune.artifacts.metrics import Metrics
from attune.params import Params
from attune.steps.gathering import recording


def test_the_description_names_the_commit_of_the_tags_whatever_is_committed_meanwhile():
    scores = Metrics.parse({"loso5": {"mtl-att": {"test": {}}}})
    for clean, changed, said in (("true", "[]", "clean"), ("false", '["x"]', "with changes")):
        facts = {tags.GIT_COMMIT: "a" * 40, tags.GIT_CLEAN: clean, tags.GIT_CHANGED: changed}
        assert f"commit {'a' * 12}, {said}" in recording._describe(Params(), facts, scores)
