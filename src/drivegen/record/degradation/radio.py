"""What rain, snow and fog do to waves of radars (76 to 81 GHz): attenuation, and the echo of rain.

Attenuations are one-way, in dB/km.
"""

from __future__ import annotations

import math

from drivegen.record.degradation.atmosphere import Atmosphere

# (a, b, c) of each Gaussian, then slope m and constant c: ITU-R P.838-3, tables 1 to 4.
_K_H = (
    ((-5.33980, -0.10008, 1.13098), (-0.35351, 1.26970, 0.45400), (-0.23789, 0.86036, 0.15354),
     (-0.94158, 0.64552, 0.16817)),
    -0.18961,
    0.71147,
)  # fmt: skip
_K_V = (
    ((-3.80595, 0.56934, 0.81061), (-3.44965, -0.22911, 0.51059), (-0.39902, 0.73042, 0.11899),
     (0.50167, 1.07319, 0.27195)),
    -0.16398,
    0.63297,
)  # fmt: skip
_ALPHA_H = (
    ((-0.14318, 1.82442, -0.55187), (0.29591, 0.77564, 0.19822), (0.32177, 0.63773, 0.13164),
     (-5.37610, -0.96230, 1.47828), (16.1721, -3.29980, 3.43990)),
    0.67849,
    -1.95537,
)  # fmt: skip
_ALPHA_V = (
    ((-0.07771, 2.33840, -0.76284), (0.56727, 0.95545, 0.54039), (-0.20238, 1.14520, 0.26809),
     (-48.2991, 0.791669, 0.116226), (48.5833, 0.791459, 0.116479)),
    -0.053739,
    0.83433,
)  # fmt: skip

RAIN_BACKSCATTER, RAIN_BACKSCATTER_POWER = 1.21e-4, 0.69
"""Backscatter cross section of rain in m^2 per m^3: a R^b for R mm/h. Fitted to Mie scattering over the drops
of Marshall and Palmer 1948 at 76.5 GHz and 10 degrees Celsius (water after Liebe, Hufford and Manabe 1991),
within 17 per cent from 1 to 100 mm/h."""

SPEED_OF_LIGHT_MPS = 299_792_458.0


def _fit(table: tuple[tuple[tuple[float, float, float], ...], float, float], frequency_ghz: float) -> float:
    gaussians, slope, constant = table
    at = math.log10(frequency_ghz)
    return sum(a * math.exp(-(((at - b) / c) ** 2)) for a, b, c in gaussians) + slope * at + constant


def rain_coefficients(frequency_ghz: float, *, vertical: bool = True) -> tuple[float, float]:
    """(k, alpha) of k R^alpha dB/km: ITU-R P.838-3, equations 2 and 3."""
    k, alpha = (_K_V, _ALPHA_V) if vertical else (_K_H, _ALPHA_H)
    return 10.0 ** _fit(k, frequency_ghz), _fit(alpha, frequency_ghz)


def rain_attenuation(frequency_ghz: float, rain_mmph: float) -> float:
    """Of vertical polarisation, dB/km."""
    if rain_mmph <= 0.0:
        return 0.0
    k, alpha = rain_coefficients(frequency_ghz)
    return float(k * rain_mmph**alpha)


def snow_attenuation(frequency_ghz: float, snow_mmph: float) -> float:
    """Of dry snow, dB/km: 0.00349 R^1.6 / lambda^4 + 0.00224 R / lambda, lambda in cm.

    Gunn and East 1954, "The microwave properties of precipitation particles", made for longer waves; beyond
    its range here, and small.
    """
    wavelength_cm = SPEED_OF_LIGHT_MPS / (frequency_ghz * 1e9) * 100.0
    return float(0.00349 * snow_mmph**1.6 / wavelength_cm**4 + 0.00224 * snow_mmph / wavelength_cm)


def fog_attenuation(frequency_ghz: float, visibility_m: float, temperature_k: float = 283.15) -> float:
    """Of fog, dB/km: K_l M, ITU-R P.840 with the double-Debye model of water.

    The liquid water M in g/m^3 comes from the visibility by Kunkel 1984, "Parameterization of droplet
    terminal velocity and extinction coefficient in fog models": extinction 144.7 M^0.88 per km.
    """
    if visibility_m <= 0.0:
        return 0.0
    water_g_m3 = (math.log(20.0) / (visibility_m / 1000.0) / 144.7) ** (1.0 / 0.88)
    theta = 300.0 / temperature_k
    e0 = 77.66 + 103.3 * (theta - 1.0)
    e1, e2 = 0.0671 * e0, 3.52
    fp = 20.20 - 146.0 * (theta - 1.0) + 316.0 * (theta - 1.0) ** 2
    fs = 39.8 * fp
    f = frequency_ghz
    loss = f * (e0 - e1) / (fp * (1.0 + (f / fp) ** 2)) + f * (e1 - e2) / (fs * (1.0 + (f / fs) ** 2))
    real = (e0 - e1) / (1.0 + (f / fp) ** 2) + (e1 - e2) / (1.0 + (f / fs) ** 2) + e2
    eta = (2.0 + real) / loss
    return float(0.819 * f / (loss * (1.0 + eta**2)) * water_g_m3)


def attenuation(frequency_ghz: float, air: Atmosphere) -> float:
    """Of everything in the air, dB/km. Dust does nothing to waves of 4 mm."""
    return (
        rain_attenuation(frequency_ghz, air.rain_mmph)
        + snow_attenuation(frequency_ghz, air.snow_mmph)
        + fog_attenuation(frequency_ghz, air.fog_visibility_m)
    )


def rain_backscatter_m2_m3(rain_mmph: float) -> float:
    """Cross section of rain by volume."""
    return RAIN_BACKSCATTER * rain_mmph**RAIN_BACKSCATTER_POWER if rain_mmph > 0.0 else 0.0
