-- name: how_many_notes
SELECT count(*) FROM (SELECT 1 FROM note_words WHERE word = ? LIMIT ?)

-- name: notes_with
SELECT t.uuid, t.created_at, t.noted,
    CASE t.noted WHEN 'panel' THEN panels.notes WHEN 'station_result' THEN results.notes ELSE (
        SELECT notes FROM criteria_results WHERE station_result_uuid = t.owner AND criteria_results.uuid = t.uuid) END,
    panels.uuid, panels.serial_number, panels.mo_number, panels.status,
    results.station_number, results.result,
    CASE t.noted WHEN 'criterion_result' THEN (
        SELECT criterion_name FROM criteria_results JOIN station_criteria ON station_criteria.uuid = criterion_uuid
        WHERE station_result_uuid = t.owner AND criteria_results.uuid = t.uuid) END,
    users.username,
    ifnull(results.result = 'VOID' OR EXISTS (
        SELECT 1 FROM local_station_results AS later
        WHERE later.panel_id = results.panel_id AND later.supersedes = results.uuid), 0)
FROM note_words AS t
LEFT JOIN local_station_results AS results ON t.noted <> 'panel' AND results.uuid = t.owner
LEFT JOIN users ON users.id = results.operator_id
CROSS JOIN local_panels AS panels
WHERE t.word = ? AND (t.created_at, t.uuid) < (?, ?) AND t.created_at >= ? AND t.created_at < ?
    AND NOT EXISTS (SELECT 1 FROM json_each(?) AS other WHERE NOT EXISTS (
        SELECT 1 FROM note_words AS also
        WHERE also.word = other.value AND also.created_at = t.created_at AND also.uuid = t.uuid))
    AND panels.id = ifnull(results.panel_id, (SELECT id FROM local_panels WHERE uuid = t.owner))
    AND panels.status = ifnull(?, panels.status) AND panels.mo_number = ifnull(?, panels.mo_number)
    AND results.station_number IS ifnull(?, results.station_number)
ORDER BY t.created_at DESC, t.uuid DESC LIMIT ?

-- name: results_at_station
SELECT t.uuid, t.created_at, panels.uuid, panels.serial_number, panels.mo_number, panels.status, t.station_number,
    t.result, t.attempt, t.notes, users.username, t.result = 'VOID' OR EXISTS (
        SELECT 1 FROM local_station_results AS later WHERE later.panel_id = t.panel_id AND later.supersedes = t.uuid)
    AS voided
FROM local_station_results AS t INDEXED BY idx_local_station_results_station_number
CROSS JOIN local_panels AS panels ON panels.id = t.panel_id CROSS JOIN users ON users.id = t.operator_id
WHERE t.station_number = ? AND (t.created_at, t.uuid) < (?, ?) AND t.created_at >= ? AND t.created_at < ?
    AND t.result = ifnull(?, t.result) AND (NOT voided OR NOT ?)
ORDER BY t.created_at DESC, t.uuid DESC LIMIT ?

-- name: results_no_pass
SELECT t.uuid, t.created_at, panels.uuid, panels.serial_number, panels.mo_number, panels.status, t.station_number,
    t.result, t.attempt, t.notes, users.username, t.result = 'VOID' OR EXISTS (
        SELECT 1 FROM local_station_results AS later WHERE later.panel_id = t.panel_id AND later.supersedes = t.uuid)
    AS voided
FROM local_station_results AS t INDEXED BY idx_local_station_results_no_pass
CROSS JOIN local_panels AS panels ON panels.id = t.panel_id CROSS JOIN users ON users.id = t.operator_id
WHERE t.result <> 'PASS' AND t.result = ? AND (t.created_at, t.uuid) < (?, ?)
    AND t.created_at >= ? AND t.created_at < ?
    AND t.station_number = ifnull(?, t.station_number) AND (NOT voided OR NOT ?)
ORDER BY t.created_at DESC, t.uuid DESC LIMIT ?

-- name: results_of_order
SELECT t.uuid, t.created_at, panels.uuid, panels.serial_number, panels.mo_number, panels.status, t.station_number,
    t.result, t.attempt, t.notes, users.username, t.result = 'VOID' OR EXISTS (
        SELECT 1 FROM local_station_results AS later WHERE later.panel_id = t.panel_id AND later.supersedes = t.uuid)
    AS voided
FROM manufacturing_orders AS orders CROSS JOIN local_panels AS panels ON panels.order_uuid = orders.uuid
CROSS JOIN local_station_results AS t ON t.panel_id = panels.id CROSS JOIN users ON users.id = t.operator_id
WHERE orders.mo_number = ? AND (t.created_at, t.uuid) < (?, ?) AND t.created_at >= ? AND t.created_at < ?
    AND t.result = ifnull(?, t.result) AND t.station_number = ifnull(?, t.station_number) AND (NOT voided OR NOT ?)
ORDER BY t.created_at DESC, t.uuid DESC LIMIT ?

-- name: last_fail
SELECT t.uuid, t.created_at, panels.uuid, panels.serial_number, panels.mo_number, panels.status, t.station_number,
    t.result, t.attempt, t.notes, users.username, 0
FROM local_panels AS panels CROSS JOIN local_station_results AS t ON t.panel_id = panels.id
CROSS JOIN users ON users.id = t.operator_id
WHERE panels.uuid = ? AND t.result = 'FAIL' AND NOT EXISTS (
    SELECT 1 FROM local_station_results AS later WHERE later.panel_id = t.panel_id AND later.supersedes = t.uuid)
ORDER BY t.created_at DESC, t.uuid DESC LIMIT 1

-- name: panels_newest
SELECT {Panel} FROM local_panels INDEXED BY idx_local_panels_created_at
WHERE (created_at, uuid) < (?, ?) AND status = ifnull(?, status) AND current_station IS ifnull(?, current_station)
ORDER BY created_at DESC, uuid DESC LIMIT ?

-- name: panels_of_orders
SELECT {Panel} FROM local_panels INDEXED BY idx_local_panels_order_uuid
WHERE order_uuid IN (SELECT uuid FROM manufacturing_orders WHERE mo_number = ifnull(?, mo_number))
    AND status IN (SELECT value FROM json_each(?)) AND (created_at, uuid) < (?, ?)
    AND current_station IS ifnull(?, current_station)
ORDER BY created_at DESC, uuid DESC LIMIT ?

-- name: orders_newest
SELECT {Order} FROM manufacturing_orders WHERE (created_at, uuid) < (?, ?) AND status = ifnull(?, status)
ORDER BY created_at DESC, uuid DESC LIMIT ?

-- name: pallets_newest
SELECT {Pallet} FROM pallets INDEXED BY idx_pallets_created_at
WHERE (created_at, uuid) < (?, ?) AND status = ifnull(?, status)
ORDER BY created_at DESC, uuid DESC LIMIT ?

-- name: pallets_of_order
SELECT {Pallet} FROM pallets INDEXED BY idx_pallets_order_uuid
WHERE order_uuid = (SELECT uuid FROM manufacturing_orders WHERE mo_number = ?)
    AND (created_at, uuid) < (?, ?) AND status = ifnull(?, status)
ORDER BY created_at DESC, uuid DESC LIMIT ?

-- name: pallet_count
SELECT orders.mo_number, (
    SELECT count(*) FROM pallet_panels WHERE pallet_uuid = pallets.uuid
    AND NOT EXISTS (SELECT 1 FROM pallet_removals WHERE pallet_panel_uuid = pallet_panels.uuid))
FROM pallets JOIN manufacturing_orders AS orders ON orders.uuid = order_uuid WHERE pallets.uuid = ?

-- name: panels_at
SELECT status, current_station, count(*) FROM local_panels WHERE order_uuid = ?
GROUP BY status, current_station ORDER BY status, current_station
