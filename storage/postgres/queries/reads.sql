-- Lists for people, newest first by (created_at, uuid). Parameters: `limit`, `at` and `uuid` of the row to go on behind,
-- `since`, `until`, and what was asked for; NULL: it does not matter. Words that few notes have are looked up; those that
-- many have are met soon on the way back through time. OFFSET 0: asked for each row, never of the whole table at once.

-- name: order
(SELECT id FROM manufacturing_orders WHERE mo_number = %(order)s)

-- name: piece
(t.created_at, t.uuid) < (%(at)s::timestamptz, %(uuid)s::uuid)

-- name: newest
ORDER BY t.created_at DESC, t.uuid DESC LIMIT %(limit)s::bigint

-- name: taken_back
(results.result = 'VOID' OR EXISTS (SELECT FROM station_results AS later WHERE later.supersedes = results.uuid OFFSET 0))

-- name: within
{piece} AND t.created_at >= %(since)s::timestamptz AND t.created_at < %(until)s::timestamptz

-- name: fits
(%(status)s::text IS NULL OR EXISTS (
    SELECT FROM panels WHERE panels.id = t.panel_id AND panels.status = %(status)s OFFSET 0))
AND (%(station)s::int IS NULL OR EXISTS (
    SELECT FROM station_results AS given WHERE given.id = t.result_id AND given.station_number = %(station)s OFFSET 0))

-- name: note_columns
t.uuid, t.created_at, t.noted,
    CASE t.noted WHEN 'panel' THEN panels.notes WHEN 'station_result' THEN results.notes
        ELSE (SELECT notes FROM criteria_results WHERE criteria_results.uuid = t.uuid) END,
    panels.uuid, panels.serial_number, orders.mo_number, panels.status,
    results.station_number, results.result, criteria.criterion_name, users.username,
    coalesce({taken_back}, false)

-- name: note_joins
JOIN panels ON panels.id = t.panel_id
JOIN manufacturing_orders AS orders ON orders.id = panels.mo_id
LEFT JOIN station_results AS results ON results.id = t.result_id
LEFT JOIN station_criteria AS criteria ON criteria.id = t.criterion_id
LEFT JOIN users ON users.id = results.operator_id

-- name: notes_looked_up
WITH hits AS MATERIALIZED (
    SELECT * FROM note_words WHERE words @@ %(query)s::tsquery LIMIT %(seldom)s::bigint + 1),
piece AS MATERIALIZED (
    SELECT t.* FROM hits AS t WHERE {within} AND {fits} AND (SELECT count(*) FROM hits) <= %(seldom)s {newest})
SELECT {note_columns} FROM piece AS t {note_joins}
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, true
FROM hits HAVING count(*) > %(seldom)s
ORDER BY 2 DESC, 1 DESC

-- name: notes_met
WITH piece AS MATERIALIZED (
    SELECT t.* FROM note_words AS t WHERE t.words @@ %(query)s::tsquery AND {within} AND {fits} {newest})
SELECT {note_columns} FROM piece AS t {note_joins}
ORDER BY t.created_at DESC, t.uuid DESC

-- name: notes_of_order
WITH of_order AS MATERIALIZED (SELECT id FROM panels WHERE mo_id = {order}),
piece AS MATERIALIZED (
    SELECT t.* FROM of_order CROSS JOIN LATERAL (
        SELECT * FROM note_words WHERE panel_id = of_order.id AND words @@ %(query)s::tsquery OFFSET 0) AS t
    WHERE {within} AND {fits} {newest})
SELECT {note_columns} FROM piece AS t {note_joins}
ORDER BY t.created_at DESC, t.uuid DESC

-- name: result_columns
results.uuid, results.created_at, panels.uuid, panels.serial_number, orders.mo_number, panels.status,
results.station_number, results.result, results.attempt, results.notes, users.username

-- name: result_joins
JOIN panels ON panels.id = results.panel_id
JOIN manufacturing_orders AS orders ON orders.id = panels.mo_id
JOIN users ON users.id = results.operator_id

-- name: results
WITH piece AS MATERIALIZED (
    SELECT t.id FROM station_results AS t
    WHERE {piece} AND t.created_at >= %(since)s::timestamptz AND t.created_at < %(until)s::timestamptz
        AND (%(result)s::text IS NULL OR t.result = %(result)s)
        AND (%(station)s::int IS NULL OR t.station_number = %(station)s)
        AND (%(order)s::text IS NULL OR t.panel_id = ANY(ARRAY(SELECT id FROM panels WHERE mo_id = {order})))
        AND (NOT %(standing)s::boolean OR t.result <> 'VOID'
             AND NOT EXISTS (SELECT FROM station_results AS later WHERE later.supersedes = t.uuid OFFSET 0))
    {newest}
)
SELECT {result_columns}, {taken_back}
FROM piece JOIN station_results AS results ON results.id = piece.id {result_joins}
ORDER BY results.created_at DESC, results.uuid DESC

-- name: last_fails
SELECT {result_columns}, false
FROM unnest(%(panels)s::uuid[]) AS given (uuid) JOIN panels AS failed ON failed.uuid = given.uuid
CROSS JOIN LATERAL (
    SELECT * FROM station_results AS t WHERE t.panel_id = failed.id AND t.result = 'FAIL'
        AND NOT EXISTS (SELECT FROM station_results AS later WHERE later.supersedes = t.uuid OFFSET 0)
    ORDER BY t.created_at DESC, t.uuid DESC LIMIT 1
) AS results {result_joins}

-- name: panels
WHERE {piece} AND (%(status)s::text IS NULL OR t.status = %(status)s)
    AND (%(station)s::int IS NULL OR t.current_station = %(station)s)
    AND (%(order)s::text IS NULL OR t.mo_id = {order})
{newest}

-- name: failed
WHERE {piece} AND t.status = 'failed'
    AND (%(order)s::text IS NULL OR t.mo_id = {order})
{newest}

-- name: orders
WHERE {piece} AND (%(status)s::text IS NULL OR t.status = %(status)s) {newest}

-- name: order_counts
SELECT orders.uuid, counts.* FROM manufacturing_orders AS orders CROSS JOIN LATERAL (
    SELECT count(*), count(*) FILTER (WHERE status = 'completed'), count(*) FILTER (WHERE status = 'failed')
    FROM panels WHERE panels.mo_id = orders.id) AS counts
WHERE orders.uuid = ANY(%(uuids)s)

-- name: pallets
WHERE {piece} AND (%(status)s::text IS NULL OR t.status = %(status)s)
    AND (%(order)s::text IS NULL OR t.mo_id = {order})
{newest}

-- name: pallet_counts
SELECT pallets.uuid, orders.mo_number, pallets.panel_count
FROM pallets JOIN manufacturing_orders AS orders ON orders.id = pallets.mo_id WHERE pallets.uuid = ANY(%(uuids)s)

-- name: order_report
WHERE t.mo_number = %(order)s

-- name: panels_at
SELECT status, current_station, count(*) FROM panels WHERE mo_id = {order}
GROUP BY status, current_station ORDER BY status, current_station

-- name: pallets_of_order
WHERE t.mo_id = {order} ORDER BY t.created_at, t.uuid
