-- What devices sent, as it arrived, and what came of it. Tables named raw_* refuse nothing: no check, no length, and
-- text that should be JSON but is not stands as a JSON string.

CREATE TABLE raw_scans (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    device text,
    station_number bigint,
    raw bytea,
    text text,
    seen_at timestamptz,
    store_id uuid,
    hlc bigint,
    clock_state text
);

CREATE TABLE raw_garbles (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    device text,
    raw bytea,
    reason text,
    origin text,
    seen_at timestamptz,
    store_id uuid,
    hlc bigint,
    clock_state text
);

CREATE TABLE raw_flashes (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    flash_key text,
    values_key text,
    device text,
    source text,
    flash_kind text,
    origin text,
    serial_text text,
    serial_number text,
    date_text text,
    time_text text,
    pmax_w double precision,
    voc_v double precision,
    isc_a double precision,
    vmp_v double precision,
    imp_a double precision,
    significant_digits bigint,
    irradiance_w_m2 double precision,
    temperature_c double precision,
    extra jsonb,
    raw bytea,
    seen_at timestamptz,
    store_id uuid,
    hlc bigint,
    clock_state text
);

CREATE TABLE scan_outcomes (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    scan_uuid uuid NOT NULL,
    station_number integer NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    operator_uuid uuid,
    panel_uuid uuid,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE flash_rulings (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    flash_uuid uuid NOT NULL REFERENCES raw_flashes,
    disposition text NOT NULL
        CHECK (disposition IN ('attached', 'tray', 'discarded', 'repeat', 'reference', 'error')),
    reason text NOT NULL,
    findings jsonb NOT NULL,
    panel_uuid uuid REFERENCES panels,
    decided_by uuid,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE FUNCTION lenient_jsonb(given text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN given::jsonb;
EXCEPTION WHEN OTHERS THEN
    RETURN to_jsonb(given);
END
$$;
