"""torchaudio can be imported beside the torch that is installed here, whichever it is."""

import subprocess
import sys

SCRIPT = """
import torch
from attune.waveform.torchaudio_import import functional
assert functional().resample(torch.ones(1, 100), 2, 1).shape == (1, 50)
import sys
print(hasattr(sys.modules["torchaudio._extension"], "__file__"), torch.version.cuda is not None)
"""


def test_a_fresh_interpreter_can_resample_and_only_a_cpu_torch_gets_a_stand_in():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    real_extension, cuda = done.stdout.split()
    assert real_extension == cuda
