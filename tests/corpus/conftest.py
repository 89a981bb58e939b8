"""A small copy of IEMOCAP written by hand, with every structural oddity that is known of the real one."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

LABELS = {
    "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt": """\
% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]

[6.2901 - 8.2357]	Ses01F_impro01_F000	neu	[2.5000, 2.2500, 2.7500]
C-E2:	Neutral;	()
C-E4:	Frustration; Anger;	()
C-F1:	Neutral;	(curious)
A-E3:	val 3; act 2; dom  2;	()
A-E4:	val 2; act 3; dom  3;	(mildly aggravated; (sighs))
A-F1:	val 3; act 2; dom  1;	()

[10.0100 - 11.3925]	Ses01F_impro01_M000	xxx	[3.7500, 4.0000, 3.2500]
C-E2:	Other;	()
A-E3:	val 4; act 4; dom  3;	()

""",
    "Session3/dialog/EmoEvaluation/Ses03M_impro05a.txt": (  # CRLF, stray blank lines, numbers without decimals
        "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\r\n\r\n\r\n"
        "[3 - 5]\tSes03M_impro05a_F000\tang\t[2, 4, 5]\r\n\r\n"
        "C-E2:\tAnger;\t()\r\n"
        "A-E3:\tval 2; act 4; dom  5;\t()\r\n\r\n\r\n"
        "[6.5 - 7]\tSes03M_impro05a_M000\tfru\t[5.5000, 3.0000, 0.5000]\r\n"
        "A-E3:\tval 5; act 3; dom  ;\t()"
    ),
    "Session5/dialog/EmoEvaluation/Ses05M_script01_1b.txt": """\
% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]

[1.0000 - 2.5000]	Ses05M_script01_1b_F012	sad	[2.0000, 2.0000, 2.3333]
A-E3:	val 2; act 2; dom  3;	()
""",
}
TRANSCRIPTS = {
    "Session1/dialog/transcriptions/Ses01F_impro01.txt": """\
Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.
Ses01F_impro01_FXX3 [009.0000-009.5000]: Mm.
M: [LAUGHTER]
Ses01F_impro01_M000 [010.0100-011.3925]: Do you have your forms: all [three] of them?
""",
    "Session5/dialog/transcriptions/Ses05M_script01_1b.txt": "Ses05M_script01_1b_F012 [001.0000-002.5000]: No.\r\n",
}
RECORDINGS = (
    "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav",
    "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_M000.wav",
    "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_M009.wav",  # without a label
    "Session3/sentences/wav/Ses03M_impro05a/Ses03M_impro05a_F000.wav",  # and none for ..._M000
    "Session5/sentences/wav/Ses05M_script01_1b/Ses05M_script01_1b_F012.wav",
)
LEFTOVERS = (
    "Session1/dialog/EmoEvaluation/._Ses01F_impro01.txt",
    "Session5/dialog/transcriptions/._Ses05M_script01_1b.txt",
    "Session1/sentences/wav/Ses01F_impro01/._Ses01F_impro01_F000.wav",
    "Session5/sentences/wav/Ses05M_script01_1b/.DS_Store",
    "Session5/sentences/wav/.hidden.wav",
)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """The folder that holds the hand-written Session folders."""
    folder = tmp_path / "IEMOCAP_full_release"
    for name, text in (LABELS | TRANSCRIPTS).items():
        write(folder / name, text.encode())
    for name in RECORDINGS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, np.zeros(160, dtype=np.int16), 16000)
    for name in LEFTOVERS:
        write(folder / name, b"\x00\x05\x16\x07Mac OS X\xff\xfe")
    return folder


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
