-- USB sticks that may take data away: which are known, what each was given, what became of every visit.

CREATE TABLE sticks (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    name text NOT NULL,
    usb_serial text NOT NULL,
    vendor_id text NOT NULL,
    product_id text NOT NULL,
    volume_id text NOT NULL,
    takes text NOT NULL CHECK (takes IN ('everything', 'data', 'sheets')),
    always_full boolean NOT NULL DEFAULT false,
    recipient text,
    active boolean NOT NULL DEFAULT true,
    enrolled_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL,
    edited_at timestamptz
);

CREATE TABLE stick_exports (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    stick_uuid uuid NOT NULL REFERENCES sticks,
    log_store uuid NOT NULL,
    after_seq bigint NOT NULL,
    upto_seq bigint NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    first_day text NOT NULL,
    last_day text NOT NULL,
    takes text NOT NULL CHECK (takes IN ('everything', 'data', 'sheets')),
    recipient text,
    exported_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE stick_visits (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    stick_uuid uuid REFERENCES sticks,
    stick_export_uuid uuid REFERENCES stick_exports,
    device text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN (
        'exported', 'nothing_new', 'not_enrolled', 'full', 'read_only', 'unreadable', 'unsupported_file_system',
        'several_partitions', 'also_a_keyboard', 'pulled_early', 'line_not_running', 'internal')),
    message text NOT NULL,
    files jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TRIGGER stamp_insert BEFORE INSERT ON sticks FOR EACH ROW
    WHEN (NEW.store_id IS NULL OR NEW.hlc IS NULL) EXECUTE FUNCTION stamp_edit();
CREATE TRIGGER stamp_update BEFORE UPDATE ON sticks FOR EACH ROW
    WHEN (OLD.store_id = NEW.store_id AND OLD.hlc = NEW.hlc AND OLD IS DISTINCT FROM NEW)
    EXECUTE FUNCTION stamp_edit();

CREATE TRIGGER feed_insert AFTER INSERT ON sticks REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION feed_written('stick');
CREATE TRIGGER feed_update AFTER UPDATE ON sticks REFERENCING OLD TABLE AS before NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION feed_rewritten('stick');
