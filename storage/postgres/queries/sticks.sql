-- name: known
SELECT sticks.uuid::text, sticks.name, sticks.active, sticks.takes, sticks.recipient,
    coalesce(users.username, 'unknown')
FROM sticks LEFT JOIN users ON users.uuid = sticks.enrolled_by
WHERE sticks.vendor_id = %(vendor_id)s AND sticks.product_id = %(product_id)s
    AND sticks.usb_serial = %(usb_serial)s AND sticks.volume_id = %(volume_id)s
