"""The process that runs a version's networks: an end that nobody expected is reported as one."""

import pandas as pd
import pytest

from attune.errors import AttuneError
from attune.registry.running import Running


def test_a_process_that_ended_between_two_calls_or_was_closed_is_reported(tmp_path):
    with Running(tmp_path, "attune/1") as networks:
        networks._loaded = True
        networks._process.own.kill()
        networks._process.own.wait()
        with pytest.raises(AttuneError, match="attune/1: the process that runs its networks ended with code -9"):
            networks.predict(pd.DataFrame())
    with pytest.raises(AttuneError, match="attune/1: is closed"):
        networks.predict(pd.DataFrame())
