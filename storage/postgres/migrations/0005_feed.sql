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
