"""The lines of IV Swinger 2 (open hardware; 57600 8N1, CR LF from the device, LF from the host)."""

VERSION = "1.4.6"
FULL_SCALE = 4095

BANNER = f"IV Swinger2 sketch version {VERSION}"
READY = "Ready"
WAITING = "Waiting for go message or config message"
CONFIG_PROCESSED = "Config processed"
COMPLETE = "Output complete"
CAPABILITIES = (
    "DS18B20 temperature sensor is NOT supported",
    "ADS1115-based pyranometer is NOT supported",
    "MAX_IV_POINTS: 275   max_iv_points: 140",
)


def line(text: str) -> bytes:
    """Return one device line."""
    return text.encode("ascii", "replace") + b"\r\n"


def echo(message: str) -> str:
    """Return the line that repeats what the host said."""
    return f"Received host message: {message}"


def counts(value: float, per_count: float) -> int:
    """Return a quantity as 12-bit converter counts."""
    return min(FULL_SCALE, max(0, round(value / per_count)))


def sweep(
    curve: list[tuple[float, float]], volts_per_count: float, amps_per_count: float, noise_floor: int = 0
) -> list[str]:
    """Return the lines of one sweep from (V, A) points, short circuit first; points count from 0.

    Without voltage nothing is polled: a single point at zero.
    """
    raw = [(counts(v, volts_per_count), min(FULL_SCALE, counts(i, amps_per_count) + noise_floor)) for v, i in curve]
    raw = raw if raw[-1][0] else [(0, noise_floor)]
    points = [f"{number} CH0:{ch0} CH1:{ch1}" for number, (ch0, ch1) in enumerate(raw)]
    return [
        f"CH1 ADC noise floor (min):{noise_floor}",
        f"CH1 ADC noise floor (max):{noise_floor}",
        f"Isc CH0:0 CH1:{raw[0][1]}",
        *points,
        f"Voc CH0:{raw[-1][0]} CH1:{noise_floor}",
        f"Number of recorded points: {len(points)}",
        COMPLETE,
    ]
