-- name: central
SELECT epoch, refeed_until, feed_xid, feed_seq, schema_version FROM central JOIN meta USING (store_id)

-- name: central_before
SELECT central.store_id, epoch, coalesce(cursors.seq, 0)
FROM central LEFT JOIN cursors ON cursors.name = ? AND cursors.store_id = central.store_id

-- name: own_after
SELECT seq, store_id FROM changes WHERE seq > ? AND received = 0 AND hlc > 0 ORDER BY seq LIMIT 1

-- name: last_own_hlc_before
SELECT hlc FROM changes WHERE received = 0 AND hlc > 0 AND seq < ? ORDER BY seq DESC LIMIT 1

-- name: set_central
INSERT INTO central (one, store_id, epoch, refeed_until, schema_version) VALUES (1, ?, ?, ?, ?)
ON CONFLICT (one) DO UPDATE SET
    store_id = excluded.store_id, epoch = excluded.epoch, refeed_until = excluded.refeed_until,
    schema_version = excluded.schema_version, feed_xid = NULL, feed_seq = NULL

-- name: set_schema_version
UPDATE central SET schema_version = ?

-- name: set_feed
UPDATE central SET feed_xid = ?, feed_seq = ?

-- name: last_own_hlc
SELECT hlc FROM changes WHERE received = 0 AND hlc > 0 ORDER BY seq DESC LIMIT 1

-- name: log_foreign
INSERT INTO changes
    (store_id, uuid, kind, schema_version, body, digest, wall, boot_id, monotonic_ns, hlc, clock_state, received)
VALUES (?, ?, ?, ?, ?, ?, ?, '', 0, ?, ?, ?)

-- name: uuids_after
SELECT DISTINCT uuid FROM changes WHERE seq > ? AND received = 0 AND seq NOT IN (SELECT seq FROM parked_changes)

-- name: refuse
INSERT INTO refused_arrivals (uuid, kind, message, refused_at) VALUES (?, ?, ?, ?)
ON CONFLICT (uuid) DO UPDATE SET message = excluded.message

-- name: refused
SELECT kind, uuid FROM refused_arrivals

-- name: take_refused
DELETE FROM refused_arrivals WHERE uuid = ?

-- name: received_before
SELECT store_id, hlc FROM changes WHERE uuid = ? AND received = 1 AND seq < ? ORDER BY seq DESC LIMIT 1

-- name: mark_synced_panels
UPDATE local_panels SET synced_at = ?
WHERE uuid IN (SELECT uuid FROM changes WHERE seq > ? AND seq <= ? AND kind = 'panel'
    AND seq NOT IN (SELECT seq FROM parked_changes))

-- name: mark_synced_results
UPDATE local_station_results SET synced_at = ?
WHERE uuid IN (SELECT uuid FROM changes WHERE seq > ? AND seq <= ? AND kind = 'station_result'
    AND seq NOT IN (SELECT seq FROM parked_changes))

-- name: park
INSERT INTO parked_changes (seq, uuid, kind, because_of, sqlstate, message, attempts, parked_at)
VALUES (?, ?, ?, ?, ?, ?, 1, ?)
ON CONFLICT (seq) DO UPDATE SET
    because_of = excluded.because_of, sqlstate = excluded.sqlstate, message = excluded.message,
    attempts = attempts + 1

-- name: parked
SELECT seq, uuid, kind, because_of, sqlstate, message, attempts, parked_at, discarded_at, discarded_by, reason
FROM parked_changes ORDER BY seq

-- name: unpark
DELETE FROM parked_changes WHERE seq = ?

-- name: unpark_undecided
DELETE FROM parked_changes WHERE discarded_at IS NULL

-- name: discard_parked
UPDATE parked_changes SET discarded_at = ?, discarded_by = ?, reason = ? WHERE seq = ? AND discarded_at IS NULL

-- name: change
SELECT seq, store_id, uuid, kind, schema_version, body, digest, wall, boot_id, monotonic_ns, hlc, clock_state, received
FROM changes WHERE seq = ?

-- name: first_change_after
SELECT wall FROM changes WHERE seq > ? ORDER BY seq LIMIT 1

-- name: file_size
SELECT page_count * page_size FROM pragma_page_count, pragma_page_size
