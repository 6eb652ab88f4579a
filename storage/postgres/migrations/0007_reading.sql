-- What the product asks, found without reading whole tables. Lists run newest first by (created_at, uuid). Words are
-- lower-case runs of letters and digits of any script, as a line's own search takes them.

DO $$
DECLARE
    script text := coalesce(
        (SELECT format('COLLATE pg_catalog.%I', collname) FROM pg_collation
         WHERE collname IN ('und-x-icu', 'pg_c_utf8') AND collnamespace = 'pg_catalog'::regnamespace
         ORDER BY collname DESC LIMIT 1), '');
BEGIN
    EXECUTE format(
        'CREATE FUNCTION words(given text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
         RETURN to_tsvector(''pg_catalog.simple'',
                            regexp_replace(lower(given %1$s), ''[^[:alnum:]]+'' %1$s, '' '', ''g''))', script);
END
$$;

CREATE INDEX panels_mo_id ON panels (mo_id, status, current_station);
CREATE INDEX panels_created_at ON panels (created_at, uuid);
CREATE INDEX panels_failed ON panels (created_at, uuid) WHERE status = 'failed';
CREATE INDEX panels_words ON panels USING gin (words(notes)) WHERE notes IS NOT NULL;

CREATE INDEX station_results_panel_id ON station_results (panel_id, created_at);
CREATE INDEX station_results_station_number ON station_results (station_number, created_at, uuid);
CREATE INDEX station_results_created_at ON station_results (created_at, uuid);
CREATE INDEX station_results_fail ON station_results (created_at, uuid) WHERE result = 'FAIL';
CREATE INDEX station_results_cosmetic ON station_results (created_at, uuid) WHERE result = 'B';
CREATE INDEX station_results_supersedes ON station_results (supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX station_results_words ON station_results USING gin (words(notes)) WHERE notes IS NOT NULL;

CREATE INDEX criteria_results_station_result_id ON criteria_results (station_result_id);
CREATE INDEX criteria_results_fail ON criteria_results (criterion_id, created_at) WHERE result = 'FAIL';
CREATE INDEX criteria_results_words ON criteria_results USING gin (words(notes)) WHERE notes IS NOT NULL;

CREATE INDEX manufacturing_orders_status ON manufacturing_orders (status, line_number, created_at);
CREATE INDEX manufacturing_orders_words ON manufacturing_orders USING gin (words(notes)) WHERE notes IS NOT NULL;
CREATE INDEX system_config_words ON system_config USING gin (words(description)) WHERE description IS NOT NULL;

CREATE INDEX pallets_mo_id ON pallets (mo_id, created_at);
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
