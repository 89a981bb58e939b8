"""Systems that are not networks of the waveform, registered for real and served over HTTP from what was registered."""

from pathlib import Path

import needs
import numpy as np
import pytest
import tiny_published
from registry_samples import FOLDS as ALL
from registry_samples import RATE, voice, write_model
from serving_samples import running

from attune.features import encoder_folder
from attune.model import bundle
from attune.model.others import imported
from attune.registry import versions
from attune.tasks import PAPER, TASKS
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow

FOLDS = ALL[:1]


def write_lld_rnn(folder):
    needs.package("opensmile")
    for number, fold in enumerate(FOLDS):
        write_model(folder / fold, "lld-rnn", fold, seed=number)


def write_imported(folder):
    """The same published model for every fold, in the layout of audEERING's, drawn at random."""
    tiny_published.write(folder.parent / "published")
    read, head, labels = imported.read(folder.parent / "published", PAPER)
    told = imported.architecture(read, labels, encoder_folder.digest(folder.parent / "published"))
    values = {task.name: task.middles for task in PAPER}
    for fold in FOLDS:
        (folder / fold).mkdir(parents=True)
        about = bundle.Description("loso5", imported.SYSTEM, fold, 0.0, 1.0, values, 1, {})
        bundle.save(folder / fold, about, imported.states(read, head), told)


@pytest.fixture(scope="module", params=[write_lld_rnn, write_imported])
def registered(request, new_database, tmp_path_factory):
    """The folds' models, and the files of the version that was made of them."""
    folder = tmp_path_factory.mktemp("registered")
    request.param(folder / "models")
    (folder / "mlflow.db").write_bytes(new_database.path.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_EXPERIMENT_ID", raising=False)  # of another database, from a registration before
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}")
        client = mlflow_client.connect()
        run = client.create_run(mlflow_client.experiment_id(client)).info.run_id
        version = versions.register(client, run, "attune", {fold: folder / "models" / fold for fold in FOLDS}, {})
        assert client.get_registered_model("attune").aliases == {"candidate": version.version}
        files = Path(versions.fetch(client.get_model_version_by_alias("attune", "candidate")))
    return folder / "models", files


def test_it_answers_over_http_with_the_models_own_numbers(registered):
    models, files = registered
    waves = [voice(0.4), voice(0.9, seed=1)]
    with running(files) as server:
        rows = [{"samples": wave.tolist(), "rate": RATE} for wave in waves]
        status, answer = server.post({"dataframe_records": rows})
    assert status == 200
    members = [bundle.load(models / fold).predict(waves) for fold in FOLDS]
    for number, row in enumerate(answer["predictions"]):
        for task in TASKS:
            assert row[task] == pytest.approx(np.mean([said[number].scores[task] for said in members]), abs=1e-4)
            shares = np.mean([said[number].probabilities[task] for said in members], axis=0)
            assert [row[f"{task}_{name}"] for name in ("low", "middle", "high")] == pytest.approx(shares, abs=1e-4)
