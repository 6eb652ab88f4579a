-- What the exchange with the central server has to remember. A change that came down from there carries the stamps of
-- the store that made it; the indexes on such changes cost the changes of this line nothing.

ALTER TABLE changes ADD COLUMN received INTEGER NOT NULL DEFAULT 0;
CREATE INDEX idx_changes_received ON changes (uuid, seq) WHERE received = 1;

CREATE TABLE central (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    store_id TEXT NOT NULL,
    epoch TEXT NOT NULL,
    refeed_until INTEGER NOT NULL,
    feed_xid INTEGER,
    feed_seq INTEGER
) STRICT;

CREATE TABLE parked_changes (
    seq INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    kind TEXT NOT NULL,
    because_of TEXT,
    sqlstate TEXT,
    message TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    parked_at TEXT NOT NULL,
    discarded_at TEXT,
    discarded_by TEXT,
    reason TEXT
) STRICT;

CREATE TABLE conflict_rulings (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    conflict_uuid TEXT NOT NULL,
    keep TEXT NOT NULL CHECK (keep IN ('local', 'central')),
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
