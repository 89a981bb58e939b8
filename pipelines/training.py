"""The training pipeline: from a corpus to a registered model, with all folds of all systems in parallel.

The graph is dvc.yaml's, plus two steps that may stop a run (`admit`, `gate`) and one that closes it (`close`).
"""

import inspect
from collections.abc import Sequence
from typing import Any

from kfp import dsl

import components as step
from attune.params import Params
from pipelines.arguments import cells as every_cell
from pipelines.arguments import encoder as encoder_of
from pipelines.arguments import featured as taking_features
from pipelines.arguments import gate as above_chance
from pipelines.arguments import sections
from pipelines.checks import SIZES
from pipelines.places import Size, each_node, mounts_data, place, place_launcher, place_light, place_on_gpu, reaches
from pipelines.settings import Settings

NAME = "attune-training"


def build(params: Params, settings: Settings) -> Any:
    """Return the pipeline, for kfp's compiler.

    Args:
        params: the defaults of the pipeline's parameters.
        settings: where and how its tasks run.
    """

    def reads_corpus(task: dsl.PipelineTask) -> dsl.PipelineTask:
        return reaches(mounts_data(place(task, settings), settings), settings, "s3")

    default = sections(params)

    def training(
        corpus: dict[str, Any] = default["corpus"],
        root: str = params.corpus.root,
        data_version: str = "",
        protocol: str = params.protocol,
        folds: list[str] = default["folds"],
        systems: list[str] = default["systems"],
        cells: list[dict[str, str]] = every_cell(params),  # noqa: B008
        featured: list[str] = taking_features(params),  # noqa: B008
        encoder: dict[str, Any] = encoder_of(params),  # noqa: B008
        validate: dict[str, Any] = default["validate"],
        preprocess: dict[str, Any] = default["preprocess"],
        ssl: dict[str, Any] = default["ssl"],
        compute: dict[str, Any] = default["compute"],
        train: dict[str, Any] = default["train"],
        evaluate: dict[str, Any] = default["evaluate"],
        attention: dict[str, Any] = default["attention"],
        report: dict[str, Any] = default["report"],
        gate: dict[str, Any] = above_chance(params),  # noqa: B008
        register: dict[str, Any] = default["register"],
        train_cpu: str = settings.train.cpu,
        train_memory: str = settings.train.memory,
        train_gpus: str = str(settings.train.gpu.count),
    ) -> None:
        """Args:
        corpus: section of params.yaml.
        root: a real corpus: a folder below the mounted volume, or an address; not read for a synthetic one.
        data_version: what identifies the bytes at root, such as DVC's md5; empty for what the first step finds out.
        protocol: of params.yaml.
        folds: of params.yaml.
        systems: of params.yaml.
        cells: every system with every fold; `attune pipeline` fills it from systems and folds.
        featured: the systems that use features, or one that uses none.
        encoder: the section ssl of params.yaml for `features`.
        validate: section of params.yaml.
        preprocess: section of params.yaml.
        ssl: section of params.yaml.
        compute: section of params.yaml.
        train: section of params.yaml.
        evaluate: section of params.yaml.
        attention: section of params.yaml.
        report: section of params.yaml.
        gate: smallest acceptable lower end of the interval, as {task: {uar or ccc: minimum}}.
        register: section of params.yaml.
        train_cpu: CPU request of a training pod, such as 500m or 4.
        train_memory: memory of a training pod, such as 16Gi.
        train_gpus: GPUs of a training pod; only if the pipeline was compiled with any.
        """
        closing = place_light(step.close(), settings).set_caching_options(enable_caching=False)
        reaches(closing, settings, "mlflow")
        with dsl.ExitHandler(closing, name="run"):
            named = step.data_version(corpus=corpus, root=root, data_version=data_version)
            reaches(mounts_data(place_light(named, settings), settings), settings, "s3")
            named.set_caching_options(enable_caching=False)
            version = named.outputs["version"]
            data: dict[str, Any] = {"root": root, "data_version": version}

            read = step.corpus(corpus_params=corpus, **data)
            reads_corpus(read)
            tables = read.outputs["corpus"]

            checked = step.validate(validate=validate, corpus=tables, **data)
            reads_corpus(checked)
            validated = checked.outputs["validated"]
            admitted = place_light(step.admit(refusal=checked.outputs["refusal"]), settings)

            packed = step.preprocess(preprocess=preprocess, corpus=tables, validated=validated, **data)
            reads_corpus(packed).after(admitted)
            stored: dict[str, Any] = {"validated": validated, "store": packed.outputs["store"]}

            measured = mounts_data(
                place(step.features(systems=featured, compute=compute, ssl=encoder, **stored), settings), settings
            )
            cell_inputs: dict[str, Any] = {**stored, "features": measured.outputs["features"]}

            size = Size(train_cpu, train_memory, train_gpus)
            with dsl.ParallelFor(
                cells, name="every system and fold", parallelism=settings.train.parallelism or None
            ) as cell:
                one: dict[str, Any] = {"system": cell.system, "fold": cell.fold, "protocol": protocol}
                one |= {"compute": compute, "train": train, **cell_inputs}
                if settings.train.nodes > 1:
                    trained = step.train_on_nodes(**one, **each_node(settings, size))
                    place_launcher(trained, settings)
                else:
                    trained = step.train(**one)
                    place_on_gpu(trained, settings, size)
                predicted = place(
                    step.predict(compute=compute, model=trained.outputs["model"], **cell_inputs), settings
                )
            found_models = step.gather_models(validated=validated, parts=dsl.Collected(trained.outputs["model"]))
            models = place(found_models, settings).outputs["models"]
            of_all = step.gather_predictions(validated=validated, parts=dsl.Collected(predicted.outputs["predictions"]))
            predictions = place(of_all, settings).outputs["predictions"]

            chosen: dict[str, Any] = {"protocol": protocol, "folds": folds, "systems": systems, "evaluate": evaluate}
            scored = step.evaluate(
                validated=validated, features=measured.outputs["features"], predictions=predictions, **chosen
            )
            place(scored, settings)
            scores: dict[str, Any] = {"metrics": scored.outputs["metrics"], "evaluation": scored.outputs["scores"]}

            attended = step.attention(
                attention=attention,
                compute=compute,
                corpus=tables,
                models=models,
                predictions=predictions,
                **stored,
                **chosen,
            )
            found: dict[str, Any] = {**scores, "attention": place(attended, settings).outputs["findings"]}

            told = step.report(
                report=report,
                register=register,
                data_version=version,
                corpus=tables,
                models=models,
                predictions=predictions,
                **stored,
                **chosen,
                **found,
            )
            place(told, settings)

            passed = step.gate(protocol=protocol, register=register, minimum=gate, evaluation=scores["evaluation"])
            place_light(passed, settings)

            registered = step.register(
                corpus=corpus,
                validate=validate,
                preprocess=preprocess,
                ssl=ssl,
                compute=compute,
                train=train,
                attention_params=attention,
                report_params=report,
                register=register,
                data_version=version,
                models=models,
                report=told.outputs["page"],
                **chosen,
                **found,
            )
            place(registered, settings).set_caching_options(enable_caching=False).after(passed)
            reaches(registered, settings, "s3", "mlflow")

    if not settings.train.resizable:
        _without(training, SIZES)
    return dsl.pipeline(name=NAME, description="From a corpus to a registered model of the emotion in speech.")(
        training
    )


def _without(function: Any, names: Sequence[str]) -> None:
    """Hide a function's last arguments from kfp: they keep their defaults and are not parameters of the pipeline."""
    signature = inspect.signature(function)
    shown = [parameter for name, parameter in signature.parameters.items() if name not in names]
    function.__signature__ = signature.replace(parameters=shown)
