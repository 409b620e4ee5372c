"""When and where an appeal came, as values that a model can learn from.

What people decide changes with the season, the hour, the place and the year. A model reads of these what
helps (`veche.learn.ridge.choose_circumstances`), and nothing of them where a history has no times or points.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: The values of `Inputs.circumstances`, each a string column: quarter ("2024-3"), month ("01" to "12"),
#: weekday ("1", Monday, to "7"), hour ("00" to "23") and cell ("42.35,-71.06", its middle).
PERIOD, MONTH, WEEKDAY, HOUR, CELL = "period", "month", "weekday", "hour", "cell"

CIRCUMSTANCES = (CELL, MONTH, WEEKDAY, HOUR, PERIOD)

#: What is read or left together, the channel of the traits with them. What says least about appeals to come
#: stands first: it is left where the others say as much.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "period": (PERIOD,),
    "cell": (CELL,),
    "time": (MONTH, WEEKDAY, HOUR),
    "channel": ("channel",),
}

#: Cells are so many degrees from south to north, 1.1 km, and as many kilometres from west to east.
_CELL_DEGREES = 0.01

_POLE = 89.0


def circumstances(received: pa.Array, lat: pa.Array, lon: pa.Array, *, timezone: str) -> dict[str, pa.Array]:
    """Return the circumstances of n appeals: `received` timestamp[us, UTC], `lat` and `lon` in degrees.

    Days and hours are those of `timezone`. An appeal of midnight sharp has no hour: its date alone is known.
    """
    instants = received.cast(pa.timestamp("us", timezone or "UTC"))
    local = pc.call_function("local_timestamp", [instants])
    midnight = pc.equal(pc.cast(local, pa.date32()).cast(pa.timestamp("us")), local)
    return {
        PERIOD: pc.binary_join_element_wise(_digits(pc.year(local), 4), _text(pc.quarter(local)), "-"),
        MONTH: _digits(pc.month(local), 2),
        WEEKDAY: _text(pc.add(pc.day_of_week(local), 1)),
        HOUR: pc.if_else(midnight, pa.scalar(None, pa.string()), _digits(pc.hour(local), 2)),
        CELL: _cells(lat, lon),
    }


def unknown(n: int) -> dict[str, pa.Array]:
    """Return the circumstances of `n` appeals of which none is known."""
    return dict.fromkeys(CIRCUMSTANCES, pa.nulls(n, pa.string()))


def _text(numbers: pa.Array) -> pa.Array:
    return numbers.cast(pa.string())


def _digits(numbers: pa.Array, n: int) -> pa.Array:
    return pc.utf8_lpad(_text(numbers), n, "0")


def _cells(lat: pa.Array, lon: pa.Array) -> pa.Array:
    points = [pc.fill_null(c.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False) for c in (lat, lon)]
    known = np.isfinite(points[0]) & np.isfinite(points[1])
    north, east = (np.where(known, c, 0.0) for c in points)
    middle = (np.floor(north / _CELL_DEGREES) + 0.5) * _CELL_DEGREES
    wide = _CELL_DEGREES / np.cos(np.radians(np.clip(middle, -_POLE, _POLE)))
    centre = (np.floor(east / wide) + 0.5) * wide
    names = [f"{a:.3f},{b:.3f}" for a, b in zip(middle.tolist(), centre.tolist(), strict=True)]
    return pa.array(names, pa.string(), mask=~known)
