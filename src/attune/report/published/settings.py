"""The settings of the published table: as reported in the paper, and as chosen here."""

from attune.params import Params, Section
from attune.tasks import Tasks, names_of

HEAD = ("setting", "the paper", "here")
_SILENT = "not reported"
_FRONT_ENDS = {
    "paper": "the same convolutions, once over the waveform",
    "paper-windowed": "the same, window by window",
    "strided": "three convolutions with max-pooling (Tzirakis et al. 2018)",
}


def settings(params: Params, tasks: Tasks) -> list[tuple[str, str, str]]:
    """Return rows with the columns `HEAD`."""
    train = params.train
    fixed = train.task_weighting == "fixed"
    weights = ", ".join(f"{task} {train.task_weights.of(task):g}" for task in names_of(tasks))
    return [
        ("folds", "one split, whose sessions and counts disagree", f"{params.protocol}: {', '.join(params.folds)}"),
        ("seeds", "one run", ", ".join(map(str, params.paper_table.seeds))),
        ("optimiser", "Adam, learning rate 0.0001", f"Adam, learning rate {train.learning_rate:g}"),
        ("warm-up", _SILENT, f"{train.warm_up:g} epoch{'' if train.warm_up == 1 else 's'}"),
        ("batch size", _SILENT, f"{train.batch_size} utterances"),
        ("epochs", _SILENT, f"at most {train.epochs}"),
        ("stopping", _SILENT, f"after {train.patience} epochs without a better development UAR; the best is kept"),
        ("task weights", "found by random search, " + _SILENT, weights if fixed else "learnt, by uncertainty"),
        ("class weights", _SILENT, train.class_weights),
        ("λ of the L2 term", _SILENT, f"{train.l2:g}"),
        ("dropout", "0.1", f"{train.dropout:g}"),
        ("gradient clipping", _SILENT, f"{train.gradient_clip:g}" if train.gradient_clip else "none"),
        ("inputs of the GRUs", _SILENT, "standardised" if train.standardise else "as they are"),
        ("learning rate of the attention", _SILENT, f"{train.attention_rate:g} times the common one"),
        ("output layers initialised", _SILENT, "to zero" if train.zero_output else "at random"),
        ("average of the weights", _SILENT, f"{train.average:g}" if train.average else "none"),
        ("longest utterance in training", _SILENT, f"{train.max_seconds:g} s"),
        ("augmentation", _SILENT, _chosen(train.augment)),
        ("auxiliary tasks", _SILENT, _chosen(train.auxiliary)),
        ("direction of the GRUs", _SILENT, {"forward": "forwards"}.get(train.direction, train.direction)),
        ("front end", "convolutions window by window", _FRONT_ENDS.get(train.front_end, train.front_end)),
        ("objective", "classes", train.objective),
    ]


def _chosen(section: Section) -> str:
    kinds = section.model_dump().items()
    return ", ".join(f"{name} {value:g}" for name, value in kinds if value) or "none"
