import numpy as np
import pytest

from attune.corpus.synthetic.spectra import HOP, RATE
from attune.corpus.synthetic.voice import Tracks, synthesise

FRAMES = 125
STEADY = {
    "f0": 125.0, "voice": 1.0, "breath": 0.0, "noise": 0.0, "noise_centre": 4000.0,
    "formants": [500.0, 1500.0, 2500.0, 3500.0, 4300.0], "tilt": 0.0, "smile": 0.0, "chest": 0.0, "roughness": 0.0,
}  # fmt: skip


def sound(seed=0, **changed):
    tracks = {name: np.array([value] * FRAMES, dtype=float) for name, value in (STEADY | changed).items()}
    return synthesise(Tracks(**tracks), np.random.default_rng(seed))


def spectrum(wave):
    middle = wave[len(wave) // 4 : 3 * len(wave) // 4]
    power = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))) ** 2
    return np.fft.rfftfreq(len(middle), 1 / RATE), power


def band(wave, low, high):
    hertz, power = spectrum(wave)
    return 10 * np.log10(power[(hertz >= low) & (hertz < high)].sum())


def test_there_are_hop_samples_for_every_frame():
    assert sound().shape == (FRAMES * HOP,)


@pytest.mark.parametrize("f0", [90.0, 125.0, 230.0])
def test_energy_lies_at_the_harmonics(f0):
    hertz, power = spectrum(sound(f0=f0))
    near = np.abs(hertz / f0 - np.round(hertz / f0)) * f0 < 6.0
    assert power[near].sum() > 0.98 * power.sum()


@pytest.mark.parametrize("formant", [400.0, 600.0, 800.0])
def test_the_strongest_harmonic_is_the_one_nearest_to_the_first_formant(formant):
    wave = sound(f0=100.0, tilt=6.0, formants=[formant, 2000.0, 2900.0, 3600.0, 4300.0])
    hertz, power = spectrum(wave)
    assert hertz[np.argmax(power)] == pytest.approx(formant, abs=20)


def test_pulses_scale_with_their_amplitude():
    np.testing.assert_allclose(sound(voice=0.5), 0.5 * sound(voice=1.0), atol=1e-12)


def test_no_voice_and_no_noise_is_silence():
    assert not sound(voice=0.0, breath=1.0).any()


def test_tilt_tips_the_spectrum_by_so_many_decibels_per_octave():
    flat, bright = sound(), sound(tilt=3.0)
    assert band(bright, 985, 1015) - band(flat, 985, 1015) == pytest.approx(3.0, abs=0.1)
    assert band(bright, 3985, 4015) - band(flat, 3985, 4015) == pytest.approx(9.0, abs=0.1)


def test_a_smile_lifts_the_middle_of_the_spectrum():
    plain, smiling = sound(), sound(smile=6.0)
    assert band(smiling, 1450, 1550) - band(plain, 1450, 1550) == pytest.approx(6.0, abs=0.1)
    assert band(smiling, 100, 150) - band(plain, 100, 150) == pytest.approx(0.0, abs=0.1)


def test_chest_lifts_the_lowest_harmonics_alone():
    plain, full = sound(), sound(chest=6.0)
    assert band(full, 100, 150) - band(plain, 100, 150) == pytest.approx(6.0, abs=0.3)
    assert band(full, 1500, 4000) - band(plain, 1500, 4000) == pytest.approx(0.0, abs=0.1)


def test_noise_lies_around_its_centre():
    hertz, power = spectrum(sound(voice=0.0, noise=1.0, noise_centre=5500.0))
    assert np.average(hertz, weights=power) == pytest.approx(5500.0, abs=300.0)


def test_breath_comes_with_the_voice():
    assert band(sound(breath=0.3), 4000, 5000) > band(sound(), 4000, 5000) + 10


def test_roughness_spreads_energy_between_the_harmonics():
    def between(roughness):
        hertz, power = spectrum(sound(roughness=roughness))
        away = np.abs(hertz / 125.0 - np.round(hertz / 125.0)) > 0.3
        return power[away].sum() / power.sum()

    assert between(0.02) > 10 * between(0.0)
