-- Pieces of an export. A `find` picks rows with their `place`, in the order of places: time and uuid where a whole store
-- is walked through; a `take` picks by local numbers what a stretch of the change log touched. A `rows` makes the columns
-- of a list from what was picked. `:first` and `:last` bound the numbers of the results in scope; a thing made after
-- `:before` is too new for it. Where rows have to be looked for, a piece looks no further than `:reach`. CROSS JOIN keeps
-- SQLite to the order that is written. Electrical values stand in the order of a data sheet, their numbers as the central
-- server writes them: without exponent.

-- name: export_panel_inside
(panels.created_at >= :since AND panels.created_at < :until AND panels.created_at <= :before OR EXISTS (
    SELECT 1 FROM local_station_results AS results
    WHERE results.panel_id = panels.id AND results.id > :first AND results.id <= :last
        AND results.created_at >= :since AND results.created_at < :until))

-- name: export_pallet_inside
(pallets.created_at >= :since AND pallets.created_at < :until AND pallets.created_at <= :before
    OR pallets.completed_at >= :since AND pallets.completed_at < :until AND pallets.completed_at <= :before
    OR EXISTS (
        SELECT 1 FROM pallet_panels AS placed CROSS JOIN local_panels AS panels ON panels.uuid = placed.panel_uuid
        WHERE placed.pallet_uuid = pallets.uuid AND {export_panel_inside}
            AND NOT EXISTS (SELECT 1 FROM pallet_removals WHERE pallet_panel_uuid = placed.uuid)))

-- name: export_standing
NOT EXISTS (
    SELECT 1 FROM local_station_results AS later WHERE later.panel_id = t.panel_id AND later.supersedes = t.uuid)

-- name: export_reach_manufacturing_orders
SELECT created_at FROM manufacturing_orders WHERE created_at > ? ORDER BY created_at LIMIT 1 OFFSET ?

-- name: export_reach_panels
SELECT created_at FROM local_panels WHERE created_at > ? ORDER BY created_at LIMIT 1 OFFSET ?

-- name: export_reach_pallets
SELECT created_at FROM pallets WHERE created_at > ? ORDER BY created_at LIMIT 1 OFFSET ?

-- name: export_reach_cosmetic_defects
SELECT created_at FROM local_station_results WHERE result <> 'PASS' AND created_at > ? ORDER BY created_at LIMIT 1 OFFSET ?

-- name: export_find_manufacturing_orders
SELECT id, created_at || ' ' || uuid AS place FROM manufacturing_orders AS orders
WHERE (created_at, uuid) > (:at, :uuid) AND created_at <= :reach AND (
    created_at >= :since AND created_at < :until
    OR EXISTS (SELECT 1 FROM local_panels AS panels WHERE panels.order_uuid = orders.uuid AND {export_panel_inside})
    OR EXISTS (SELECT 1 FROM pallets WHERE pallets.order_uuid = orders.uuid AND {export_pallet_inside}))
ORDER BY created_at, uuid LIMIT :limit

-- name: export_find_panels
SELECT id, created_at || ' ' || uuid AS place FROM local_panels AS panels INDEXED BY idx_local_panels_created_at
WHERE (created_at, uuid) > (:at, :uuid) AND created_at <= :reach AND {export_panel_inside}
ORDER BY created_at, uuid LIMIT :limit

-- name: export_find_failed_panels
SELECT id, created_at || ' ' || uuid AS place FROM local_panels AS panels INDEXED BY idx_local_panels_created_at
WHERE (created_at, uuid) > (:at, :uuid) AND created_at <= :reach AND status = 'failed' AND {export_panel_inside}
ORDER BY created_at, uuid LIMIT :limit

-- name: export_find_pallets
SELECT id, created_at || ' ' || uuid AS place FROM pallets INDEXED BY idx_pallets_created_at
WHERE (created_at, uuid) > (:at, :uuid) AND created_at <= :reach AND {export_pallet_inside}
ORDER BY created_at, uuid LIMIT :limit

-- name: export_find_pallet_sheets
{export_find_pallets}

-- name: export_within
(created_at, uuid) > (:at, :uuid) AND created_at >= :since AND created_at < :until AND id > :first AND id <= :last

-- name: export_find_station_results
SELECT id, created_at || ' ' || uuid AS place FROM (
    SELECT id, created_at, uuid FROM local_station_results INDEXED BY idx_local_station_results_station_number
    WHERE station_number = 1 AND {export_within}
    UNION ALL
    SELECT id, created_at, uuid FROM local_station_results INDEXED BY idx_local_station_results_station_number
    WHERE station_number = 2 AND {export_within}
    UNION ALL
    SELECT id, created_at, uuid FROM local_station_results INDEXED BY idx_local_station_results_station_number
    WHERE station_number = 3 AND {export_within}
    UNION ALL
    SELECT id, created_at, uuid FROM local_station_results INDEXED BY idx_local_station_results_station_number
    WHERE station_number = 4 AND {export_within}
    ORDER BY created_at, uuid LIMIT :limit)

-- name: export_find_cosmetic_defects
SELECT id, created_at || ' ' || uuid AS place
FROM local_station_results AS t INDEXED BY idx_local_station_results_no_pass
WHERE result <> 'PASS' AND created_at <= :reach AND {export_within} AND result = 'B' AND {export_standing}
ORDER BY created_at, uuid LIMIT :limit

-- name: export_take_station_results
SELECT id, id AS place FROM local_station_results
WHERE id > :first AND id <= :last AND created_at >= :since AND created_at < :until ORDER BY id LIMIT :limit

-- name: export_take_cosmetic_defects
SELECT id, id AS place FROM local_station_results AS t
WHERE id > :first AND id <= :last AND created_at >= :since AND created_at < :until AND result = 'B' AND {export_standing}
ORDER BY id LIMIT :limit

-- name: export_take
SELECT value AS id, value AS place FROM json_each(:ids)

-- name: export_take_failed_panels
SELECT value AS id, value AS place
FROM json_each(:ids) CROSS JOIN local_panels AS panels ON panels.id = value WHERE panels.status = 'failed'

-- name: export_rows_manufacturing_orders
SELECT place, orders.uuid AS id, mo_number, panel_type, line_number, quantity, status, notes, created_by,
    username AS created_by_username, substr(orders.created_at, 1, 26) || 'Z' AS created_at,
    substr(completed_at, 1, 26) || 'Z' AS completed_at
FROM picked CROSS JOIN manufacturing_orders AS orders ON orders.id = picked.id
LEFT JOIN users ON users.uuid = created_by

-- name: export_rows_panels
SELECT place, uuid AS id, serial_number, order_uuid AS mo_id, mo_number, panel_type, frame_type, backsheet_type, year,
    line_number, status, current_station, notes, substr(created_at, 1, 26) || 'Z' AS created_at
FROM picked CROSS JOIN local_panels AS panels ON panels.id = picked.id

-- name: export_rows_pallets
SELECT place, pallets.uuid AS id, pallet_number, order_uuid AS mo_id, mo_number, pallets.status AS status,
    pallets.created_by AS created_by, username AS created_by_username, (
        SELECT count(*) FROM pallet_panels AS placed WHERE placed.pallet_uuid = pallets.uuid
            AND NOT EXISTS (SELECT 1 FROM pallet_removals WHERE pallet_panel_uuid = placed.uuid)) AS panel_count,
    substr(pallets.created_at, 1, 26) || 'Z' AS created_at, substr(pallets.completed_at, 1, 26) || 'Z' AS completed_at
FROM picked CROSS JOIN pallets ON pallets.id = picked.id
CROSS JOIN manufacturing_orders AS orders ON orders.uuid = order_uuid
LEFT JOIN users ON users.uuid = pallets.created_by

-- name: export_marks
FROM criteria_results AS marks CROSS JOIN station_criteria AS criteria ON criteria.uuid = marks.criterion_uuid
WHERE marks.station_result_uuid = t.uuid AND

-- name: export_marks_as_objects
'[' || string_agg(
    concat('{"criterion":', json_quote(criterion_name), ',"result":"', marks.result, '","notes":', json_quote(marks.notes), '}'),
    ',' ORDER BY order_index, marks.uuid) || ']'

-- name: export_marks_as_text
string_agg(
    criterion_name || ': ' || marks.result || ifnull(' (' || marks.notes || ')', ''), '; ' ORDER BY order_index, marks.uuid)

-- name: export_rows_failed_panels
SELECT place, panels.uuid AS panel_id, serial_number, mo_number, t.uuid AS result_id,
    coalesce(t.station_number, scraps.station_number, current_station) AS station_number,
    ifnull((SELECT {export_marks_as_objects} {export_marks} marks.result = 'FAIL'), '[]') AS criteria,
    ifnull((SELECT {export_marks_as_text} {export_marks} marks.result = 'FAIL'), '') AS criteria_text,
    iif(t.id IS NULL, scraps.reason, t.notes) AS notes, username AS operator,
    substr(iif(t.id IS NULL, scraps.created_at, t.created_at), 1, 26) || 'Z' AS time
FROM picked CROSS JOIN local_panels AS panels ON panels.id = picked.id
LEFT JOIN local_station_results AS t ON t.id = (
    SELECT t.id FROM local_station_results AS t INDEXED BY idx_local_station_results_panel_id
    WHERE t.panel_id = panels.id AND result = 'FAIL' AND {export_standing}
    ORDER BY t.created_at DESC, t.uuid DESC LIMIT 1)
LEFT JOIN overrides AS scraps ON t.id IS NULL AND scraps.id = (
    SELECT id FROM overrides WHERE panel_uuid = panels.uuid AND action = 'scrap' ORDER BY created_at DESC, uuid DESC LIMIT 1)
LEFT JOIN users ON users.uuid = iif(
    t.id IS NULL, scraps.decided_by, (SELECT uuid FROM users WHERE id = t.operator_id))

-- name: export_rows_cosmetic_defects
SELECT place, panels.uuid AS panel_id, serial_number, mo_number, t.uuid AS result_id, station_number,
    ifnull((SELECT {export_marks_as_objects} {export_marks}
        (marks.result = 'FAIL' OR marks.notes IS NOT NULL)), '[]') AS criteria,
    ifnull((SELECT {export_marks_as_text} {export_marks}
        (marks.result = 'FAIL' OR marks.notes IS NOT NULL)), '') AS criteria_text,
    t.notes AS notes, username AS operator, substr(t.created_at, 1, 26) || 'Z' AS time
FROM picked CROSS JOIN local_station_results AS t ON t.id = picked.id
CROSS JOIN local_panels AS panels ON panels.id = t.panel_id CROSS JOIN users ON users.id = t.operator_id

-- name: export_values_sorted
SELECT concat('{', ltrim(string_agg(concat('"', key, '":', CASE
    WHEN value GLOB '[-0-9]*[eE]*' THEN rtrim(rtrim(printf('%.20f', value), '0'), '.')
    WHEN value IN ('-0', '-0.0') THEN ltrim(value, '-') ELSE value END), ',' ORDER BY place), ','), '}')
FROM (
    SELECT one.value AS key, one.key AS place, CASE json_type(electrical_data, '$.' || one.value)
        WHEN 'text' THEN json_quote(electrical_data ->> one.value) ELSE electrical_data -> one.value END AS value
    FROM json_each('["Pmax","Voc","Isc","Vmp","Imp","source","flash","judged_by"]') AS one)
WHERE value IS NOT NULL

-- name: export_values
CASE WHEN json_valid(electrical_data) THEN CASE
    WHEN substr(electrical_data, 1, instr(electrical_data, '"source"')) GLOB '{"Pmax":*'
        AND NOT substr(electrical_data, 1, instr(electrical_data, '"source"')) GLOB '*[-eE]*' THEN json(electrical_data)
    WHEN json_type(electrical_data) = 'object' THEN ({export_values_sorted}) END END

-- name: export_rows_station_results
WITH told AS MATERIALIZED (
    SELECT place, t.uuid AS id, panels.uuid AS panel_id, serial_number, mo_number, station_number, attempt,
        users.uuid AS operator_id, username AS operator, result, supersedes, t.notes AS notes,
        {export_values} AS electrical_data, substr(t.created_at, 1, 26) || 'Z' AS created_at
    FROM picked CROSS JOIN local_station_results AS t ON t.id = picked.id
    CROSS JOIN local_panels AS panels ON panels.id = t.panel_id CROSS JOIN users ON users.id = t.operator_id)
SELECT *, created_at AS updated_at,
    nullif(electrical_data -> '$.Pmax', 'null') AS pmax, nullif(electrical_data -> '$.Voc', 'null') AS voc,
    nullif(electrical_data -> '$.Isc', 'null') AS isc, nullif(electrical_data -> '$.Vmp', 'null') AS vmp,
    nullif(electrical_data -> '$.Imp', 'null') AS imp
FROM told

-- name: export_sheet_values
CASE WHEN t.id IS NULL THEN NULL WHEN t.electrical_data IS NOT NULL THEN {export_values} ELSE (
    SELECT json_object('Pmax', pmax_w, 'Voc', voc_v, 'Isc', isc_a, 'Vmp', vmp_v, 'Imp', imp_a)
    FROM flash_rulings CROSS JOIN raw_flashes ON raw_flashes.uuid = flash_uuid
    WHERE panel_uuid = panels.uuid AND flash_rulings.disposition = 'attached' ORDER BY flash_rulings.id DESC LIMIT 1) END

-- name: export_sheet_rows
SELECT json_group_array(json_object(
    'position', position_in_pallet, 'serial', serial_number, 'values', json({export_sheet_values}), 'result', t.result,
    'operator', username, 'time', substr(t.created_at, 1, 26) || 'Z') ORDER BY position_in_pallet, placed.uuid)
FROM pallet_panels AS placed CROSS JOIN local_panels AS panels ON panels.uuid = placed.panel_uuid
LEFT JOIN local_station_results AS t ON t.id = (
    SELECT id FROM local_station_results AS t INDEXED BY idx_local_station_results_panel_id
    WHERE t.panel_id = panels.id AND station_number = 4 AND result <> 'VOID'
        AND {export_standing} ORDER BY created_at DESC, uuid DESC LIMIT 1)
LEFT JOIN users ON users.id = t.operator_id
WHERE placed.pallet_uuid = pallets.uuid
    AND NOT EXISTS (SELECT 1 FROM pallet_removals WHERE pallet_panel_uuid = placed.uuid)

-- name: export_sheet_holds
SELECT json_group_array(json_object('code', code, 'reason', reason) ORDER BY created_at, uuid) FROM holds
WHERE NOT EXISTS (SELECT 1 FROM hold_releases WHERE hold_uuid = holds.uuid) AND subject_uuid IN (
    SELECT pallets.uuid UNION ALL SELECT panel_uuid FROM pallet_panels AS placed WHERE placed.pallet_uuid = pallets.uuid
        AND NOT EXISTS (SELECT 1 FROM pallet_removals WHERE pallet_panel_uuid = placed.uuid))

-- name: export_rows_pallet_sheets
SELECT count(*), max(place), string_agg(json_object(
    'pallet', json_object(
        'pallet_number', pallet_number, 'status', pallets.status,
        'created_at', substr(pallets.created_at, 1, 26) || 'Z',
        'completed_at', substr(pallets.completed_at, 1, 26) || 'Z'),
    'order', json_object('mo_number', mo_number, 'panel_type', panel_type),
    'rows', json(({export_sheet_rows})), 'holds', json(({export_sheet_holds}))), ','), ''
FROM picked CROSS JOIN pallets ON pallets.id = picked.id
CROSS JOIN manufacturing_orders AS orders ON orders.uuid = order_uuid

-- name: export_first_result_after
SELECT results.id FROM changes CROSS JOIN local_station_results AS results ON results.uuid = changes.uuid
WHERE changes.seq > ? AND changes.kind = 'station_result' ORDER BY changes.seq LIMIT 1

-- name: export_last_result
SELECT max(id) FROM local_station_results

-- name: export_moment
SELECT wall FROM changes WHERE seq <= ? AND received = 0 ORDER BY seq DESC LIMIT 1

-- name: export_stretch
FROM changes WHERE seq > :after AND seq <= :upto AND changes.kind

-- name: export_touched_orders
SELECT id FROM manufacturing_orders WHERE uuid IN (SELECT uuid {export_stretch} = 'order')
    AND created_at >= :since AND created_at < :until

-- name: export_touched_panels
SELECT id FROM local_panels WHERE uuid IN (SELECT uuid {export_stretch} = 'panel')
    AND created_at >= :since AND created_at < :until
UNION SELECT panel_id FROM local_station_results WHERE uuid IN (SELECT uuid {export_stretch} = 'station_result')
    AND created_at >= :since AND created_at < :until
UNION SELECT panels.id FROM overrides CROSS JOIN local_panels AS panels ON panels.uuid = panel_uuid
WHERE overrides.uuid IN (SELECT uuid {export_stretch} = 'override')

-- name: export_touched_pallets
WITH told AS MATERIALIZED (
    SELECT uuid {export_stretch} IN (
        'pallet', 'pallet_panel', 'pallet_removal', 'hold', 'hold_release', 'flash_ruling')),
about AS MATERIALIZED (
    SELECT subject_uuid AS uuid FROM told CROSS JOIN holds ON holds.uuid = told.uuid
    UNION SELECT subject_uuid FROM told CROSS JOIN hold_releases AS released ON released.uuid = told.uuid
        CROSS JOIN holds ON holds.uuid = hold_uuid
    UNION SELECT panel_uuid FROM told CROSS JOIN flash_rulings ON flash_rulings.uuid = told.uuid)
SELECT id FROM told CROSS JOIN pallets ON pallets.uuid = told.uuid
WHERE created_at >= :since AND created_at < :until OR completed_at >= :since AND completed_at < :until
UNION SELECT pallets.id FROM told CROSS JOIN pallet_panels AS placed ON placed.uuid = told.uuid
    CROSS JOIN pallets ON pallets.uuid = placed.pallet_uuid
UNION SELECT pallets.id FROM told CROSS JOIN pallet_removals AS removed ON removed.uuid = told.uuid
    CROSS JOIN pallet_panels AS placed ON placed.uuid = removed.pallet_panel_uuid
    CROSS JOIN pallets ON pallets.uuid = placed.pallet_uuid
UNION SELECT id FROM about CROSS JOIN pallets ON pallets.uuid = about.uuid
UNION SELECT pallets.id FROM about CROSS JOIN pallet_panels AS placed ON placed.panel_uuid = about.uuid
    CROSS JOIN pallets ON pallets.uuid = placed.pallet_uuid

-- name: export_pallets_carrying
SELECT DISTINCT pallets.id FROM json_each(:ids) CROSS JOIN local_panels AS panels ON panels.id = value
CROSS JOIN pallet_panels AS placed ON placed.panel_uuid = panels.uuid
CROSS JOIN pallets ON pallets.uuid = placed.pallet_uuid
WHERE NOT EXISTS (SELECT 1 FROM pallet_removals WHERE pallet_panel_uuid = placed.uuid)

-- name: export_orders_of_panels
SELECT DISTINCT orders.id FROM json_each(:ids) CROSS JOIN local_panels AS panels ON panels.id = value
CROSS JOIN manufacturing_orders AS orders ON orders.uuid = panels.order_uuid

-- name: export_orders_of_pallets
SELECT DISTINCT orders.id FROM json_each(:ids) CROSS JOIN pallets ON pallets.id = value
CROSS JOIN manufacturing_orders AS orders ON orders.uuid = pallets.order_uuid

-- name: export_count
SELECT (SELECT count(*) FROM manufacturing_orders WHERE created_at >= :since AND created_at < :until),
    (SELECT count(*) FROM local_panels WHERE created_at >= :since AND created_at < :until),
    (SELECT count(*) FROM local_station_results
     WHERE station_number IN (1, 2, 3, 4) AND created_at >= :since AND created_at < :until),
    (SELECT count(*) FROM pallets WHERE created_at >= :since AND created_at < :until), 0,
    (SELECT count(*) FROM local_station_results WHERE result <> 'PASS' AND created_at >= :since AND created_at < :until)

-- name: export_ends
SELECT at FROM (
    SELECT min(created_at) AS at FROM manufacturing_orders UNION ALL SELECT max(created_at) FROM manufacturing_orders
    UNION ALL SELECT min(created_at) FROM local_panels UNION ALL SELECT max(created_at) FROM local_panels
    UNION ALL SELECT min(created_at) FROM pallets UNION ALL SELECT max(created_at) FROM pallets
    UNION ALL SELECT min(created_at) FROM local_station_results WHERE station_number = 1
    UNION ALL SELECT min(created_at) FROM local_station_results WHERE station_number = 2
    UNION ALL SELECT min(created_at) FROM local_station_results WHERE station_number = 3
    UNION ALL SELECT min(created_at) FROM local_station_results WHERE station_number = 4
    UNION ALL SELECT max(created_at) FROM local_station_results WHERE station_number = 1
    UNION ALL SELECT max(created_at) FROM local_station_results WHERE station_number = 2
    UNION ALL SELECT max(created_at) FROM local_station_results WHERE station_number = 3
    UNION ALL SELECT max(created_at) FROM local_station_results WHERE station_number = 4)
WHERE at IS NOT NULL
