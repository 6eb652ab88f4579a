-- name: sticks
SELECT {Stick} FROM sticks ORDER BY name, id

-- name: stick
SELECT {Stick} FROM sticks WHERE uuid = ?

-- name: stick_export
SELECT {StickExport} FROM stick_exports WHERE uuid = ?

-- name: stick_exports
SELECT EXISTS (SELECT 1 FROM stick_visits WHERE stick_export_uuid = stick_exports.uuid
    AND outcome IN ('exported', 'nothing_new')), {StickExport}
FROM stick_exports WHERE stick_uuid = ? AND log_store = ? ORDER BY id DESC LIMIT ?

-- name: stick_visit
SELECT {StickVisit} FROM stick_visits WHERE uuid = ?

-- name: stick_visits
SELECT {StickVisit} FROM stick_visits ORDER BY id DESC LIMIT ?

-- name: stick_last_visits
SELECT {StickVisit} FROM stick_visits
WHERE id IN (SELECT max(id) FROM stick_visits WHERE stick_uuid IS NOT NULL GROUP BY stick_uuid)

-- name: stick_visits_of
SELECT {StickVisit} FROM stick_visits WHERE stick_export_uuid = ? ORDER BY id
