-- Rows written by hand with SQL take part like a line's: they get the version and the time of the edit from here.
-- A line always brings its own version, so a row whose version did not change was edited by a person.

CREATE FUNCTION stamp_edit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = sunline, pg_temp AS $$
BEGIN
    NEW.store_id := (SELECT central_id FROM central_meta);
    NEW.hlc := (extract(epoch FROM clock_timestamp()) * 1000)::bigint << 16;
    IF TG_OP = 'UPDATE' THEN
        NEW.hlc := greatest(OLD.hlc + 1, NEW.hlc);
        IF TG_NARGS > 0 THEN
            NEW.updated_at := clock_timestamp();
        END IF;
    END IF;
    NEW.clock_state := 'synced';
    NEW.edited_at := clock_timestamp();
    RETURN NEW;
END
$$;

DO $$
DECLARE
    edited text;
    uncounted text;
    touched text;
BEGIN
    FOREACH edited IN ARRAY ARRAY['users', 'system_config', 'station_criteria', 'manufacturing_orders',
                                  'order_choices', 'panels', 'pallets'] LOOP
        uncounted := CASE edited WHEN 'pallets' THEN 'AND OLD.panel_count = NEW.panel_count' ELSE '' END;
        touched := CASE WHEN edited IN ('system_config', 'order_choices') THEN '''updated_at''' ELSE '' END;
        EXECUTE format(
            'CREATE TRIGGER stamp_insert BEFORE INSERT ON %I FOR EACH ROW
             WHEN (NEW.store_id IS NULL OR NEW.hlc IS NULL) EXECUTE FUNCTION stamp_edit()', edited);
        EXECUTE format(
            'CREATE TRIGGER stamp_update BEFORE UPDATE ON %I FOR EACH ROW
             WHEN (OLD.store_id = NEW.store_id AND OLD.hlc = NEW.hlc AND OLD IS DISTINCT FROM NEW %s)
             EXECUTE FUNCTION stamp_edit(%s)', edited, uncounted, touched);
    END LOOP;
END
$$;

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON station_results FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- Arrays, not joins: the plan made for one batch serves every later one and must never read all pallets.
CREATE FUNCTION count_pallet_panels() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sunline, pg_temp AS $$
BEGIN
    UPDATE pallets SET panel_count = panel_count + (SELECT count(*) FROM written WHERE pallet_id = pallets.id)
    WHERE pallets.id = ANY(ARRAY(SELECT pallet_id FROM written));
    RETURN NULL;
END
$$;
CREATE TRIGGER count_panels AFTER INSERT ON pallet_panels
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_pallet_panels();

-- The same panel may be taken off twice, by two stores that did not know of each other: it counts once.
CREATE FUNCTION count_pallet_removals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sunline, pg_temp AS $$
BEGIN
    UPDATE pallets SET panel_count = (
        SELECT count(*) FROM pallet_panels AS placed
        WHERE placed.pallet_id = pallets.id
            AND NOT EXISTS (SELECT FROM pallet_removals WHERE pallet_panel_uuid = placed.uuid)
    )
    WHERE pallets.id = ANY(ARRAY(
        SELECT pallet_id FROM pallet_panels WHERE uuid = ANY(ARRAY(SELECT pallet_panel_uuid FROM written))
    ));
    RETURN NULL;
END
$$;
CREATE TRIGGER count_removals AFTER INSERT ON pallet_removals
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_pallet_removals();
