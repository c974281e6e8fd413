-- As in 0001: plain types and statements. Documents stored before have the
-- defaults; so have the versions that they are.

ALTER TABLE documents ADD COLUMN aliases  TEXT NOT NULL DEFAULT '[]';  -- JSON array
ALTER TABLE documents ADD COLUMN deadline TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN mentions TEXT NOT NULL DEFAULT '[]';  -- JSON array of {"title", "clause"}
