"""The features that each system uses; one not listed uses the waveform itself. Imports nothing heavy."""

FUNCTIONALS, DESCRIPTORS = "egemaps", "lld"
BY_SPEAKER = "egemaps-by-speaker"
ENCODER = "encoder"

OF_SYSTEM = {
    "egemaps-svm": FUNCTIONALS,
    "egemaps-svm-transductive": BY_SPEAKER,
    "lld-rnn": DESCRIPTORS,
    "ssl-att": ENCODER,
}
