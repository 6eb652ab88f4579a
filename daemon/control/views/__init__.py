"""Results of the control API as JSON-able objects: times in ISO UTC, uuids as text."""
