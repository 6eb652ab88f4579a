PRAGMA application_id=1398099532;
PRAGMA user_version=1;
CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    store_id TEXT NOT NULL,
    site TEXT NOT NULL,
    line_number INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY,
    store_id TEXT NOT NULL,
    uuid TEXT NOT NULL,
    kind TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    body BLOB NOT NULL,
    digest INTEGER NOT NULL,
    wall TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    monotonic_ns INTEGER NOT NULL,
    hlc INTEGER NOT NULL,
    clock_state TEXT NOT NULL,
    received INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX idx_changes_received ON changes (uuid, seq) WHERE received = 1;
CREATE TABLE cursors (
    name TEXT PRIMARY KEY,
    store_id TEXT NOT NULL,
    seq INTEGER NOT NULL
) STRICT;
CREATE TABLE station_state (
    station_number INTEGER PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('operator', 'supervisor', 'admin')),
    email TEXT,
    password_hash TEXT,
    badge_hash TEXT,
    os_user TEXT,
    station_assignment INTEGER,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at TEXT NOT NULL,
    last_login TEXT
) STRICT;
CREATE TABLE system_config (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    config_key TEXT NOT NULL UNIQUE,
    config_value TEXT NOT NULL,
    description TEXT,
    updated_at TEXT NOT NULL,
    updated_by TEXT
) STRICT;
CREATE TABLE station_criteria (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL,
    station_number INTEGER NOT NULL,
    criterion_name TEXT NOT NULL,
    criterion_type TEXT NOT NULL,
    line_specific INTEGER NOT NULL CHECK (line_specific IN (0, 1)),
    line_number INTEGER,
    order_index INTEGER NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT;
CREATE TABLE manufacturing_orders (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    mo_number TEXT NOT NULL UNIQUE,
    panel_type TEXT NOT NULL,
    line_number INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'completed', 'cancelled')),
    watt_class_w INTEGER,
    pmax_min_w REAL,
    pmax_max_w REAL,
    cells_in_series INTEGER,
    notes TEXT,
    created_by TEXT,
    created_at TEXT NOT NULL,
    completed_at TEXT
) STRICT;
CREATE INDEX idx_manufacturing_orders_active ON manufacturing_orders (line_number, panel_type, created_at)
    WHERE status = 'active';
CREATE TABLE order_choices (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    line_number INTEGER NOT NULL,
    panel_type TEXT NOT NULL,
    order_uuid TEXT REFERENCES manufacturing_orders (uuid),
    updated_at TEXT NOT NULL,
    UNIQUE (line_number, panel_type)
) STRICT;
CREATE TABLE order_alerts (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    order_uuid TEXT NOT NULL REFERENCES manufacturing_orders (uuid),
    alert TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX idx_order_alerts_order_uuid ON order_alerts (order_uuid);
CREATE TABLE local_panels (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    serial_number TEXT NOT NULL UNIQUE,
    order_uuid TEXT NOT NULL REFERENCES manufacturing_orders (uuid),
    mo_number TEXT NOT NULL,
    panel_type TEXT NOT NULL,
    frame_type TEXT NOT NULL,
    backsheet_type TEXT NOT NULL,
    year INTEGER NOT NULL,
    line_number INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'in_production'
        CHECK (status IN ('in_production', 'rework', 'completed', 'failed')),
    current_station INTEGER,
    electrical_pending INTEGER NOT NULL DEFAULT 0 CHECK (electrical_pending IN (0, 1)),
    notes TEXT,
    created_at TEXT NOT NULL,
    synced_at TEXT
) STRICT;
CREATE INDEX idx_local_panels_order_uuid ON local_panels (order_uuid, status, current_station);
CREATE INDEX idx_local_panels_created_at ON local_panels (created_at);
CREATE TABLE local_station_results (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    panel_id INTEGER NOT NULL REFERENCES local_panels (id),
    station_number INTEGER NOT NULL,
    operator_id INTEGER NOT NULL REFERENCES users (id),
    result TEXT NOT NULL CHECK (result IN ('PASS', 'FAIL', 'B', 'VOID')),
    notes TEXT,
    electrical_data TEXT,
    attempt INTEGER NOT NULL,
    supersedes TEXT REFERENCES local_station_results (uuid),
    created_at TEXT NOT NULL,
    synced_at TEXT
) STRICT;
CREATE INDEX idx_local_station_results_panel_id ON local_station_results (panel_id);
CREATE INDEX idx_local_station_results_station_number ON local_station_results (station_number, created_at);
CREATE INDEX idx_local_station_results_no_pass ON local_station_results (created_at) WHERE result <> 'PASS';
CREATE TABLE criteria_results (
    uuid TEXT NOT NULL,
    station_result_uuid TEXT NOT NULL REFERENCES local_station_results (uuid),
    criterion_uuid TEXT NOT NULL REFERENCES station_criteria (uuid),
    result TEXT NOT NULL CHECK (result IN ('PASS', 'FAIL', 'N_A')),
    notes TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (station_result_uuid, uuid)
) STRICT, WITHOUT ROWID;
CREATE TABLE overrides (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    panel_uuid TEXT NOT NULL REFERENCES local_panels (uuid),
    action TEXT NOT NULL,
    station_number INTEGER,
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX idx_overrides_panel_uuid ON overrides (panel_uuid);
CREATE TABLE holds (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL CHECK (subject IN ('panel', 'pallet')),
    subject_uuid TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    raised_by TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX idx_holds_subject_uuid ON holds (subject_uuid);
CREATE TABLE hold_releases (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    hold_uuid TEXT NOT NULL REFERENCES holds (uuid),
    reason TEXT NOT NULL,
    released_by TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX idx_hold_releases_hold_uuid ON hold_releases (hold_uuid);
CREATE TABLE pallets (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    pallet_number TEXT NOT NULL UNIQUE,
    order_uuid TEXT NOT NULL REFERENCES manufacturing_orders (uuid),
    status TEXT NOT NULL CHECK (status IN ('in_progress', 'completed')),
    created_by TEXT,
    created_at TEXT NOT NULL,
    completed_at TEXT
) STRICT;
CREATE INDEX idx_pallets_order_uuid ON pallets (order_uuid, status);
CREATE INDEX idx_pallets_created_at ON pallets (created_at);
CREATE TABLE pallet_panels (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    pallet_uuid TEXT NOT NULL REFERENCES pallets (uuid),
    panel_uuid TEXT NOT NULL REFERENCES local_panels (uuid),
    position_in_pallet INTEGER NOT NULL,
    added_at TEXT NOT NULL
) STRICT;
CREATE INDEX idx_pallet_panels_pallet_uuid ON pallet_panels (pallet_uuid);
CREATE INDEX idx_pallet_panels_panel_uuid ON pallet_panels (panel_uuid);
CREATE TABLE pallet_removals (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    pallet_panel_uuid TEXT NOT NULL REFERENCES pallet_panels (uuid),
    reason TEXT NOT NULL,
    removed_by TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX idx_pallet_removals_pallet_panel_uuid ON pallet_removals (pallet_panel_uuid);
CREATE TABLE waivers (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    rule TEXT NOT NULL,
    panel_type TEXT NOT NULL,
    until TEXT NOT NULL,
    reason TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE conflict_rulings (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    conflict_uuid TEXT NOT NULL,
    keep TEXT NOT NULL CHECK (keep IN ('local', 'central')),
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE sticks (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    usb_serial TEXT NOT NULL,
    vendor_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    volume_id TEXT NOT NULL,
    takes TEXT NOT NULL CHECK (takes IN ('everything', 'data', 'sheets')),
    always_full INTEGER NOT NULL CHECK (always_full IN (0, 1)),
    recipient TEXT,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    enrolled_by TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE stick_exports (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    stick_uuid TEXT NOT NULL REFERENCES sticks (uuid),
    log_store TEXT NOT NULL,
    after_seq INTEGER NOT NULL,
    upto_seq INTEGER NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    takes TEXT NOT NULL CHECK (takes IN ('everything', 'data', 'sheets')),
    recipient TEXT,
    exported_by TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX idx_stick_exports_stick_uuid ON stick_exports (stick_uuid, log_store);
CREATE TABLE stick_visits (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    stick_uuid TEXT REFERENCES sticks (uuid),
    stick_export_uuid TEXT REFERENCES stick_exports (uuid),
    device TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN (
        'exported', 'nothing_new', 'not_enrolled', 'full', 'read_only', 'unreadable', 'unsupported_file_system',
        'several_partitions', 'also_a_keyboard', 'pulled_early', 'line_not_running', 'internal')),
    message TEXT NOT NULL,
    files TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX idx_stick_visits_stick_uuid ON stick_visits (stick_uuid) WHERE stick_uuid IS NOT NULL;
CREATE INDEX idx_stick_visits_stick_export_uuid ON stick_visits (stick_export_uuid)
    WHERE stick_export_uuid IS NOT NULL;
CREATE TABLE sign_ins (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    user_uuid TEXT NOT NULL REFERENCES users (uuid),
    station_number INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX idx_sign_ins_station_number ON sign_ins (station_number);
CREATE TABLE sign_outs (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    sign_in_uuid TEXT NOT NULL REFERENCES sign_ins (uuid),
    reason TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX idx_sign_outs_sign_in_uuid ON sign_outs (sign_in_uuid);
CREATE TABLE imported_files (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX idx_imported_files_digest ON imported_files (digest);
CREATE TABLE raw_scans (
    uuid TEXT,
    device TEXT,
    station_number INTEGER,
    raw BLOB,
    text TEXT,
    seen_at TEXT,
    PRIMARY KEY (station_number, uuid)
) WITHOUT ROWID;
CREATE TABLE scan_outcomes (
    uuid TEXT NOT NULL,
    scan_uuid TEXT NOT NULL,
    station_number INTEGER NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    operator_uuid TEXT,
    panel_uuid TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (scan_uuid, uuid)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_scan_outcomes_panel_uuid ON scan_outcomes (panel_uuid) WHERE panel_uuid IS NOT NULL;
CREATE TABLE raw_garbles (
    id INTEGER PRIMARY KEY,
    uuid TEXT UNIQUE,
    device TEXT,
    raw BLOB,
    reason TEXT,
    origin TEXT,
    seen_at TEXT
);
CREATE TABLE raw_flashes (
    id INTEGER PRIMARY KEY,
    uuid TEXT UNIQUE,
    flash_key TEXT,
    values_key TEXT,
    device TEXT,
    source TEXT,
    flash_kind TEXT,
    origin TEXT,
    serial_text TEXT,
    serial_number TEXT,
    date_text TEXT,
    time_text TEXT,
    pmax_w REAL,
    voc_v REAL,
    isc_a REAL,
    vmp_v REAL,
    imp_a REAL,
    significant_digits INTEGER,
    irradiance_w_m2 REAL,
    temperature_c REAL,
    extra TEXT,
    raw BLOB,
    seen_at TEXT,
    disposition TEXT
);
CREATE INDEX idx_raw_flashes_values_key ON raw_flashes (values_key, flash_key);
CREATE INDEX idx_raw_flashes_serial_number ON raw_flashes (serial_number) WHERE serial_number IS NOT NULL;
CREATE INDEX idx_raw_flashes_undecided ON raw_flashes (id) WHERE disposition IS NULL;
CREATE INDEX idx_raw_flashes_tray ON raw_flashes (id) WHERE disposition = 'tray';
CREATE TABLE flash_rulings (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    flash_uuid TEXT NOT NULL REFERENCES raw_flashes (uuid),
    disposition TEXT NOT NULL
        CHECK (disposition IN ('attached', 'tray', 'discarded', 'repeat', 'reference', 'error')),
    reason TEXT NOT NULL,
    findings TEXT NOT NULL,
    panel_uuid TEXT REFERENCES local_panels (uuid),
    decided_by TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX idx_flash_rulings_flash_uuid ON flash_rulings (flash_uuid);
CREATE INDEX idx_flash_rulings_panel_uuid ON flash_rulings (panel_uuid) WHERE panel_uuid IS NOT NULL;
CREATE TABLE alarms (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    station_number INTEGER,
    panel_uuid TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE intake_errors (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    raw_uuid TEXT NOT NULL,
    error TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE note_words (
    word TEXT NOT NULL,
    created_at TEXT NOT NULL,
    uuid TEXT NOT NULL,
    noted TEXT NOT NULL,
    owner TEXT NOT NULL,
    PRIMARY KEY (word, created_at, uuid)
) STRICT, WITHOUT ROWID;
CREATE TABLE central (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    store_id TEXT NOT NULL,
    epoch TEXT NOT NULL,
    refeed_until INTEGER NOT NULL,
    feed_xid INTEGER,
    feed_seq INTEGER,
    schema_version INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE parked_changes (
    seq INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    kind TEXT NOT NULL,
    because_of TEXT,
    sqlstate TEXT,
    message TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    parked_at TEXT NOT NULL,
    discarded_at TEXT,
    discarded_by TEXT,
    reason TEXT
) STRICT;
CREATE TABLE refused_arrivals (
    uuid TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    refused_at TEXT NOT NULL
) STRICT;
INSERT INTO meta VALUES (1, 'd2b65134-38df-423c-94c4-3e0ed7a0887c', 'TEST', 1, '2026-11-23T15:00:05.675331+00:00');
INSERT INTO changes VALUES (1, 'd2b65134-38df-423c-94c4-3e0ed7a0887c', '71fa7c87-8f70-5899-b486-0f7c3d6eb572', 'user', 1, X'7B2275756964223A2237316661376338372D386637302D353839392D623438362D306637633364366562353732222C22757365726E616D65223A22616461222C22726F6C65223A2261646D696E222C22656D61696C223A6E756C6C2C2270617373776F72645F68617368223A6E756C6C2C2262616467655F68617368223A2262626262626262626262626262626262626262626262626262626262626262626262626262626262626262626262626262626262626262626262626262626262222C226F735F75736572223A22616461222C2273746174696F6E5F61737369676E6D656E74223A6E756C6C2C22616374697665223A747275652C22637265617465645F6174223A22323032362D30332D30315431323A30303A30302E3132333435362B30303A3030222C226C6173745F6C6F67696E223A6E756C6C7D', 663884496, '2026-11-23T15:00:05.699212+00:00', '9d314a2f-14e2-4902-bab8-070221a489d8', 25161948374946, 117666349429489665, 'unknown', 0);
INSERT INTO changes VALUES (2, 'd2b65134-38df-423c-94c4-3e0ed7a0887c', 'e337e66f-9675-5a09-8e44-527b477fb131', 'order', 1, X'7B2275756964223A2265333337653636662D393637352D356130392D386534342D353237623437376662313331222C226D6F5F6E756D626572223A224D4F2D31222C2270616E656C5F74797065223A223630222C226C696E655F6E756D626572223A312C227175616E74697479223A3130302C22737461747573223A22616374697665222C22776174745F636C6173735F77223A6E756C6C2C22706D61785F6D696E5F77223A6E756C6C2C22706D61785F6D61785F77223A6E756C6C2C2263656C6C735F696E5F736572696573223A6E756C6C2C226E6F746573223A6E756C6C2C22637265617465645F6279223A6E756C6C2C22637265617465645F6174223A22323032362D30332D30315431323A30303A30302E3132333435362B30303A3030222C22636F6D706C657465645F6174223A6E756C6C7D', 2425330960, '2026-11-23T15:00:05.699212+00:00', '9d314a2f-14e2-4902-bab8-070221a489d8', 25161948374946, 117666349429489666, 'unknown', 0);
INSERT INTO changes VALUES (3, 'd2b65134-38df-423c-94c4-3e0ed7a0887c', '8208405f-4495-50f3-9eac-8dea0541a4a9', 'criterion', 1, X'7B2275756964223A2238323038343035662D343439352D353066332D396561632D386465613035343161346139222C22636F6465223A22636C65616E696E67222C2273746174696F6E5F6E756D626572223A322C22637269746572696F6E5F6E616D65223A22436C65616E696E67222C22637269746572696F6E5F74797065223A22504153535F4641494C222C226C696E655F7370656369666963223A66616C73652C226C696E655F6E756D626572223A6E756C6C2C226F726465725F696E646578223A312C22616374697665223A747275657D', 654913048, '2026-11-23T15:00:05.699212+00:00', '9d314a2f-14e2-4902-bab8-070221a489d8', 25161948374946, 117666349429489667, 'unknown', 0);
INSERT INTO changes VALUES (4, 'd2b65134-38df-423c-94c4-3e0ed7a0887c', '01a208eb-dfcc-7250-87ff-09cef68e00f7', 'raw_scan', 1, X'7B2275756964223A2230316132303865622D646663632D373235302D383766662D303963656636386530306637222C22646576696365223A227363616E2D31222C2273746174696F6E5F6E756D626572223A312C22726177223A2251314A544D6A5658564459774D4441774D44453D222C2274657874223A224352533235575436303030303031222C227365656E5F6174223A22323032362D30332D30315431323A30303A30302E3132333435362B30303A3030227D', 900543045, '2026-11-23T15:00:05.708600+00:00', '9d314a2f-14e2-4902-bab8-070221a489d8', 25161957770919, 117666349430079489, 'unknown', 0);
INSERT INTO changes VALUES (5, 'd2b65134-38df-423c-94c4-3e0ed7a0887c', '29d447b8-4bae-436f-9cbf-28563a716f25', 'panel', 1, X'7B2275756964223A2232396434343762382D346261652D343336662D396362662D323835363361373136663235222C2273657269616C5F6E756D626572223A224352533235575436303030303031222C226F726465725F75756964223A2265333337653636662D393637352D356130392D386534342D353237623437376662313331222C226D6F5F6E756D626572223A224D4F2D31222C2270616E656C5F74797065223A223630222C226672616D655F74797065223A2257222C226261636B73686565745F74797065223A2254222C2279656172223A323032352C226C696E655F6E756D626572223A312C22737461747573223A22696E5F70726F64756374696F6E222C2263757272656E745F73746174696F6E223A312C22656C656374726963616C5F70656E64696E67223A66616C73652C226E6F746573223A6E756C6C2C22637265617465645F6174223A22323032362D30332D30315431323A30303A30302E3132333435362B30303A3030227D', 3631462226, '2026-11-23T15:00:05.708600+00:00', '9d314a2f-14e2-4902-bab8-070221a489d8', 25161957770919, 117666349430079490, 'unknown', 0);
INSERT INTO changes VALUES (6, 'd2b65134-38df-423c-94c4-3e0ed7a0887c', '01a208eb-dfcc-7250-87ff-09cf1c63f947', 'station_result', 1, X'7B2275756964223A2230316132303865622D646663632D373235302D383766662D303963663163363366393437222C2270616E656C5F75756964223A2232396434343762382D346261652D343336662D396362662D323835363361373136663235222C2273746174696F6E5F6E756D626572223A312C226F70657261746F725F75756964223A2237316661376338372D386637302D353839392D623438362D306637633364366562353732222C22726573756C74223A2250415353222C226E6F746573223A6E756C6C2C22656C656374726963616C5F64617461223A6E756C6C2C22617474656D7074223A312C2273757065727365646573223A6E756C6C2C22637265617465645F6174223A22323032362D30332D30315431323A30303A30302E3132333435362B30303A3030227D', 3473777465, '2026-11-23T15:00:05.708600+00:00', '9d314a2f-14e2-4902-bab8-070221a489d8', 25161957770919, 117666349430079491, 'unknown', 0);
INSERT INTO changes VALUES (7, 'd2b65134-38df-423c-94c4-3e0ed7a0887c', '01a208eb-dfcc-7250-87ff-09d037e2bdd9', 'criterion_result', 1, X'7B2275756964223A2230316132303865622D646663632D373235302D383766662D303964303337653262646439222C2273746174696F6E5F726573756C745F75756964223A2230316132303865622D646663632D373235302D383766662D303963663163363366393437222C22637269746572696F6E5F75756964223A2238323038343035662D343439352D353066332D396561632D386465613035343161346139222C22726573756C74223A2250415353222C226E6F746573223A6E756C6C2C22637265617465645F6174223A22323032362D30332D30315431323A30303A30302E3132333435362B30303A3030227D', 1413622701, '2026-11-23T15:00:05.708600+00:00', '9d314a2f-14e2-4902-bab8-070221a489d8', 25161957770919, 117666349430079492, 'unknown', 0);
INSERT INTO changes VALUES (8, 'd2b65134-38df-423c-94c4-3e0ed7a0887c', '01a208eb-dfcc-7250-87ff-09d1af642415', 'scan_outcome', 1, X'7B2275756964223A2230316132303865622D646663632D373235302D383766662D303964316166363432343135222C227363616E5F75756964223A2230316132303865622D646663632D373235302D383766662D303963656636386530306637222C2273746174696F6E5F6E756D626572223A312C22636F6465223A22706173736564222C226D657373616765223A225061737365642E222C226F70657261746F725F75756964223A2237316661376338372D386637302D353839392D623438362D306637633364366562353732222C2270616E656C5F75756964223A2232396434343762382D346261652D343336662D396362662D323835363361373136663235222C22637265617465645F6174223A22323032362D30332D30315431323A30303A30302E3132333435362B30303A3030227D', 1463348442, '2026-11-23T15:00:05.708600+00:00', '9d314a2f-14e2-4902-bab8-070221a489d8', 25161957770919, 117666349430079493, 'unknown', 0);
INSERT INTO station_state VALUES (1, '{"open":"CRS25WT6000001"}');
INSERT INTO users VALUES (1, '71fa7c87-8f70-5899-b486-0f7c3d6eb572', 'ada', 'admin', NULL, NULL, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'ada', NULL, 1, '2026-03-01T12:00:00.123456+00:00', NULL);
INSERT INTO station_criteria VALUES (1, '8208405f-4495-50f3-9eac-8dea0541a4a9', 'cleaning', 2, 'Cleaning', 'PASS_FAIL', 0, NULL, 1, 1);
INSERT INTO manufacturing_orders VALUES (1, 'e337e66f-9675-5a09-8e44-527b477fb131', 'MO-1', '60', 1, 100, 'active', NULL, NULL, NULL, NULL, NULL, NULL, '2026-03-01T12:00:00.123456+00:00', NULL);
INSERT INTO local_panels VALUES (1, '29d447b8-4bae-436f-9cbf-28563a716f25', 'CRS25WT6000001', 'e337e66f-9675-5a09-8e44-527b477fb131', 'MO-1', '60', 'W', 'T', 2025, 1, 'in_production', 1, 0, NULL, '2026-03-01T12:00:00.123456+00:00', NULL);
INSERT INTO local_station_results VALUES (1, '01a208eb-dfcc-7250-87ff-09cf1c63f947', 1, 1, 1, 'PASS', NULL, NULL, 1, NULL, '2026-03-01T12:00:00.123456+00:00', NULL);
INSERT INTO criteria_results VALUES ('01a208eb-dfcc-7250-87ff-09d037e2bdd9', '01a208eb-dfcc-7250-87ff-09cf1c63f947', '8208405f-4495-50f3-9eac-8dea0541a4a9', 'PASS', NULL, '2026-03-01T12:00:00.123456+00:00');
INSERT INTO raw_scans VALUES ('01a208eb-dfcc-7250-87ff-09cef68e00f7', 'scan-1', 1, X'4352533235575436303030303031', 'CRS25WT6000001', '2026-03-01T12:00:00.123456+00:00');
INSERT INTO scan_outcomes VALUES ('01a208eb-dfcc-7250-87ff-09d1af642415', '01a208eb-dfcc-7250-87ff-09cef68e00f7', 1, 'passed', 'Passed.', '71fa7c87-8f70-5899-b486-0f7c3d6eb572', '29d447b8-4bae-436f-9cbf-28563a716f25', '2026-03-01T12:00:00.123456+00:00');
CREATE TRIGGER flash_rulings_newest AFTER INSERT ON flash_rulings BEGIN
    UPDATE raw_flashes SET disposition = NEW.disposition WHERE uuid = NEW.flash_uuid;
END;
CREATE TRIGGER local_panels_noted AFTER INSERT ON local_panels WHEN NEW.notes IS NOT NULL BEGIN
    INSERT INTO note_words SELECT value, NEW.created_at, NEW.uuid, 'panel', NEW.uuid FROM json_each(words(NEW.notes))
    WHERE true ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER local_panels_noted_again AFTER UPDATE ON local_panels
WHEN (OLD.notes, OLD.created_at) IS NOT (NEW.notes, NEW.created_at) BEGIN
    DELETE FROM note_words WHERE word IN (SELECT value FROM json_each(words(OLD.notes)))
        AND created_at = OLD.created_at AND uuid = OLD.uuid;
    INSERT INTO note_words SELECT value, NEW.created_at, NEW.uuid, 'panel', NEW.uuid FROM json_each(words(NEW.notes))
    WHERE true ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER local_station_results_noted AFTER INSERT ON local_station_results WHEN NEW.notes IS NOT NULL BEGIN
    INSERT INTO note_words SELECT value, NEW.created_at, NEW.uuid, 'station_result', NEW.uuid
    FROM json_each(words(NEW.notes))
    WHERE true ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER criteria_results_noted AFTER INSERT ON criteria_results WHEN NEW.notes IS NOT NULL BEGIN
    INSERT INTO note_words SELECT value, NEW.created_at, NEW.uuid, 'criterion_result', NEW.station_result_uuid
    FROM json_each(words(NEW.notes))
    WHERE true ON CONFLICT DO NOTHING;
END;
