-- What the server knows of the lines: their stores and how far each came, which daemon holds a line, and the versions
-- of things that lost against others.

CREATE TABLE line_stores (
    store_id uuid PRIMARY KEY,
    line_number integer NOT NULL,
    host text NOT NULL DEFAULT '',
    version text NOT NULL DEFAULT '',
    acked_seq bigint NOT NULL DEFAULT 0,
    acked_hlc bigint NOT NULL DEFAULT 0,
    acked_at timestamptz,
    clock_offset_ms double precision,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE line_leases (
    line_number integer PRIMARY KEY,
    holder uuid NOT NULL,
    host text NOT NULL,
    renewed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE sync_conflicts (
    uuid uuid PRIMARY KEY,
    kind text NOT NULL,
    thing_uuid uuid NOT NULL,
    key_text text NOT NULL,
    rule text NOT NULL CHECK (rule IN ('time', 'hlc', 'override', 'ended')),
    winner_store uuid NOT NULL,
    winner_hlc bigint NOT NULL,
    winner_edited_at timestamptz,
    winner_body jsonb NOT NULL,
    loser_store uuid NOT NULL,
    loser_hlc bigint NOT NULL,
    loser_edited_at timestamptz,
    loser_body jsonb NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sync_conflicts_thing_uuid ON sync_conflicts (thing_uuid);
CREATE INDEX sync_conflicts_found_at ON sync_conflicts (found_at);
