-- What people and lines edit: one row a thing, its newest version. `uuid` names a thing everywhere; `id` is this plant's
-- own number for joins and never leaves the server. `store_id`, `hlc` and `clock_state` say which version of which store
-- a row is, `edited_at` when it was edited by the server's clock; sample rows carry hlc 0 and lose to everything.

CREATE TABLE central_meta (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    site text NOT NULL,
    central_id uuid NOT NULL DEFAULT gen_random_uuid(),
    epoch uuid NOT NULL DEFAULT gen_random_uuid(),
    schema_version integer NOT NULL,
    compatible_from integer NOT NULL
);

CREATE TABLE users (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    username varchar(50) NOT NULL UNIQUE,
    email varchar(100) UNIQUE,
    password_hash varchar(255),
    role varchar(20) NOT NULL CHECK (role IN ('admin', 'operator', 'supervisor')),
    station_assignment integer,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_login timestamptz,
    badge_hash text,
    os_user text,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL,
    edited_at timestamptz
);

CREATE TABLE system_config (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    config_key varchar(100) NOT NULL UNIQUE,
    config_value text NOT NULL,
    description text,
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by bigint REFERENCES users (id),
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL,
    edited_at timestamptz
);

CREATE TABLE station_criteria (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    code text NOT NULL,
    station_number integer NOT NULL,
    criterion_name varchar(100) NOT NULL,
    criterion_type varchar(20) NOT NULL CHECK (criterion_type IN ('PASS_FAIL', 'N_A')),
    line_specific boolean NOT NULL DEFAULT false,
    line_number integer,
    order_index integer NOT NULL,
    active boolean NOT NULL DEFAULT true,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL,
    edited_at timestamptz
);

CREATE TABLE manufacturing_orders (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    mo_number varchar(50) NOT NULL UNIQUE,
    panel_type varchar(10) NOT NULL,
    line_number integer NOT NULL,
    quantity integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    status varchar(20) NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'completed', 'cancelled')),
    created_by bigint REFERENCES users (id),
    notes text,
    watt_class_w integer,
    pmax_min_w double precision,
    pmax_max_w double precision,
    cells_in_series integer,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL,
    edited_at timestamptz
);

CREATE TABLE order_choices (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    line_number integer NOT NULL,
    panel_type varchar(10) NOT NULL,
    order_uuid uuid REFERENCES manufacturing_orders,
    updated_at timestamptz NOT NULL DEFAULT now(),
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL,
    edited_at timestamptz,
    UNIQUE (line_number, panel_type)
);

CREATE TABLE panels (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    serial_number varchar(50) NOT NULL UNIQUE,
    mo_id bigint NOT NULL REFERENCES manufacturing_orders (id),
    panel_type varchar(10) NOT NULL,
    frame_type varchar(1) NOT NULL,
    backsheet_type varchar(1) NOT NULL,
    year integer NOT NULL,
    line_number integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    status varchar(20) NOT NULL DEFAULT 'in_production'
        CHECK (status IN ('in_production', 'rework', 'completed', 'failed')),
    current_station integer,
    electrical_pending boolean NOT NULL DEFAULT false,
    notes text,
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL,
    edited_at timestamptz
);

-- `panel_count` follows pallet_panels less pallet_removals; nobody writes it.
CREATE TABLE pallets (
    uuid uuid PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    pallet_number varchar(50) NOT NULL UNIQUE,
    mo_id bigint NOT NULL REFERENCES manufacturing_orders (id),
    panel_count integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    status varchar(20) NOT NULL DEFAULT 'in_progress' CHECK (status IN ('in_progress', 'completed')),
    created_by bigint REFERENCES users (id),
    store_id uuid NOT NULL,
    hlc bigint NOT NULL,
    clock_state text NOT NULL,
    edited_at timestamptz
);
