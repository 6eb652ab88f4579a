-- Of what the feed names, what a line takes that it did not make, with what that refers to; parents before children.
-- Parameters: `uuids`, `line`, and `kin`, the ids of the line's stores.

-- name: foreign
uuid = ANY(%(uuids)s) AND store_id <> ALL(%(kin)s)

-- name: user
SELECT uuid FROM users WHERE {foreign}

-- name: config
SELECT uuid FROM system_config WHERE {foreign}

-- name: criterion
SELECT uuid FROM station_criteria WHERE {foreign}

-- name: order
SELECT uuid FROM manufacturing_orders WHERE {foreign}

-- name: order_choice
SELECT uuid FROM order_choices WHERE {foreign}

-- name: panel
SELECT uuid FROM panels WHERE line_number = %(line)s AND (({foreign}) OR uuid IN (SELECT panel_uuid FROM overrides
    WHERE {foreign}) OR uuid IN (SELECT subject_uuid FROM holds WHERE {foreign}))

-- name: override
SELECT uuid FROM overrides WHERE EXISTS (SELECT FROM panels WHERE panels.uuid = panel_uuid AND line_number =
    %(line)s) AND {foreign}

-- name: hold
SELECT uuid FROM holds WHERE (({foreign})
    OR uuid IN (SELECT hold_uuid FROM hold_releases WHERE {foreign}))
AND (EXISTS (SELECT FROM panels WHERE panels.uuid = subject_uuid AND line_number = %(line)s)
    OR EXISTS (SELECT FROM pallets JOIN manufacturing_orders AS orders ON orders.id = pallets.mo_id
               WHERE pallets.uuid = subject_uuid AND orders.line_number = %(line)s))

-- name: hold_release
SELECT uuid FROM hold_releases WHERE hold_uuid IN ({hold}) AND {foreign}

-- name: pallet
SELECT uuid FROM pallets WHERE EXISTS (SELECT FROM manufacturing_orders AS orders WHERE orders.id = mo_id AND
    orders.line_number = %(line)s) AND {foreign}

-- name: waiver
SELECT uuid FROM waivers WHERE {foreign}

-- name: stick
SELECT uuid FROM sticks WHERE {foreign}
