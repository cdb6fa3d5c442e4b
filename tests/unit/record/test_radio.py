"""Weather for radars: ITU's figures, and the echo of rain against Mie's solution for spheres."""

import math

import numpy as np
import pytest

from drivegen.record.degradation import radio
from drivegen.record.degradation.atmosphere import Atmosphere


@pytest.mark.parametrize(
    ("frequency_ghz", "k_h", "alpha_h", "k_v", "alpha_v"),
    [
        # Recommendation ITU-R P.838-3, table 5.
        (10.0, 0.01217, 1.2571, 0.01129, 1.2156),
        (40.0, 0.4431, 0.8673, 0.4274, 0.8421),
        (80.0, 1.1704, 0.7115, 1.1668, 0.7021),
    ],
)
def test_coefficients_of_rain_are_the_tabulated_ones(frequency_ghz, k_h, alpha_h, k_v, alpha_v):
    horizontal = radio.rain_coefficients(frequency_ghz, vertical=False)
    vertical = radio.rain_coefficients(frequency_ghz)
    assert horizontal == (pytest.approx(k_h, rel=1e-3), pytest.approx(alpha_h, rel=1e-3))
    assert vertical == (pytest.approx(k_v, rel=1e-3), pytest.approx(alpha_v, rel=1e-3))


def test_attenuations_of_each_medium():
    assert radio.rain_attenuation(76.5, 0.0) == 0.0
    assert 9.0 < radio.rain_attenuation(76.5, 25.0) < 13.0
    # ITU-R P.840: some 3.5 dB/km for each g/m^3 at 77 GHz and 10 degrees; 0.5 g/m^3 is fog of 50 m.
    assert radio.fog_attenuation(76.5, 50.0) == pytest.approx(0.35 * 3.5, rel=0.25)
    assert 0.0 < radio.snow_attenuation(76.5, 1.0) < 1.0
    assert radio.attenuation(76.5, Atmosphere(dust_visibility_m=30.0)) == 0.0


def mie_backscatter(size: float, index: complex) -> float:
    """Backscatter cross section over the geometric one: Bohren and Huffman 1983, chapter 4."""
    terms = int(size + 4.0 * size ** (1.0 / 3.0) + 12)
    inner = index * size
    deepest = max(terms, int(abs(inner))) + 16
    d = np.zeros(deepest + 1, complex)
    for k in range(deepest, 0, -1):
        d[k - 1] = k / inner - 1.0 / (d[k] + k / inner)
    psi_before, psi = math.cos(size), math.sin(size)
    chi_before, chi = -math.sin(size), math.cos(size)
    xi, total = psi - 1j * chi, 0j
    for k in range(1, terms + 1):
        psi_next = (2 * k - 1) * psi / size - psi_before
        chi_next = (2 * k - 1) * chi / size - chi_before
        xi_next = psi_next - 1j * chi_next
        electric, magnetic = d[k] / index + k / size, d[k] * index + k / size
        a = (electric * psi_next - psi) / (electric * xi_next - xi)
        b = (magnetic * psi_next - psi) / (magnetic * xi_next - xi)
        total += (2 * k + 1) * (-1) ** k * (a - b)
        psi_before, psi, chi_before, chi, xi = psi, psi_next, chi, chi_next, xi_next
    return abs(total) ** 2 / size**2


def test_the_echo_of_rain_is_mies():
    index = 3.364 + 1.914j  # water at 76.5 GHz and 10 degrees Celsius, Liebe et al. 1991
    wavelength_mm = radio.SPEED_OF_LIGHT_MPS / 76.5e6
    diameters = np.linspace(0.05, 8.0, 200)
    section = np.array([mie_backscatter(math.pi * d / wavelength_mm, index) for d in diameters])
    section *= math.pi / 4.0 * diameters**2 * 1e-6
    for rate in (1.0, 5.0, 20.0, 80.0):
        number = 8000.0 * np.exp(-4.1 * rate**-0.21 * diameters)
        wanted = (section * number).sum() * (diameters[1] - diameters[0])
        assert radio.rain_backscatter_m2_m3(rate) == pytest.approx(wanted, rel=0.18)
