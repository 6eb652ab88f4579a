-- name: station_state
SELECT body FROM station_state WHERE station_number = ?

-- name: station_states
SELECT station_number, body FROM station_state ORDER BY station_number

-- name: set_station_state
INSERT INTO station_state (station_number, body) VALUES (?, ?)
ON CONFLICT (station_number) DO UPDATE SET body = excluded.body

-- name: recent_scans
SELECT {RawScan}, {ScanOutcome} FROM raw_scans LEFT JOIN scan_outcomes ON scan_uuid = raw_scans.uuid
WHERE raw_scans.station_number = ? ORDER BY raw_scans.uuid DESC LIMIT ?

-- name: outcomes_of_panel
SELECT {ScanOutcome} FROM scan_outcomes WHERE panel_uuid = ? ORDER BY created_at, uuid

-- name: stations_that_scanned
SELECT DISTINCT station_number FROM scan_outcomes WHERE panel_uuid = ? AND created_at > ? AND created_at <= ?
ORDER BY station_number

-- name: alarms
SELECT {Alarm} FROM alarms ORDER BY id DESC LIMIT ?

-- name: garbles
SELECT {RawGarble} FROM raw_garbles ORDER BY id DESC LIMIT ?

-- name: intake_errors
SELECT {IntakeError} FROM intake_errors ORDER BY id DESC LIMIT ?
