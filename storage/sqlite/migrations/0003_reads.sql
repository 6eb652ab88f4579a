-- What people look for, newest first. A scan without a note pays for a new panel's place in the list and nothing else:
-- words are kept only of notes, and of results only those that are no PASS have a list of their own. `words` is a
-- function of this program.

CREATE INDEX idx_local_panels_created_at ON local_panels (created_at);
CREATE INDEX idx_local_station_results_no_pass ON local_station_results (created_at) WHERE result <> 'PASS';
CREATE INDEX idx_pallets_created_at ON pallets (created_at);

CREATE TABLE note_words (
    word TEXT NOT NULL,
    created_at TEXT NOT NULL,
    uuid TEXT NOT NULL,
    noted TEXT NOT NULL,
    owner TEXT NOT NULL,
    PRIMARY KEY (word, created_at, uuid)
) STRICT, WITHOUT ROWID;

INSERT INTO note_words SELECT value, created_at, uuid, 'panel', uuid
FROM local_panels, json_each(words(notes)) WHERE notes IS NOT NULL;
INSERT INTO note_words SELECT value, created_at, uuid, 'station_result', uuid
FROM local_station_results, json_each(words(notes)) WHERE notes IS NOT NULL;
INSERT INTO note_words SELECT value, created_at, uuid, 'criterion_result', station_result_uuid
FROM criteria_results, json_each(words(notes)) WHERE notes IS NOT NULL;

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
