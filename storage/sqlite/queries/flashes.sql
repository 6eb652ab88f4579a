-- name: raw_flash
SELECT {RawFlash} FROM raw_flashes WHERE uuid = ?

-- name: raw_flashes_beginning
SELECT {RawFlash} FROM raw_flashes WHERE uuid >= ? AND uuid < ? || 'g' ORDER BY uuid LIMIT ?

-- name: earlier_flash
SELECT {RawFlash} FROM raw_flashes
WHERE values_key = ? AND flash_key = ? AND id < (SELECT id FROM raw_flashes WHERE uuid = ?) ORDER BY id LIMIT 1

-- name: serials_with_values
SELECT DISTINCT coalesce(local_panels.serial_number, raw_flashes.serial_number) AS serial
FROM raw_flashes
LEFT JOIN flash_rulings ON flash_rulings.flash_uuid = raw_flashes.uuid AND flash_rulings.disposition = 'attached'
LEFT JOIN local_panels ON local_panels.uuid = flash_rulings.panel_uuid
WHERE raw_flashes.values_key = ? AND raw_flashes.id < (SELECT id FROM raw_flashes WHERE uuid = ?)
    AND raw_flashes.flash_kind = 'panel' AND raw_flashes.disposition NOT IN ('discarded', 'reference')
    AND serial IS NOT NULL AND serial IS NOT ?
ORDER BY serial

-- name: flashes_of_serial
SELECT {RawFlash} FROM raw_flashes WHERE serial_number = ? ORDER BY id

-- name: flashes_of_panel
SELECT {RawFlash}, {FlashRuling} FROM flash_rulings JOIN raw_flashes ON raw_flashes.uuid = flash_rulings.flash_uuid
WHERE flash_rulings.panel_uuid = ? AND flash_rulings.disposition = 'attached' ORDER BY flash_rulings.id

-- name: ruling_of
SELECT {FlashRuling} FROM flash_rulings WHERE flash_uuid = ? ORDER BY id DESC LIMIT 1

-- name: rulings_of
SELECT {FlashRuling} FROM flash_rulings WHERE flash_uuid = ? ORDER BY id

-- name: rulings_of_panel
SELECT {FlashRuling} FROM flash_rulings WHERE panel_uuid = ? ORDER BY id

-- name: undecided_flashes
SELECT {RawFlash} FROM raw_flashes WHERE disposition IS NULL ORDER BY id LIMIT ?

-- name: tray
SELECT {RawFlash}, {FlashRuling} FROM raw_flashes JOIN flash_rulings
    ON flash_rulings.id = (SELECT max(id) FROM flash_rulings WHERE flash_uuid = raw_flashes.uuid)
WHERE raw_flashes.disposition = 'tray' ORDER BY raw_flashes.id LIMIT ?

-- name: tester_findings
SELECT raw_flashes.device, found.value ->> 'rule', found.value ->> 'severity', count(*)
FROM flash_rulings JOIN raw_flashes ON raw_flashes.uuid = flash_uuid,
    json_each(iif(json_valid(findings), findings, '[]')) AS found
WHERE flash_rulings.created_at >= ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3

-- name: imported
SELECT EXISTS (SELECT 1 FROM imported_files WHERE digest = ?)

-- name: imported_files
SELECT {ImportedFile} FROM imported_files ORDER BY id DESC LIMIT ?
