-- Rows for `central_reads.py`; `bench.panels` says how many panels. One panel every 200 seconds and so on: whatever the
-- number, the rows spread evenly over 2,400 days.

INSERT INTO users (uuid, username, role, store_id, hlc, clock_state)
SELECT gen_random_uuid(), 'operator-' || n, 'operator', gen_random_uuid(), 1, 'synced' FROM generate_series(1, 20) AS n;

INSERT INTO manufacturing_orders (uuid, mo_number, panel_type, line_number, quantity, created_at, status, store_id, hlc,
    clock_state)
SELECT gen_random_uuid(), 'MO-' || n, '60', 1, 500, timestamptz '2020-01-01Z'
        + n * interval '2400 days' * 500 / current_setting('bench.panels')::int,
    CASE WHEN n * 500 > current_setting('bench.panels')::int - 2000 THEN 'active' ELSE 'completed' END,
    gen_random_uuid(), 1, 'synced'
FROM generate_series(0, current_setting('bench.panels')::int / 500) AS n ORDER BY n;

INSERT INTO panels (uuid, serial_number, mo_id, panel_type, frame_type, backsheet_type, year, line_number, created_at,
    status, current_station, notes, store_id, hlc, clock_state)
SELECT gen_random_uuid(), 'P' || n, orders.id, '60', 'W', 'T', 2025, 1, timestamptz '2020-01-01Z'
        + n * interval '2400 days' / current_setting('bench.panels')::int,
    CASE WHEN n > current_setting('bench.panels')::int - 300 THEN 'in_production' WHEN n % 100 = 6 THEN 'failed'
        WHEN n % 5000 = 11 THEN 'rework' ELSE 'completed' END,
    4, CASE WHEN n % 200 = 0 THEN 'customer wants photo, see scratch list ' || n END, gen_random_uuid(), 1, 'synced'
FROM generate_series(0, current_setting('bench.panels')::int - 1) AS n
JOIN manufacturing_orders AS orders ON orders.mo_number = 'MO-' || n / 500 ORDER BY n;

-- Every tenth result has a note: 30 of 100 say scratch, one busbar, one busbar and scratch, some dent.
INSERT INTO station_results (uuid, panel_id, station_number, operator_id, result, notes, attempt, created_at, store_id,
    hlc, clock_state)
SELECT gen_random_uuid(), panels.id, station, (SELECT min(id) FROM users) + made.n % 20,
    CASE WHEN made.n % 30 = 0 THEN 'FAIL' WHEN made.n % 10 = 0 THEN 'B' ELSE 'PASS' END,
    CASE WHEN made.n % 10 = 0 THEN concat_ws(' ',
        CASE WHEN hashint8(made.n) & 255 < 77 THEN 'Scratch on frame, left side' ELSE 'Cell' END,
        CASE WHEN made.n / 10 % 100 = 3 THEN 'busbar crooked' END,
        CASE WHEN hashint8(made.n) & 255 >= 200 THEN 'dent in glass, Lötstelle' END,
        CASE WHEN made.n / 10 % (current_setting('bench.panels')::int * 4 / 200) = 5 THEN 'kintsugi' END,
        'defect ' || hashint8(made.n) % 40, 'place ' || made.n % 977)
    END, 1, panels.created_at + station * interval '7 minutes', gen_random_uuid(), 1, 'synced'
FROM panels CROSS JOIN generate_series(1, 4) AS station
CROSS JOIN LATERAL (SELECT panels.id * 4 + station AS n) AS made ORDER BY panels.id, station;

INSERT INTO criteria_results (uuid, station_result_id, criterion_id, result, notes, created_at, store_id, hlc,
    clock_state)
SELECT gen_random_uuid(), id, (SELECT min(id) FROM station_criteria), CASE result WHEN 'FAIL' THEN 'FAIL' ELSE 'PASS' END,
    CASE WHEN id % 100 = 0 THEN 'edge scratch ' || id % 977 END, created_at, store_id, 1, 'synced'
FROM station_results ORDER BY id;
