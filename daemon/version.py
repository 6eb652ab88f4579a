"""The version of this program."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """Give the installed version; `0` in a checkout that was never installed."""
    try:
        return version("sunline")
    except PackageNotFoundError:
        return "0"
