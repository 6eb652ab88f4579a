"""The six lists of an export, in the order they stand in it."""

from enum import StrEnum


class ExportList(StrEnum):
    """A list of an export, by its key in the JSON document and the name of its CSV file."""

    ORDERS = "manufacturing_orders"
    PANELS = "panels"
    RESULTS = "station_results"
    PALLETS = "pallets"
    FAILED = "failed_panels"
    COSMETIC = "cosmetic_defects"
