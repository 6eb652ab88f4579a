-- Rows for `export.py`: some years of a line, quickly; `:panels` says how many panels. One shift follows the other at
-- even distances over 2,400 days. Four results a panel, 25 panels a pallet, 500 an order; every 30th result is a FAIL,
-- every other 10th a B, both with a note and with a mark for every criterion; each PASS has one mark.

INSERT INTO users (uuid, username, role, active, created_at)
WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 20)
SELECT printf('00000000-0000-4000-8000-%012x', n), 'operator-' || n, 'operator', 1, '2020-01-01T00:00:00.000000+00:00'
FROM n;

INSERT INTO manufacturing_orders
    (uuid, mo_number, panel_type, line_number, quantity, status, notes, created_by, created_at)
WITH RECURSIVE n (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM n WHERE n < :panels / 500)
SELECT printf('00000000-0000-5001-8000-%012x', n), 'X-' || n, '60', 1, 500,
    'completed', iif(n % 7 = 0, '-10 % for the "Blue" customer', NULL),
    '00000000-0000-4000-8000-000000000001',
    strftime('%Y-%m-%dT%H:%M:%f', 1577836800 + n * 500 * (207360000.0 / :panels), 'unixepoch') || '000+00:00'
FROM n;

INSERT INTO local_panels
    (uuid, serial_number, order_uuid, mo_number, panel_type, frame_type, backsheet_type, year, line_number, status,
     current_station, notes, created_at)
WITH RECURSIVE n (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM n WHERE n < :panels - 1)
SELECT printf('00000000-0000-5002-8000-%012x', n), printf('CRS25WT60%07d', n),
    printf('00000000-0000-5001-8000-%012x', n / 500), 'X-' || (n / 500), '60', 'W', 'T', 2025, 1,
    CASE WHEN n % 100 = 6 THEN 'failed' WHEN n % 5000 = 11 THEN 'rework' ELSE 'completed' END, 4,
    iif(n % 200 = 0, 'customer wants a photo, see list ' || n, NULL),
    strftime('%Y-%m-%dT%H:%M:%f', 1577836800 + n * (207360000.0 / :panels), 'unixepoch') || '000+00:00'
FROM n;

INSERT INTO local_station_results
    (uuid, panel_id, station_number, operator_id, result, notes, electrical_data, attempt, created_at)
WITH RECURSIVE station (station) AS (VALUES (1) UNION ALL SELECT station + 1 FROM station WHERE station < 4),
made AS (
    SELECT panels.id, station, panels.id * 4 + station AS n,
        CAST((unixepoch(panels.created_at) + station * 420) * 1000 AS INTEGER) AS ms
    FROM local_panels AS panels CROSS JOIN station ORDER BY panels.id, station)
SELECT printf('%08x-%04x-7%03x-8%03x-%012x', ms >> 16, ms & 65535, n & 4095, n % 3989, n * 2654435761 & 281474976710655),
    id, station, 1 + n % 20, CASE WHEN n % 30 = 0 THEN 'FAIL' WHEN n % 10 = 0 THEN 'B' ELSE 'PASS' END,
    iif(n % 10 = 0, 'Scratch on the frame, left side; Lötstelle "' || n % 977 || '"', NULL),
    iif(station = 4, printf(
        '{"Pmax": %.1f, "Voc": %.2f, "Isc": %.3f, "Vmp": %.2f, "Imp": %.3f, "source": "live", "flash": "%s"}',
        300 + n % 97 / 10.0, 40 + n % 89 / 100.0, 9.4 + n % 83 / 1000.0, 33 + n % 79 / 100.0, 9 + n % 73 / 1000.0,
        printf('%08x-%04x-7%03x-8%03x-%012x', ms >> 16, ms & 65535, n & 4095, n % 3989, n)), NULL),
    1, strftime('%Y-%m-%dT%H:%M:%f', ms / 1000.0, 'unixepoch') || '000+00:00'
FROM made;

INSERT INTO criteria_results (uuid, station_result_uuid, criterion_uuid, result, notes, created_at)
SELECT printf('%s%02d', substr(results.uuid, 1, 34), criteria.order_index), results.uuid, criteria.uuid,
    iif(results.result = 'FAIL' AND criteria.order_index = 2, 'FAIL', 'PASS'),
    iif(results.result = 'B' AND criteria.order_index = 1, 'scratch of 3 mm', NULL), results.created_at
FROM local_station_results AS results CROSS JOIN station_criteria AS criteria
WHERE criteria.station_number = results.station_number AND (results.result <> 'PASS' OR criteria.order_index = 1)
ORDER BY results.id, criteria.order_index;

INSERT INTO pallets (uuid, pallet_number, order_uuid, status, created_by, created_at, completed_at)
SELECT printf('00000000-0000-5003-8000-%012x', n), printf('PT-1-2025-%06d', n),
    printf('00000000-0000-5001-8000-%012x', n * 25 / 500), 'completed', '00000000-0000-4000-8000-000000000002',
    created_at, created_at
FROM (WITH RECURSIVE n (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM n WHERE n < :panels / 25 - 1) SELECT n FROM n)
JOIN local_panels AS panels ON panels.id = n * 25 + 25 ORDER BY n;

INSERT INTO pallet_panels (uuid, pallet_uuid, panel_uuid, position_in_pallet, added_at)
SELECT printf('00000000-0000-4004-8000-%012x', id), printf('00000000-0000-5003-8000-%012x', (id - 1) / 25), uuid,
    (id - 1) % 25 + 1, created_at
FROM local_panels WHERE id <= :panels / 25 * 25 AND status <> 'failed';

UPDATE manufacturing_orders SET quantity = 100000 WHERE mo_number = 'MO-99';
