"""One Kubeflow component per step: the command of the same name, in a container, with typed artifacts.

Others identify the data (`data_version`), collect the outputs of all cells (`gather`), stop a run with a message
(`admit`, `gate`), or close it (`close`); `train` has a second form for several nodes.
They import kfp and nothing heavy.
"""

from components.admit import admit
from components.attention import attention
from components.close import close
from components.corpus import corpus
from components.data_version import data_version
from components.evaluate import evaluate
from components.features import features
from components.gate import gate
from components.gather import gather_models, gather_predictions
from components.predict import predict
from components.preprocess import preprocess
from components.register import register
from components.report import report
from components.score import score
from components.train import train
from components.train_on_nodes import train as train_on_nodes
from components.validate import validate

__all__ = [
    "admit",
    "attention",
    "close",
    "corpus",
    "data_version",
    "evaluate",
    "features",
    "gate",
    "gather_models",
    "gather_predictions",
    "predict",
    "preprocess",
    "register",
    "report",
    "score",
    "train",
    "train_on_nodes",
    "validate",
]
