import numpy as np

from attune.corpus.synthetic.spectra import HERTZ, HOP, RATE, overlap_add, spectra


def test_unchanged_spectra_give_the_sound_back_but_for_fades_at_its_ends():
    sound = np.random.default_rng(0).standard_normal(40 * HOP)
    back = overlap_add(spectra(sound), len(sound))
    inside = slice(2 * HOP, -3 * HOP)
    np.testing.assert_allclose(back[inside], sound[inside], atol=1e-12)
    assert np.all(np.abs(back) <= np.abs(sound) + 1e-12)


def test_a_filter_rings_as_long_as_it_would_in_one_piece():
    pulse = np.zeros(40 * HOP)
    pulse[20 * HOP] = 1.0
    delay = np.exp(-2j * np.pi * HERTZ * 400 / RATE)  # 400 samples: most of a window
    late = overlap_add(spectra(pulse) * delay, len(pulse))
    assert np.argmax(late) == 20 * HOP + 400
    np.testing.assert_allclose(late.max(), 1.0, atol=1e-9)
