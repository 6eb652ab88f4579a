-- name: meta
SELECT store_id, site, line_number FROM meta

-- name: create_meta
INSERT INTO meta (one, store_id, site, line_number, created_at) VALUES (1, ?, ?, ?, ?)

-- name: renew_store_id
UPDATE meta SET store_id = ?

-- name: log_change
INSERT INTO changes (store_id, uuid, kind, schema_version, body, digest, hlc, wall, boot_id, monotonic_ns, clock_state)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: relog_change
INSERT INTO changes
    (seq, store_id, uuid, kind, schema_version, body, digest, wall, boot_id, monotonic_ns, hlc, clock_state, received)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: changes_after
SELECT seq, store_id, uuid, kind, schema_version, body, digest, wall, boot_id, monotonic_ns, hlc, clock_state, received
FROM changes WHERE seq > ? ORDER BY seq LIMIT ?

-- name: last_change
SELECT seq, hlc FROM changes ORDER BY seq DESC LIMIT 1

-- name: cursor
SELECT seq FROM cursors JOIN meta USING (store_id) WHERE name = ?

-- name: set_cursor
INSERT INTO cursors (name, store_id, seq) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET store_id = excluded.store_id, seq = excluded.seq
