-- What the product asks, found without reading whole tables. Lists run newest first by (created_at, uuid). Words are runs
-- of letters and digits of any script in small letters, as `storage/reads/words.py` takes them: the two are one rule.

DO $$
DECLARE
    script text := coalesce(
        (SELECT format('COLLATE pg_catalog.%I', collname) FROM pg_collation
         WHERE collname IN ('und-x-icu', 'pg_c_utf8') AND collnamespace = 'pg_catalog'::regnamespace
         ORDER BY collname DESC LIMIT 1), '');
    separators text :=
        '\u0001-/:-@\[-`{-\u00A9\u00AB-\u00B1\u00B4\u00B6-\u00B8\u00BB\u00BF\u00D7\u00F7\u02C2-\u02C5\u02D2-'
        '\u02DF\u037E\u0387\u055A-\u055F\u0589\u058A\u05BE\u05C0\u05C3\u05F3\u05F4\u0606-\u060F\u061B-\u061F'
        '\u066A-\u066D\u06D4\u0964\u0965\u0E3F\u0E4F\u104A-\u104F\u1361-\u1368\u17D4-\u17DB\u2000-\u206F'
        '\u20A0-\u20CF\u2190-\u2BFF\u2E00-\u2FFF\u3000-\u3004\u3008-\u3020\u3030\u303D-\u303F\u30A0\u30FB'
        '\uA4FE\uA4FF\uE000-\uF8FF\uFD3E\uFD3F\uFDFC-\uFDFF\uFE10-\uFE1F\uFE30-\uFE6F\uFEFF-\uFF0F\uFFE0-'
        '\uFFFF\U0001F000-\U0001FAFF';
BEGIN
    EXECUTE format(
        'CREATE FUNCTION words(given text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
         RETURN array_to_tsvector(ARRAY(
             SELECT left(word, 64)
             FROM unnest(regexp_split_to_array(
                 normalize(lower(translate(normalize(left(given, 4096), NFKC), %L, ''iσσ'') %s), NFKC), %L)) AS word
             WHERE word <> ''''))', 'İΣς', script, '[' || separators || ']+');
END
$$;

CREATE INDEX panels_mo_id ON panels (mo_id, status, current_station);
CREATE INDEX panels_created_at ON panels (created_at, uuid);
CREATE INDEX panels_failed ON panels (created_at, uuid) WHERE status = 'failed';

CREATE INDEX station_results_panel_id ON station_results (panel_id, created_at);
CREATE INDEX station_results_station_number ON station_results (station_number, created_at, uuid);
CREATE INDEX station_results_created_at ON station_results (created_at, uuid);
CREATE INDEX station_results_fail ON station_results (created_at, uuid) WHERE result = 'FAIL';
CREATE INDEX station_results_cosmetic ON station_results (created_at, uuid) WHERE result = 'B';
CREATE INDEX station_results_supersedes ON station_results (supersedes) WHERE supersedes IS NOT NULL;

CREATE INDEX criteria_results_station_result_id ON criteria_results (station_result_id);
CREATE INDEX criteria_results_fail ON criteria_results (criterion_id, created_at) WHERE result = 'FAIL';

CREATE INDEX manufacturing_orders_status ON manufacturing_orders (status, line_number, created_at);
CREATE INDEX manufacturing_orders_words ON manufacturing_orders USING gin (words(notes)) WHERE notes IS NOT NULL;
CREATE INDEX system_config_words ON system_config USING gin (words(description)) WHERE description IS NOT NULL;

CREATE INDEX pallets_mo_id ON pallets (mo_id, created_at);
CREATE INDEX pallets_created_at ON pallets (created_at, uuid);
CREATE INDEX pallet_panels_pallet_id ON pallet_panels (pallet_id, position_in_pallet);
CREATE INDEX pallet_panels_panel_id ON pallet_panels (panel_id);
CREATE INDEX pallet_removals_pallet_panel_uuid ON pallet_removals (pallet_panel_uuid);

CREATE INDEX order_alerts_order_uuid ON order_alerts (order_uuid);
CREATE INDEX overrides_panel_uuid ON overrides (panel_uuid);
CREATE INDEX holds_subject_uuid ON holds (subject_uuid);
CREATE INDEX hold_releases_hold_uuid ON hold_releases (hold_uuid);
CREATE INDEX sign_ins_user_uuid ON sign_ins (user_uuid);
CREATE INDEX sign_outs_sign_in_uuid ON sign_outs (sign_in_uuid);
CREATE INDEX flash_rulings_flash_uuid ON flash_rulings (flash_uuid);
CREATE INDEX flash_rulings_panel_uuid ON flash_rulings (panel_uuid) WHERE panel_uuid IS NOT NULL;
CREATE INDEX raw_flashes_serial_number ON raw_flashes (serial_number) WHERE serial_number IS NOT NULL;
CREATE INDEX scan_outcomes_panel_uuid ON scan_outcomes (panel_uuid) WHERE panel_uuid IS NOT NULL;
CREATE INDEX alarms_created_at ON alarms (created_at);

-- The words of the notes on panels, results and criteria, for both ways to the newest: a rare word is looked up, a frequent
-- one is met on the way back through time. `uuid` and `created_at` are of the row with the note; nobody writes here.
CREATE TABLE note_words (
    uuid uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    noted text NOT NULL,
    panel_id bigint NOT NULL,
    result_id bigint,
    criterion_id bigint,
    words tsvector NOT NULL
);
CREATE INDEX note_words_created_at ON note_words (created_at, uuid);
CREATE INDEX note_words_panel_id ON note_words (panel_id, created_at);
CREATE INDEX note_words_words ON note_words USING gin (words) WITH (fastupdate = off);

CREATE FUNCTION note_panel() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sunline, pg_temp AS $$
BEGIN
    DELETE FROM note_words WHERE uuid = NEW.uuid;
    INSERT INTO note_words SELECT NEW.uuid, NEW.created_at, 'panel', NEW.id, NULL, NULL, words(NEW.notes)
    WHERE NEW.notes IS NOT NULL ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_insert AFTER INSERT ON panels
    FOR EACH ROW WHEN (NEW.notes IS NOT NULL) EXECUTE FUNCTION note_panel();
CREATE TRIGGER note_update AFTER UPDATE ON panels
    FOR EACH ROW WHEN ((OLD.notes, OLD.created_at) IS DISTINCT FROM (NEW.notes, NEW.created_at))
    EXECUTE FUNCTION note_panel();

CREATE FUNCTION note_result() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sunline, pg_temp AS $$
BEGIN
    INSERT INTO note_words
    VALUES (NEW.uuid, NEW.created_at, 'station_result', NEW.panel_id, NEW.id, NULL, words(NEW.notes))
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_insert AFTER INSERT ON station_results
    FOR EACH ROW WHEN (NEW.notes IS NOT NULL) EXECUTE FUNCTION note_result();

CREATE FUNCTION note_criterion() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sunline, pg_temp AS $$
BEGIN
    INSERT INTO note_words
    SELECT NEW.uuid, NEW.created_at, 'criterion_result', panel_id, id, NEW.criterion_id, words(NEW.notes)
    FROM station_results WHERE id = NEW.station_result_id ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_insert AFTER INSERT ON criteria_results
    FOR EACH ROW WHEN (NEW.notes IS NOT NULL) EXECUTE FUNCTION note_criterion();
