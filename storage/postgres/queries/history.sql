-- Everything that happened to one panel, by kind. Parameter: `serial`.

-- name: named
(SELECT uuid FROM panels WHERE serial_number = %(serial)s)

-- name: numbered
(SELECT id FROM panels WHERE serial_number = %(serial)s)

-- name: panel
WHERE t.serial_number = %(serial)s

-- name: scan_outcome
WHERE t.panel_uuid = {named} ORDER BY t.created_at, t.uuid

-- name: station_result
WHERE t.panel_id = {numbered} ORDER BY t.created_at, t.uuid

-- name: criterion_result
WHERE t.station_result_id IN (SELECT id FROM station_results WHERE panel_id = {numbered}) ORDER BY t.created_at, t.uuid

-- name: flash_ruling
WHERE t.panel_uuid = {named} ORDER BY t.created_at, t.uuid

-- name: hold
WHERE t.subject_uuid = {named} ORDER BY t.created_at, t.uuid

-- name: hold_release
WHERE t.hold_uuid IN (SELECT uuid FROM holds WHERE subject_uuid = {named}) ORDER BY t.created_at, t.uuid

-- name: override
WHERE t.panel_uuid = {named} ORDER BY t.created_at, t.uuid

-- name: pallet_panel
WHERE t.panel_id = {numbered} ORDER BY t.added_at, t.uuid

-- name: pallet_removal
WHERE t.pallet_panel_uuid IN (SELECT uuid FROM pallet_panels WHERE panel_id = {numbered}) ORDER BY t.created_at, t.uuid
