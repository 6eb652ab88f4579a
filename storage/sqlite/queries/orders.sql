-- name: order
SELECT {Order} FROM manufacturing_orders WHERE uuid = ?

-- name: order_by_number
SELECT {Order} FROM manufacturing_orders WHERE mo_number = ?

-- name: orders
SELECT {Order} FROM manufacturing_orders ORDER BY created_at, id

-- name: orders_with_status
SELECT {Order} FROM manufacturing_orders WHERE status = ? ORDER BY created_at, id

-- name: active_orders
SELECT {Order} FROM manufacturing_orders
WHERE status = 'active' AND panel_type = ? AND line_number = ? ORDER BY created_at, id

-- name: order_counts
SELECT count(*), coalesce(sum(status = 'completed'), 0), coalesce(sum(status = 'failed'), 0)
FROM local_panels WHERE order_uuid = ?

-- name: order_choice
SELECT {OrderChoice} FROM order_choices WHERE line_number = ? AND panel_type = ?

-- name: alerts_of
SELECT {OrderAlert} FROM order_alerts WHERE order_uuid = ? ORDER BY id

-- name: open_pallet
SELECT {Pallet} FROM pallets WHERE order_uuid = ? AND status = 'in_progress' ORDER BY id DESC LIMIT 1

-- name: open_pallets
SELECT {Pallet} FROM pallets WHERE status = 'in_progress' ORDER BY pallet_number

-- name: pallet
SELECT {Pallet} FROM pallets WHERE pallet_number = ?

-- name: pallet_by_uuid
SELECT {Pallet} FROM pallets WHERE uuid = ?

-- name: pallets
SELECT {Pallet} FROM pallets WHERE pallet_number > ? ORDER BY pallet_number LIMIT ?

-- name: pallet_panels
SELECT {PalletPanel} FROM pallet_panels
WHERE pallet_uuid = ? AND NOT EXISTS (SELECT 1 FROM pallet_removals WHERE pallet_panel_uuid = pallet_panels.uuid)
ORDER BY position_in_pallet, id

-- name: pallet_of
SELECT {Pallet}, {PalletPanel} FROM pallet_panels JOIN pallets ON pallets.uuid = pallet_uuid
WHERE panel_uuid = ? AND NOT EXISTS (SELECT 1 FROM pallet_removals WHERE pallet_panel_uuid = pallet_panels.uuid)
ORDER BY pallet_panels.id DESC LIMIT 1

-- name: placements_of
SELECT {PalletPanel} FROM pallet_panels WHERE panel_uuid = ? ORDER BY id

-- name: removals_of
SELECT {PalletRemoval} FROM pallet_removals
WHERE pallet_panel_uuid IN (SELECT uuid FROM pallet_panels WHERE panel_uuid = ?) ORDER BY id

-- name: last_pallet_number
SELECT pallet_number FROM pallets WHERE pallet_number >= ? AND pallet_number < ?
ORDER BY length(pallet_number) DESC, pallet_number DESC LIMIT 1
