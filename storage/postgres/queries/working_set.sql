-- What a line needs to go on working when its own store is new: by kind, parents before children. Parameters: `line`, and
-- `kin`, the ids of the line's stores. The newest pallet of each year comes too: numbers are never used again.

-- name: with
WITH
working AS MATERIALIZED (
    SELECT panels.id, panels.uuid FROM panels JOIN manufacturing_orders AS orders ON orders.id = panels.mo_id
    WHERE panels.line_number = %(line)s AND (
        panels.status IN ('in_production', 'rework') OR orders.status = 'active'
        OR EXISTS (SELECT FROM pallet_panels AS placed JOIN pallets ON pallets.id = placed.pallet_id
                   WHERE placed.panel_id = panels.id AND pallets.status = 'in_progress')
        OR EXISTS (SELECT FROM holds WHERE holds.subject_uuid = panels.uuid
                   AND NOT EXISTS (SELECT FROM hold_releases WHERE hold_uuid = holds.uuid)))
), working_pallets AS MATERIALIZED (
    SELECT pallets.id, pallets.uuid FROM pallets JOIN manufacturing_orders AS orders ON orders.id = pallets.mo_id
    WHERE orders.line_number = %(line)s AND (pallets.status = 'in_progress' OR orders.status = 'active')
), working_holds AS MATERIALIZED (
    SELECT uuid FROM holds
    WHERE subject_uuid IN (SELECT uuid FROM working UNION ALL SELECT uuid FROM working_pallets)
), working_flashes AS MATERIALIZED (
    SELECT DISTINCT flash_uuid AS uuid FROM flash_rulings WHERE panel_uuid IN (SELECT uuid FROM working)
    UNION
    SELECT flash_uuid FROM (
        SELECT DISTINCT ON (flash_uuid) flash_uuid, disposition FROM flash_rulings
        WHERE store_id = ANY(%(kin)s) ORDER BY flash_uuid, created_at DESC, id DESC
    ) AS newest WHERE disposition = 'tray'
)

-- name: user
SELECT uuid FROM users

-- name: config
SELECT uuid FROM system_config

-- name: criterion
SELECT uuid FROM station_criteria

-- name: order
SELECT uuid FROM manufacturing_orders

-- name: order_choice
SELECT uuid FROM order_choices

-- name: order_alert
SELECT alerts.uuid FROM order_alerts AS alerts JOIN manufacturing_orders AS orders ON orders.uuid =
    alerts.order_uuid WHERE orders.line_number = %(line)s

-- name: panel
SELECT uuid FROM working

-- name: station_result
SELECT uuid FROM station_results WHERE panel_id IN (SELECT id FROM working) ORDER BY id

-- name: criterion_result
SELECT uuid FROM criteria_results WHERE station_result_id IN (SELECT id FROM station_results WHERE panel_id IN
    (SELECT id FROM working)) ORDER BY id

-- name: override
SELECT uuid FROM overrides WHERE panel_uuid IN (SELECT uuid FROM working) ORDER BY id

-- name: hold
SELECT uuid FROM working_holds

-- name: hold_release
SELECT uuid FROM hold_releases WHERE hold_uuid IN (SELECT uuid FROM working_holds)

-- name: pallet
SELECT uuid FROM working_pallets UNION SELECT uuid FROM (SELECT DISTINCT ON (left(pallet_number, -6)) pallets.uuid
    FROM pallets JOIN manufacturing_orders AS orders ON orders.id = pallets.mo_id WHERE orders.line_number =
    %(line)s ORDER BY left(pallet_number, -6), pallet_number DESC) AS newest

-- name: pallet_panel
SELECT uuid FROM pallet_panels WHERE pallet_id IN (SELECT id FROM working_pallets) AND panel_id IN (SELECT id FROM
    working) ORDER BY id

-- name: pallet_removal
SELECT removals.uuid FROM pallet_removals AS removals JOIN pallet_panels AS placed ON placed.uuid =
    removals.pallet_panel_uuid WHERE placed.pallet_id IN (SELECT id FROM working_pallets) AND placed.panel_id IN
    (SELECT id FROM working) ORDER BY removals.id

-- name: waiver
SELECT uuid FROM waivers WHERE until > now()

-- name: stick
SELECT uuid FROM sticks

-- name: imported_file
SELECT uuid FROM imported_files WHERE store_id = ANY(%(kin)s) ORDER BY id

-- name: raw_flash
SELECT uuid FROM raw_flashes WHERE uuid IN (SELECT uuid FROM working_flashes) ORDER BY id

-- name: flash_ruling
SELECT uuid FROM flash_rulings WHERE flash_uuid IN (SELECT uuid FROM working_flashes) AND (panel_uuid IS NULL OR
    panel_uuid IN (SELECT uuid FROM working)) ORDER BY id
