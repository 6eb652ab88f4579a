-- name: panel
SELECT {Panel} FROM local_panels WHERE serial_number = ?

-- name: panel_by_uuid
SELECT {Panel} FROM local_panels WHERE uuid = ?

-- name: panels
SELECT {Panel} FROM local_panels WHERE serial_number > ? ORDER BY serial_number LIMIT ?

-- name: result
SELECT {StationResult} FROM local_station_results WHERE uuid = ?

-- name: results_of
SELECT {StationResult} FROM local_station_results
WHERE panel_id = (SELECT id FROM local_panels WHERE uuid = ?) ORDER BY id

-- name: last_results
SELECT {StationResult} FROM local_station_results
WHERE station_number = ? ORDER BY created_at DESC, id DESC LIMIT ?

-- name: criteria_results_of
SELECT {CriterionResult} FROM criteria_results WHERE station_result_uuid = ? ORDER BY uuid

-- name: criteria_results_of_panel
SELECT {CriterionResult} FROM criteria_results
WHERE station_result_uuid IN (
    SELECT uuid FROM local_station_results WHERE panel_id = (SELECT id FROM local_panels WHERE uuid = ?))
ORDER BY uuid

-- name: overrides_of
SELECT {Override} FROM overrides WHERE panel_uuid = ? ORDER BY id

-- name: hold
SELECT {Hold} FROM holds WHERE uuid = ?

-- name: holds_of
SELECT {Hold} FROM holds WHERE subject_uuid = ? ORDER BY id

-- name: releases_of
SELECT {HoldRelease} FROM hold_releases
WHERE hold_uuid IN (SELECT uuid FROM holds WHERE subject_uuid = ?) ORDER BY id

-- name: open_holds
SELECT {Hold} FROM holds
WHERE subject_uuid = ? AND NOT EXISTS (SELECT 1 FROM hold_releases WHERE hold_uuid = holds.uuid) ORDER BY id

-- name: all_open_holds
SELECT {Hold} FROM holds
WHERE NOT EXISTS (SELECT 1 FROM hold_releases WHERE hold_uuid = holds.uuid) ORDER BY id

-- name: panel_counts
SELECT status, current_station, count(*) FROM local_panels GROUP BY status, current_station

-- name: result_counts
SELECT station_number, result, count(*) FROM local_station_results
WHERE station_number IN (1, 2, 3, 4) AND created_at >= ? GROUP BY station_number, result
