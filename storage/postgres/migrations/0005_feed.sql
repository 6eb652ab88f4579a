-- What changed, in an order nothing slips through: entries carry the transaction that wrote them, and a reader takes
-- only those of transactions older than every one still running. Numbers may have gaps; nothing depends on them.

CREATE TABLE feed (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    kind text NOT NULL,
    uuid uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (xid, seq)
);
CREATE INDEX feed_uuid ON feed (uuid);

-- How far the feed was cleared of entries that a newer one of the same thing makes needless.
CREATE TABLE feed_cleared (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    xid xid8 NOT NULL DEFAULT '0',
    seq bigint NOT NULL DEFAULT 0
);
INSERT INTO feed_cleared DEFAULT VALUES;

-- Look at the next entries that every reader may read, and delete the older ones of the same things. Nobody misses
-- anything: who has not read the older entry has not read the newer one either, and may read it already. One at a time;
-- gives how many entries were looked at. Numbers of transactions that lie ahead are of another server: begin again.
CREATE FUNCTION clear_feed(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sunline, pg_temp AS $$
DECLARE
    safe xid8 := pg_snapshot_xmin(pg_current_snapshot());
    cleared feed_cleared;
    looked record;
BEGIN
    SELECT * INTO cleared FROM feed_cleared FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    IF cleared.xid > safe THEN
        cleared.xid := '0';
        cleared.seq := 0;
    END IF;
    WITH fresh AS MATERIALIZED (
        SELECT feed.xid, feed.seq, feed.uuid FROM feed
        WHERE (feed.xid, feed.seq) > (cleared.xid, cleared.seq) AND feed.xid < safe
        ORDER BY feed.xid, feed.seq LIMIT most
    ), gone AS (
        DELETE FROM feed AS old USING fresh
        WHERE old.uuid = ANY(ARRAY(SELECT uuid FROM fresh))  -- or it might read the whole feed
            AND old.uuid = fresh.uuid AND (old.xid, old.seq) < (fresh.xid, fresh.seq)
    )
    SELECT xid, seq, count(*) OVER () AS number INTO looked FROM fresh ORDER BY xid DESC, seq DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    UPDATE feed_cleared SET xid = looked.xid, seq = looked.seq;
    RETURN looked.number;
END
$$;

CREATE FUNCTION feed_written() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sunline, pg_temp AS $$
BEGIN
    INSERT INTO feed (kind, uuid) SELECT TG_ARGV[0], uuid FROM written;
    IF FOUND THEN
        PERFORM pg_notify('sunline_feed', '');
    END IF;
    RETURN NULL;
END
$$;

-- Only a new version is news: a pallet whose count follows its panels is none.
CREATE FUNCTION feed_rewritten() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sunline, pg_temp AS $$
BEGIN
    INSERT INTO feed (kind, uuid)
    SELECT TG_ARGV[0], written.uuid FROM written JOIN before USING (uuid)
    WHERE (written.store_id, written.hlc) <> (before.store_id, before.hlc);
    IF FOUND THEN
        PERFORM pg_notify('sunline_feed', '');
    END IF;
    RETURN NULL;
END
$$;

DO $$
DECLARE
    fed record;
BEGIN
    FOR fed IN
        SELECT * FROM (VALUES
            ('users', 'user'), ('system_config', 'config'), ('station_criteria', 'criterion'),
            ('manufacturing_orders', 'order'), ('order_choices', 'order_choice'), ('panels', 'panel'),
            ('pallets', 'pallet'), ('waivers', 'waiver'), ('holds', 'hold'), ('hold_releases', 'hold_release'),
            ('overrides', 'override')
        ) AS tables (name, kind)
    LOOP
        EXECUTE format(
            'CREATE TRIGGER feed_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS written
             FOR EACH STATEMENT EXECUTE FUNCTION feed_written(%L)', fed.name, fed.kind);
        EXECUTE format(
            'CREATE TRIGGER feed_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS before NEW TABLE AS written
             FOR EACH STATEMENT EXECUTE FUNCTION feed_rewritten(%L)', fed.name, fed.kind);
    END LOOP;
END
$$;
