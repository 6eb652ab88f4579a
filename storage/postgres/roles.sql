-- Who may do what: run after every migration, so that roles a database administrator makes later get their rights too.
-- Members of sunline_daemon store and edit; members of sunline_reader read all but what lets somebody sign in. Neither
-- can delete or empty anything. Where the migrating role may not make roles, those that exist are given their rights.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sunline_daemon', 'sunline_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN NULL;
                WHEN insufficient_privilege THEN
                    RAISE NOTICE 'The role % is missing; an administrator has to create it.', name;
            END;
        END IF;
    END LOOP;
    BEGIN
        EXECUTE format('ALTER DATABASE %I SET search_path = sunline', current_database());
    EXCEPTION WHEN insufficient_privilege THEN NULL;
    END;
END
$$;

REVOKE ALL ON SCHEMA sunline FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA sunline FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sunline FROM PUBLIC;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sunline_daemon') THEN
        GRANT USAGE ON SCHEMA sunline TO sunline_daemon;
        GRANT SELECT ON ALL TABLES IN SCHEMA sunline TO sunline_daemon;
        GRANT INSERT ON
            users, system_config, station_criteria, manufacturing_orders, order_choices, panels, pallets,
            station_results, criteria_results, order_alerts, overrides, holds, hold_releases, pallet_panels,
            pallet_removals, waivers, sign_ins, sign_outs, imported_files, alarms, intake_errors, conflict_rulings,
            raw_scans, raw_garbles, raw_flashes, scan_outcomes, flash_rulings, sticks, stick_exports, stick_visits,
            line_stores, line_leases, sync_conflicts
            TO sunline_daemon;
        GRANT UPDATE ON
            users, system_config, station_criteria, manufacturing_orders, order_choices, panels, pallets, sticks,
            line_stores, line_leases
            TO sunline_daemon;
        GRANT EXECUTE ON FUNCTION words, lenient_jsonb, clear_feed TO sunline_daemon;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sunline_reader') THEN
        GRANT USAGE ON SCHEMA sunline TO sunline_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA sunline TO sunline_reader;
        REVOKE SELECT ON users, sync_conflicts FROM sunline_reader;
        GRANT SELECT (
            uuid, id, username, email, role, station_assignment, active, created_at, last_login, os_user,
            store_id, hlc, clock_state, edited_at
        ) ON users TO sunline_reader;
        GRANT SELECT (  -- the versions of a user hold the same secrets
            uuid, kind, thing_uuid, key_text, rule, winner_store, winner_hlc, winner_edited_at,
            loser_store, loser_hlc, loser_edited_at, found_at
        ) ON sync_conflicts TO sunline_reader;
        GRANT EXECUTE ON FUNCTION words TO sunline_reader;
    END IF;
END
$$;
