"""Beijing's weather by month: the numbers behind the plugin `climate`, each with its source.

Sources:

- [CMA] China Meteorological Administration, normals of 1971-2000 for Beijing (station 54511), as mirrored at
  liquisearch.com/geography_of_beijing/climate (precipitation, read there) and in other copies of the same
  table. Of the table's days with precipitation, humidity and sunshine, no complete copy could be read
  again when this was written; what could (sunshine of 47 per cent of the possible in July, 65 in January and
  February, 2,671 h a year: hotelsbeijingchina.com/Beijing_Weather) agrees.
- [BMB] Beijing Meteorological Bureau in "Sandstorms unlikely", news.everychina.com/wz4166e0: 7.9 days of
  blowing sand a spring, mean of seven years. Xinhua, 4 March 2008: about ten days of sand and dust a spring
  are usual; 12 January 2016: four in all of 2015.
- [NMC] National Meteorological Center, China Daily, 8 April 2022: since 2000 about 80 per cent of sand and
  dust in March, April and May.
- [Reevaluation] "Reevaluating the variation in trend of haze days in the urban areas of Beijing" (1980-2015):
  more haze in autumn and winter than in spring and summer, with weak wind. Neither it nor doi
  10.3878/j.issn.1006-9585.2012.11094 (about 100 days of dust-haze a year around Beijing before the 1970s)
  gives a table by month.
- [IAP 2013] doi 10.3878/j.issn.1006-9585.2013.12170: more days of fog in autumn and winter.
- [2018] 2.0 m/s was the mean wind of 2018 at Beijing's observatory (beijing.shvoice.com/news/29668.html).
- [Yang 2013] "Spatial and diurnal characteristics of summer rainfall over Beijing Municipality",
  doi 10.1002/joc.3622: in summer events of 1 to 3 h dominate, almost all rain falls in less than 6 h.
- assumed: this project's own figure, where no number that can be cited was found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Long-term means of one month."""

    days: int
    rain_mm: float
    """[CMA]"""
    rain_days: float
    """With 0.1 mm or more. [CMA]"""
    rain_hours: float
    """Of a day with rain. Summer: [Yang 2013]; else assumed."""
    sunshine_share: float
    """Of the possible. [CMA] One minus this stands for the mean cloud cover: assumed."""
    humidity_percent: float
    """[CMA]"""
    wind_mps: float
    """At 10 m, mean. Course of the year assumed, its mean near [2018] and older, windier years."""
    fog_days: float
    """Assumed; season after [IAP 2013]."""
    haze_days: float
    """Assumed; season after [Reevaluation]."""
    dust_days: float
    """Floating dust, blowing sand, or a sand storm. Spring's sum after [BMB], share after [NMC];
    split over the months assumed."""

    @property
    def rain_day_share(self) -> float:
        """Of the days."""
        return self.rain_days / self.days

    @property
    def dry_share(self) -> float:
        """Of days without rain, fog, haze and dust."""
        return 1.0 - (self.rain_days + self.fog_days + self.haze_days + self.dust_days) / self.days


MONTHS: tuple[Month, ...] = tuple(
    Month(
        days=days,
        rain_mm=rain_mm,
        rain_days=rain_days,
        rain_hours=rain_hours,
        sunshine_share=sunshine / 100.0,
        humidity_percent=humidity,
        wind_mps=wind,
        fog_days=fog,
        haze_days=haze,
        dust_days=dust,
    )
    for days, rain_mm, rain_days, rain_hours, sunshine, humidity, wind, fog, haze, dust in zip(
        DAYS,
        (2.7, 4.9, 8.3, 21.0, 34.0, 78.0, 185.0, 160.0, 46.0, 22.0, 7.4, 2.8),
        (1.8, 2.3, 3.3, 4.3, 5.8, 9.7, 13.6, 12.0, 7.6, 5.0, 3.5, 1.7),
        (6.0, 6.0, 6.0, 6.0, 5.0, 3.0, 3.0, 3.0, 5.0, 6.0, 6.0, 6.0),
        (65.0, 65.0, 63.0, 64.0, 64.0, 59.0, 47.0, 52.0, 63.0, 64.0, 62.0, 62.0),
        (44.0, 44.0, 46.0, 46.0, 53.0, 61.0, 75.0, 77.0, 68.0, 61.0, 57.0, 49.0),
        (2.5, 2.6, 2.8, 3.0, 2.7, 2.3, 1.9, 1.7, 1.8, 2.0, 2.2, 2.4),
        (1.3, 0.9, 0.5, 0.3, 0.2, 0.2, 0.4, 0.5, 0.8, 1.6, 1.7, 1.4),
        (8.0, 6.0, 4.0, 3.0, 2.0, 3.0, 4.0, 3.0, 4.0, 7.0, 8.0, 8.0),
        (0.2, 0.5, 2.4, 3.6, 1.9, 0.4, 0.0, 0.0, 0.0, 0.1, 0.4, 0.4),
        strict=True,
    )
)
"""January to December."""

DEMAND = (
    0.8, 0.5, 0.4, 0.4, 0.6, 1.6, 4.0, 7.4, 7.6, 6.0, 5.2, 5.0,
    4.8, 5.0, 5.2, 5.4, 6.2, 7.6, 7.4, 5.8, 4.6, 3.8, 2.8, 1.5,
)  # fmt: skip
"""Weight of each hour of the day in urban traffic: two peaks, 7 to 9 and 17 to 19; assumed."""

WIND_SHAPE = 1.8
"""Weibull; assumed (2 is usual over land, cities are gustier)."""
RAIN_SHAPE = 0.6
"""Gamma, of a rainy day's sum: many days with little; assumed."""
RAIN_CLOUD = 0.92
"""Mean cover while it rains; assumed."""
CLOUD_SPREAD = 1.4
"""Sum of the beta distribution's parameters: below 2, cover is mostly either small or great; assumed."""

FOG_WIND_MPS, HAZE_WIND_MPS, DUST_WIND_MPS = 1.0, 1.2, 8.5
"""Means on such days; assumed. Dust is blown up from about 6 m/s (GB/T 20480 names no speed)."""
FOG_WIND_MOST_MPS, HAZE_WIND_MOST_MPS, DUST_WIND_LEAST_MPS = 2.5, 3.0, 6.0
"""Limits; assumed."""

FOG_HUMIDITY, RAIN_HUMIDITY, DUST_HUMIDITY = 96.0, 85.0, 22.0
"""Mean relative humidity, per cent; assumed."""
HAZE_DAMPER = 15.0
"""Haze days are so much damper than their month, per cent; assumed."""
HAZE_HUMIDITY_MOST = 80.0
"""Above it QX/T 113-2010 asks more before it speaks of haze and not of mist."""

FOG_HOURS = (22.0, 9.0)
"""Of a foggy day, over midnight; assumed after the usual radiation fog."""
DUST_HOURS = (10.0, 20.0)
"""Of a dusty day; assumed."""

FOG_VISIBILITY_M = (50.0, 950.0)
"""Fog is below 1 km (GB/T 27964-2011)."""
HAZE_VISIBILITY_M = (1500.0, 9500.0)
"""Haze is below 10 km (QX/T 113-2010)."""
DUST_VISIBILITY_M = (400.0, 9500.0)
"""A sand storm is below 1 km, blowing sand 1 to 10 km (GB/T 20480-2017)."""

DRYING_H = 1.2
"""A wet road dries to 1/e in so long under a mean wind and cover, puddles in three times as long; assumed."""


def month_of(day_of_year: int) -> int:
    """0 to 11, of a day 1 to 366; the 366th counts as the last of December."""
    past = 0
    for month, days in enumerate(DAYS):
        past += days
        if day_of_year <= past:
            return month
    return 11


def mean_of_rest(mean: float, parts: tuple[tuple[float, float], ...]) -> float:
    """What the rest must have on average, so that all has `mean`; `parts` are (share, mean) of the others."""
    share = math.fsum(p for p, _ in parts)
    return (mean - math.fsum(p * m for p, m in parts)) / (1.0 - share)
