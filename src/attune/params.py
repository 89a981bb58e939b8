"""`params.yaml` as frozen, typed, strict objects; its only reader.

Every section has defaults, so a step may be given only the sections it reads; an unknown key, a wrong
type or an impossible combination is an error that names the key.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from attune import protocols
from attune.errors import AttuneError
from attune.settings import parameter_text
from attune.settings.corpus import Corpus
from attune.settings.parameter_text import readable as readable
from attune.settings.section import Count as Count
from attune.settings.section import NotNegative, Positive, Seed, Share, Text
from attune.settings.section import Section as Section
from attune.settings.train import RECIPES as RECIPES
from attune.settings.train import Augment as Augment
from attune.settings.train import Auxiliary as Auxiliary
from attune.settings.train import TaskWeights as TaskWeights
from attune.settings.train import Train as Train
from attune.tasks import TASKS

System = Literal[
    "stl", "stl-att", "stl-additive", "stl-multi-head", "stl-gated", "stl-mean",
    "mtl", "mtl-att", "mtl-additive", "mtl-multi-head", "mtl-gated", "mtl-mean",
    "egemaps-svm", "lld-rnn", "ssl-att", "imported",
]  # fmt: skip
"""Systems that can score a recording, and so can be registered."""

AnySystem = Literal[System, "egemaps-svm-transductive"]


class Validate(Section):
    min_seconds: Positive = 0.1
    max_seconds: Positive = 60.0
    max_quarantined: Share = 0.05

    @model_validator(mode="after")
    def _some_length_is_accepted(self) -> "Validate":
        if self.min_seconds > self.max_seconds:
            raise ValueError(f"validate.min_seconds: {self.min_seconds:g} is above max_seconds, {self.max_seconds:g}")
        return self


class Preprocess(Section):
    sample_rate: Annotated[int, Field(ge=8000, lt=2**31)] = 16000
    shard_seconds: Positive = 3600.0


class Compute(Section):
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: Count = 1


class Ssl(Section):
    folder: Text = "data/encoder"
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    tuned: Literal["none", "all", "lora"] | Count = "none"
    rate: Positive = 0.02
    rank: Count = 8


class Evaluate(Section):
    resamples: Annotated[int, Field(ge=100, lt=2**31)] = 1000
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    seed: Seed = 1


class Attention(Section):
    rounds: Annotated[int, Field(ge=20, lt=2**31)] = 2000
    probed: Annotated[int, Field(ge=0, lt=2**31)] = 30
    seed: Seed = 1


class Report(Section):
    examples: Count = 24


class PaperTable(Section):
    systems: Annotated[list[AnySystem], Field(min_length=1)] = [
        "egemaps-svm", "lld-rnn", "stl", "stl-att", "mtl", "mtl-att",
    ]  # fmt: skip
    seeds: Annotated[list[Seed], Field(min_length=1)] = [1, 2, 3]

    @model_validator(mode="after")
    def _nothing_twice(self) -> "PaperTable":
        for name, chosen in (("systems", self.systems), ("seeds", self.seeds)):
            if len(set(chosen)) < len(chosen):
                raise ValueError(f"paper_table.{name}: named twice: {', '.join(map(str, chosen))}")
        return self


def _model_name(name: str) -> str:
    if set(name) & set('/:@"') or not name.strip(".0123456789 "):
        raise ValueError('register.name must not contain / : @ " and must not be a number')
    return name


class Register(Section):
    system: System = "mtl-att"
    name: Annotated[Text, AfterValidator(_model_name)] = "attune"
    experiments: Literal["register", "track"] = "register"


_BETTER_THAN_CHANCE: dict[str, dict[Literal["uar", "ccc"], float]] = {task: {"uar": 0.4} for task in TASKS}


class GroupMargins(Section):
    gender: NotNegative = 0.1
    scenario: NotNegative = 0.1
    speaker: NotNegative = 0.2


class Promote(Section):
    minimum: dict[str, dict[Literal["uar", "ccc"], Share]] = _BETTER_THAN_CHANCE
    margin: NotNegative = 0.05
    group_margins: GroupMargins = GroupMargins()
    max_megabytes: Positive = 200.0
    max_latency: Positive = 2.0


class Params(Section):
    """All of params.yaml."""

    corpus: Corpus = Corpus()
    protocol: str = "loso5"
    folds: Annotated[list[str], Field(min_length=1)] = list(protocols.PROTOCOLS["loso5"].folds)
    systems: Annotated[list[AnySystem], Field(min_length=1)] = ["mtl-att", "egemaps-svm"]
    validate_: Validate = Field(default=Validate(), alias="validate")
    preprocess: Preprocess = Preprocess()
    ssl: Ssl = Ssl()
    compute: Compute = Compute()
    train: Train = Train()
    evaluate: Evaluate = Evaluate()
    attention: Attention = Attention()
    report: Report = Report()
    paper_table: PaperTable = PaperTable()
    register_: Register = Field(default=Register(), alias="register")
    promote: Promote = Promote()

    def only(self, sections: Iterable[str]) -> "Params":
        """Return a copy restricted to these sections, which a step declares; reading any other raises an error.

        An undeclared section would have the file's values under DVC but the defaults under Kubeflow.
        """
        declared, narrowed = set(sections), self.model_copy()
        for name, field in Params.model_fields.items():
            if (field.alias or name) not in declared:
                del narrowed.__dict__[name]
        return narrowed

    def __getattr__(self, name: str) -> Any:
        if name in Params.model_fields:
            section = Params.model_fields[name].alias or name
            raise AttuneError(
                f"{section}: a section of the parameters that this step does not declare",
                remedy="Add it to READS of the step, to `params` of its stage in dvc.yaml and to its component.",
            )
        raise AttributeError(name)

    @model_validator(mode="before")
    @classmethod
    def _folds_default_to_the_protocol(cls, values: Any) -> Any:
        protocol = values.get("protocol") if isinstance(values, dict) else None
        if isinstance(protocol, str) and "folds" not in values:
            found = protocols.find(protocol)
            return {**values, "folds": list(found.folds)} if found and found.folds else values
        return values

    @model_validator(mode="after")
    def _the_registered_system_is_trained(self) -> "Params":
        if {"systems", "register_"} <= self.model_fields_set and self.register_.system not in self.systems:
            raise ValueError(
                f"register.system: {self.register_.system!r} is not among the systems {', '.join(self.systems)}"
            )
        return self

    @model_validator(mode="after")
    def _the_systems_can_be_trained_so(self) -> "Params":
        if {"systems", "train"} <= self.model_fields_set:
            for system in self.systems:
                if refused := self.train.refused(system):
                    raise ValueError(refused)
        return self

    @model_validator(mode="after")
    def _folds_belong_to_the_protocol(self) -> "Params":
        protocol = protocols.find(self.protocol)
        if protocol is None:
            raise ValueError(f"protocol: there is no protocol {self.protocol!r}; choose one of {protocols.names()}")
        odd = [fold for fold in self.folds if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", fold)]
        if odd:  # it is used as a folder name and in command lines
            raise ValueError(
                f"folds: {odd[0]!r} has other characters than letters, digits, dots, dashes and underscores"
            )
        known = protocol.folds
        strangers = [fold for fold in self.folds if fold not in known]
        if known and strangers:
            raise ValueError(
                f"folds: {strangers[0]!r} is not a fold of {self.protocol}; its folds are {', '.join(known)}"
            )
        for name, chosen in (("folds", self.folds), ("systems", self.systems)):
            if len(set(chosen)) < len(chosen):
                raise ValueError(f"{name}: named twice: {', '.join(chosen)}")
        return self


def load(source: str | Path = "params.yaml") -> Params:
    """Read parameters from a YAML file, or from JSON text that starts with ``{``.

    Raises:
        AttuneError: no such file, not YAML, an unknown key, a wrong type, an impossible combination.
    """
    values, where = parameter_text.read(source)
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        raise AttuneError(readable(error), where=where, remedy=f"See {_EXPLAINED} for every key.") from None


_EXPLAINED = "the comments in the repository's params.yaml"
