"""Training curves run over epochs, those of support vector machines over what they run over: C."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from attune.model.others import handcrafted
from attune.report.pictures import curves

CHANCES = {"arousal": 1 / 3}


def history(uars):
    about = {"network": "joint", "train_loss": 1.0, "development_loss": 1.1}
    columns = {"epoch": np.arange(1, len(uars) + 1), "development_uar": uars, "development_uar_arousal": uars}
    return pd.DataFrame(columns).assign(**about)


def page_of(architecture, uars):
    models = {("any", "session1"): {"architecture": architecture}}
    run = SimpleNamespace(systems=["any"], tasks=["arousal"], chance=CHANCES.get)
    (found,) = curves.section(SimpleNamespace(run=run, models=models, histories={("any", "session1"): history(uars)}))
    return found["plots"][0]


def test_a_network_has_epochs():
    assert "percent at epoch 2 of 1 to 3" in page_of({"window": 640}, [0.4, 0.6, 0.5])


def test_a_support_vector_machine_has_values_of_c():
    shown = page_of(handcrafted.ARCHITECTURE, [0.4, 0.5, 0.6, 0.5, 0.5, 0.5, 0.5])
    assert "percent at C 0.01 of 0.001 to 1" in shown
    assert "epoch" not in shown
