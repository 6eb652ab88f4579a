-- What happened: append-only. A correction supersedes, a VOID voids, nothing is rewritten; so nothing here has
-- `edited_at`. Times are the station's.

CREATE TABLE station_results (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    panel_id bigint NOT NULL REFERENCES panels (id),
    station_number integer NOT NULL,
    operator_id bigint NOT NULL REFERENCES users (id),
    result varchar(10) NOT NULL CHECK (result IN ('PASS', 'FAIL', 'B', 'VOID')),
    notes text,
    electrical_data jsonb,
    attempt integer NOT NULL,
    supersedes uuid REFERENCES station_results,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE criteria_results (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    station_result_id bigint NOT NULL REFERENCES station_results (id),
    criterion_id bigint NOT NULL REFERENCES station_criteria (id),
    result varchar(10) NOT NULL CHECK (result IN ('PASS', 'FAIL', 'N_A')),
    notes text,
    created_at timestamptz NOT NULL DEFAULT now(),
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE order_alerts (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    order_uuid uuid NOT NULL REFERENCES manufacturing_orders,
    alert text NOT NULL,
    remaining integer NOT NULL,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE overrides (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    panel_uuid uuid NOT NULL REFERENCES panels,
    action text NOT NULL,
    station_number integer,
    reason text NOT NULL,
    decided_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE holds (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    subject text NOT NULL CHECK (subject IN ('panel', 'pallet')),
    subject_uuid uuid NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    raised_by uuid,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE hold_releases (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    hold_uuid uuid NOT NULL REFERENCES holds,
    reason text NOT NULL,
    released_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE pallet_panels (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    pallet_id bigint NOT NULL REFERENCES pallets (id),
    panel_id bigint NOT NULL REFERENCES panels (id),
    position_in_pallet integer NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE pallet_removals (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    pallet_panel_uuid uuid NOT NULL REFERENCES pallet_panels,
    reason text NOT NULL,
    removed_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE waivers (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    rule text NOT NULL,
    panel_type text NOT NULL,
    until timestamptz NOT NULL,
    reason text NOT NULL,
    granted_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE sign_ins (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    user_uuid uuid NOT NULL REFERENCES users,
    station_number integer NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE sign_outs (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    sign_in_uuid uuid NOT NULL REFERENCES sign_ins,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE imported_files (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    device text NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,
    row_count integer NOT NULL,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE alarms (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    code text NOT NULL,
    message text NOT NULL,
    station_number integer,
    panel_uuid uuid,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

CREATE TABLE intake_errors (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    raw_uuid uuid NOT NULL,
    error text NOT NULL,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);

-- A supervisor decided which side of a conflict stands.
CREATE TABLE conflict_rulings (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    conflict_uuid uuid NOT NULL,
    keep text NOT NULL CHECK (keep IN ('local', 'central')),
    reason text NOT NULL,
    decided_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL
);
