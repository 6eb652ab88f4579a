-- Pieces of an export, in the order of `place`: time and uuid of a row. A `find` picks rows, a `rows` makes the columns of a
-- list from them. Where rows have to be looked for, a piece looks no further than `reach`. OFFSET 0: asked for each row,
-- never of the whole table at once. Electrical values stand in the order of a data sheet.

-- name: place
(to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') || ' ' || t.uuid) COLLATE "C" AS place

-- name: behind
(t.created_at, t.uuid) > (%(at)s::timestamptz, %(uuid)s::uuid)

-- name: in_order
ORDER BY t.created_at, t.uuid LIMIT %(limit)s::bigint

-- name: panel_inside
(panels.created_at >= %(since)s::timestamptz AND panels.created_at < %(until)s::timestamptz OR EXISTS (
    SELECT FROM station_results AS results WHERE results.panel_id = panels.id
        AND results.created_at >= %(since)s::timestamptz AND results.created_at < %(until)s::timestamptz OFFSET 0))

-- name: on_it
NOT EXISTS (SELECT FROM pallet_removals WHERE pallet_panel_uuid = placed.uuid OFFSET 0)

-- name: pallet_inside
(pallets.created_at >= %(since)s::timestamptz AND pallets.created_at < %(until)s::timestamptz
    OR pallets.completed_at >= %(since)s::timestamptz AND pallets.completed_at < %(until)s::timestamptz
    OR EXISTS (
        SELECT FROM pallet_panels AS placed JOIN panels ON panels.id = placed.panel_id
        WHERE placed.pallet_id = pallets.id AND {on_it} AND {panel_inside} OFFSET 0))

-- name: standing
NOT EXISTS (SELECT FROM station_results AS later WHERE later.supersedes = t.uuid OFFSET 0)

-- name: reach_manufacturing_orders
SELECT created_at FROM manufacturing_orders WHERE created_at > %(at)s::timestamptz
ORDER BY created_at LIMIT 1 OFFSET %(looks)s::bigint

-- name: reach_panels
SELECT created_at FROM panels WHERE created_at > %(at)s::timestamptz ORDER BY created_at LIMIT 1 OFFSET %(looks)s::bigint

-- name: reach_failed_panels
SELECT created_at FROM panels WHERE status = 'failed' AND created_at > %(at)s::timestamptz
ORDER BY created_at LIMIT 1 OFFSET %(looks)s::bigint

-- name: reach_pallets
SELECT created_at FROM pallets WHERE created_at > %(at)s::timestamptz ORDER BY created_at LIMIT 1 OFFSET %(looks)s::bigint

-- name: reach_pallet_sheets
{reach_pallets}

-- name: find_manufacturing_orders
SELECT t.id, {place} FROM manufacturing_orders AS t
WHERE {behind} AND t.created_at <= %(reach)s::timestamptz AND (
    t.created_at >= %(since)s::timestamptz AND t.created_at < %(until)s::timestamptz
    OR EXISTS (SELECT FROM panels WHERE panels.mo_id = t.id AND {panel_inside} OFFSET 0)
    OR EXISTS (SELECT FROM pallets WHERE pallets.mo_id = t.id AND {pallet_inside} OFFSET 0))
{in_order}

-- name: find_panels
SELECT t.id, {place} FROM panels AS t
WHERE {behind} AND t.created_at <= %(reach)s::timestamptz AND EXISTS (
    SELECT FROM (SELECT t.id, t.created_at) AS panels WHERE {panel_inside} OFFSET 0)
{in_order}

-- name: find_failed_panels
SELECT t.id, {place} FROM panels AS t
WHERE t.status = 'failed' AND {behind} AND t.created_at <= %(reach)s::timestamptz AND EXISTS (
    SELECT FROM (SELECT t.id, t.created_at) AS panels WHERE {panel_inside} OFFSET 0)
{in_order}

-- name: find_pallets
SELECT t.id, {place} FROM pallets AS t
WHERE {behind} AND t.created_at <= %(reach)s::timestamptz AND EXISTS (
    SELECT FROM (SELECT t.id, t.created_at, t.completed_at) AS pallets WHERE {pallet_inside} OFFSET 0)
{in_order}

-- name: find_pallet_sheets
{find_pallets}

-- name: find_station_results
SELECT t.id, {place} FROM station_results AS t
WHERE {behind} AND t.created_at >= %(since)s::timestamptz AND t.created_at < %(until)s::timestamptz
{in_order}

-- name: find_cosmetic_defects
SELECT t.id, {place} FROM station_results AS t
WHERE t.result = 'B' AND {behind} AND t.created_at >= %(since)s::timestamptz AND t.created_at < %(until)s::timestamptz
    AND {standing}
{in_order}

-- name: utc
'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'

-- name: rows_manufacturing_orders
SELECT place, t.uuid AS id, mo_number, panel_type, line_number, quantity, status, notes, users.uuid AS created_by,
    username AS created_by_username, to_char(t.created_at AT TIME ZONE 'UTC', {utc}) AS created_at,
    to_char(completed_at AT TIME ZONE 'UTC', {utc}) AS completed_at
FROM picked JOIN manufacturing_orders AS t ON t.id = picked.id LEFT JOIN users ON users.id = t.created_by

-- name: rows_panels
SELECT place, t.uuid AS id, serial_number, orders.uuid AS mo_id, mo_number, t.panel_type, frame_type, backsheet_type, year,
    t.line_number, t.status, current_station, t.notes, to_char(t.created_at AT TIME ZONE 'UTC', {utc}) AS created_at
FROM picked JOIN panels AS t ON t.id = picked.id JOIN manufacturing_orders AS orders ON orders.id = t.mo_id

-- name: rows_pallets
SELECT place, t.uuid AS id, pallet_number, orders.uuid AS mo_id, mo_number, t.status, users.uuid AS created_by,
    username AS created_by_username, panel_count, to_char(t.created_at AT TIME ZONE 'UTC', {utc}) AS created_at,
    to_char(t.completed_at AT TIME ZONE 'UTC', {utc}) AS completed_at
FROM picked JOIN pallets AS t ON t.id = picked.id JOIN manufacturing_orders AS orders ON orders.id = t.mo_id
LEFT JOIN users ON users.id = t.created_by

-- name: marks
FROM criteria_results AS marks JOIN station_criteria AS criteria ON criteria.id = marks.criterion_id
WHERE marks.station_result_id = t.id AND

-- name: marks_as_objects
'[' || string_agg(concat(
    '{"criterion":', to_json(criterion_name)::text, ',"result":"', marks.result, '","notes":',
    coalesce(to_json(marks.notes)::text, 'null'), '}'), ',' ORDER BY order_index, marks.uuid) || ']'

-- name: marks_as_text
string_agg(criterion_name || ': ' || marks.result || coalesce(' (' || marks.notes || ')', ''), '; '
    ORDER BY order_index, marks.uuid)

-- name: rows_failed_panels
SELECT place, panels.uuid AS panel_id, serial_number, mo_number, t.uuid AS result_id,
    coalesce(t.station_number, scraps.station_number, current_station) AS station_number,
    coalesce((SELECT {marks_as_objects} {marks} marks.result = 'FAIL'), '[]') AS criteria,
    coalesce((SELECT {marks_as_text} {marks} marks.result = 'FAIL'), '') AS criteria_text,
    CASE WHEN t.id IS NULL THEN scraps.reason ELSE t.notes END AS notes, username AS operator,
    to_char(coalesce(t.created_at, scraps.created_at) AT TIME ZONE 'UTC', {utc}) AS time
FROM picked JOIN panels ON panels.id = picked.id JOIN manufacturing_orders AS orders ON orders.id = panels.mo_id
LEFT JOIN LATERAL (
    SELECT * FROM station_results AS t WHERE t.panel_id = panels.id AND result = 'FAIL' AND {standing}
    ORDER BY t.created_at DESC, t.uuid DESC LIMIT 1) AS t ON true
LEFT JOIN LATERAL (
    SELECT * FROM overrides WHERE t.id IS NULL AND panel_uuid = panels.uuid AND action = 'scrap'
    ORDER BY overrides.created_at DESC, overrides.uuid DESC LIMIT 1) AS scraps ON true
LEFT JOIN users ON users.id = t.operator_id OR users.uuid = scraps.decided_by

-- name: rows_cosmetic_defects
SELECT place, panels.uuid AS panel_id, serial_number, mo_number, t.uuid AS result_id, station_number,
    coalesce((SELECT {marks_as_objects} {marks}
        (marks.result = 'FAIL' OR marks.notes IS NOT NULL)), '[]') AS criteria,
    coalesce((SELECT {marks_as_text} {marks} (marks.result = 'FAIL' OR marks.notes IS NOT NULL)), '') AS criteria_text,
    t.notes, username AS operator, to_char(t.created_at AT TIME ZONE 'UTC', {utc}) AS time
FROM picked JOIN station_results AS t ON t.id = picked.id JOIN panels ON panels.id = t.panel_id
JOIN manufacturing_orders AS orders ON orders.id = panels.mo_id JOIN users ON users.id = t.operator_id

-- name: values
CASE WHEN jsonb_typeof(electrical_data) = 'object' THEN concat('{', ltrim(concat(
    ',"Pmax":' || (electrical_data -> 'Pmax')::text, ',"Voc":' || (electrical_data -> 'Voc')::text,
    ',"Isc":' || (electrical_data -> 'Isc')::text, ',"Vmp":' || (electrical_data -> 'Vmp')::text,
    ',"Imp":' || (electrical_data -> 'Imp')::text, ',"source":' || (electrical_data -> 'source')::text,
    ',"flash":' || (electrical_data -> 'flash')::text, ',"judged_by":' || (electrical_data -> 'judged_by')::text),
    ','), '}') END

-- name: rows_station_results
SELECT place, t.uuid AS id, panels.uuid AS panel_id, serial_number, mo_number, station_number, attempt,
    users.uuid AS operator_id, username AS operator, result, supersedes, t.notes, {values} AS electrical_data,
    nullif((electrical_data -> 'Pmax')::text, 'null') AS pmax, nullif((electrical_data -> 'Voc')::text, 'null') AS voc,
    nullif((electrical_data -> 'Isc')::text, 'null') AS isc, nullif((electrical_data -> 'Vmp')::text, 'null') AS vmp,
    nullif((electrical_data -> 'Imp')::text, 'null') AS imp, at_utc AS created_at, at_utc AS updated_at
FROM picked JOIN station_results AS t ON t.id = picked.id JOIN panels ON panels.id = t.panel_id
JOIN manufacturing_orders AS orders ON orders.id = panels.mo_id JOIN users ON users.id = t.operator_id
CROSS JOIN LATERAL (SELECT to_char(t.created_at AT TIME ZONE 'UTC', {utc}) AS at_utc OFFSET 0) AS told

-- name: sheet_values
CASE WHEN t.id IS NULL THEN NULL WHEN t.electrical_data IS NOT NULL THEN t.electrical_data ELSE (
    SELECT jsonb_build_object('Pmax', pmax_w, 'Voc', voc_v, 'Isc', isc_a, 'Vmp', vmp_v, 'Imp', imp_a)
    FROM flash_rulings JOIN raw_flashes ON raw_flashes.uuid = flash_uuid
    WHERE panel_uuid = panels.uuid AND flash_rulings.disposition = 'attached'
    ORDER BY flash_rulings.created_at DESC, flash_rulings.uuid DESC LIMIT 1) END

-- name: sheet_rows
SELECT coalesce(json_agg(json_build_object(
    'position', position_in_pallet, 'serial', serial_number, 'values', {sheet_values}, 'result', t.result,
    'operator', username, 'time', to_char(t.created_at AT TIME ZONE 'UTC', {utc}))
    ORDER BY position_in_pallet, placed.uuid), '[]')
FROM pallet_panels AS placed JOIN panels ON panels.id = placed.panel_id
LEFT JOIN LATERAL (
    SELECT * FROM station_results AS t WHERE t.panel_id = panels.id AND station_number = 4 AND result <> 'VOID'
        AND {standing} ORDER BY created_at DESC, uuid DESC LIMIT 1) AS t ON true
LEFT JOIN users ON users.id = t.operator_id
WHERE placed.pallet_id = pallets.id AND {on_it}

-- name: sheet_holds
SELECT coalesce(json_agg(json_build_object('code', code, 'reason', reason) ORDER BY created_at, uuid), '[]') FROM holds
WHERE NOT EXISTS (SELECT FROM hold_releases WHERE hold_uuid = holds.uuid OFFSET 0) AND subject_uuid = ANY(ARRAY(
    SELECT pallets.uuid UNION ALL SELECT panels.uuid FROM pallet_panels AS placed
    JOIN panels ON panels.id = placed.panel_id WHERE placed.pallet_id = pallets.id AND {on_it}))

-- name: rows_pallet_sheets
SELECT count(*), max(place), string_agg(json_build_object(
    'pallet', json_build_object(
        'pallet_number', pallet_number, 'status', pallets.status,
        'created_at', to_char(pallets.created_at AT TIME ZONE 'UTC', {utc}),
        'completed_at', to_char(pallets.completed_at AT TIME ZONE 'UTC', {utc})),
    'order', json_build_object('mo_number', mo_number, 'panel_type', panel_type),
    'rows', ({sheet_rows}), 'holds', ({sheet_holds}))::text, ',' ORDER BY place), ''
FROM picked JOIN pallets ON pallets.id = picked.id JOIN manufacturing_orders AS orders ON orders.id = pallets.mo_id

-- name: count
SELECT (SELECT count(*) FROM manufacturing_orders WHERE created_at >= %(since)s AND created_at < %(until)s),
    (SELECT count(*) FROM panels WHERE created_at >= %(since)s AND created_at < %(until)s),
    (SELECT count(*) FROM station_results WHERE created_at >= %(since)s AND created_at < %(until)s),
    (SELECT count(*) FROM pallets WHERE created_at >= %(since)s AND created_at < %(until)s),
    (SELECT count(*) FROM panels WHERE status = 'failed' AND created_at >= %(since)s AND created_at < %(until)s),
    (SELECT count(*) FROM station_results WHERE result = 'B' AND created_at >= %(since)s AND created_at < %(until)s)

-- name: ends
SELECT at FROM (VALUES
    ((SELECT min(created_at) FROM manufacturing_orders)), ((SELECT max(created_at) FROM manufacturing_orders)),
    ((SELECT min(created_at) FROM panels)), ((SELECT max(created_at) FROM panels)),
    ((SELECT min(created_at) FROM pallets)), ((SELECT max(created_at) FROM pallets)),
    ((SELECT min(created_at) FROM station_results)), ((SELECT max(created_at) FROM station_results))
) AS ends (at) WHERE at IS NOT NULL
