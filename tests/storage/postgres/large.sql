-- Some years of a plant, quickly: `sunline.panels` panels, 25 to a pallet, of 400 orders, with results and marks.

SET session_replication_role = replica;

INSERT INTO users (uuid, username, role, store_id, hlc, clock_state)
VALUES (gen_random_uuid(), 'large', 'operator', gen_random_uuid(), 1, 'synced');

INSERT INTO manufacturing_orders (uuid, mo_number, panel_type, line_number, quantity, status, created_at, store_id, hlc, clock_state)
SELECT gen_random_uuid(), 'L-' || n, '60', 1, 250, CASE WHEN n > 390 THEN 'active' ELSE 'completed' END,
    timestamptz '2025-01-01' + n * interval '1 day', gen_random_uuid(), 1, 'synced'
FROM generate_series(1, 400) AS n;

INSERT INTO panels (uuid, serial_number, mo_id, panel_type, frame_type, backsheet_type, year, line_number, created_at,
    status, current_station, notes, store_id, hlc, clock_state)
SELECT gen_random_uuid(), 'CRS25WT60' || lpad(n::text, 6, '0'), orders.id, '60', 'W', 'T', 2025, 1,
    timestamptz '2025-01-01' + n * interval '5 minutes',
    CASE WHEN n % 200 = 0 THEN 'failed' WHEN n % 90 = 0 THEN 'rework' WHEN n % 100 = 1 THEN 'in_production' ELSE 'completed' END,
    4, CASE WHEN n % 50 = 0 THEN 'kept aside for colour ' || n % 997 END, gen_random_uuid(), 1, 'synced'
FROM generate_series(1, current_setting('sunline.panels')::int) AS n JOIN manufacturing_orders AS orders ON orders.mo_number = 'L-' || (n % 400 + 1);

INSERT INTO station_results (uuid, panel_id, station_number, operator_id, result, notes, attempt, created_at, store_id,
    hlc, clock_state)
SELECT gen_random_uuid(), panels.id, panels.id % 4 + 1, users.id,
    CASE WHEN panels.id % 60 = 0 THEN 'FAIL' WHEN panels.id % 70 = 0 THEN 'B' ELSE 'PASS' END,
    CASE WHEN panels.id % 30 = 0 THEN 'scratch ' || panels.id % 991 || ' on the frame' END, 1, panels.created_at,
    gen_random_uuid(), 1, 'synced'
FROM panels, users WHERE username = 'large';

INSERT INTO criteria_results (uuid, station_result_id, criterion_id, result, notes, created_at, store_id, hlc, clock_state)
SELECT gen_random_uuid(), results.id, (SELECT min(id) FROM station_criteria), 'PASS',
    CASE WHEN results.id % 400 = 0 THEN 'scratch ' || results.id % 97 END, results.created_at, gen_random_uuid(), 1, 'synced'
FROM station_results AS results;

INSERT INTO pallets (uuid, pallet_number, mo_id, created_at, status, store_id, hlc, clock_state)
SELECT gen_random_uuid(), 'PX-1-2025-' || lpad(n::text, 6, '0'), orders.id,
    timestamptz '2025-01-01' + n * interval '2 hours', 'completed', gen_random_uuid(), 1, 'synced'
FROM generate_series(1, current_setting('sunline.panels')::int / 25) AS n JOIN manufacturing_orders AS orders ON orders.mo_number = 'L-' || (n % 400 + 1);

INSERT INTO pallet_panels (uuid, pallet_id, panel_id, position_in_pallet, store_id, hlc, clock_state)
SELECT gen_random_uuid(), pallets.id, panels.id, panels.id % 25 + 1, gen_random_uuid(), 1, 'synced'
FROM panels JOIN pallets ON pallets.pallet_number = 'PX-1-2025-' || lpad((panels.id % (current_setting('sunline.panels')::int / 25) + 1)::text, 6, '0');

INSERT INTO note_words
SELECT uuid, created_at, 'panel', id, NULL::bigint, NULL::bigint, words(notes) FROM panels WHERE notes IS NOT NULL
UNION ALL
SELECT uuid, created_at, 'station_result', panel_id, id, NULL, words(notes) FROM station_results WHERE notes IS NOT NULL;

INSERT INTO feed (kind, uuid) SELECT 'panel', uuid FROM panels;

SET session_replication_role = DEFAULT;
ANALYZE;
