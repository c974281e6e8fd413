-- As in 0001: plain types and statements. Questions stored before have none of these. A profile may be
-- long, so it is the last column: reading the others does not pass it.

ALTER TABLE questions ADD COLUMN org     TEXT NOT NULL DEFAULT '';  -- '' when none is known or it was erased
ALTER TABLE questions ADD COLUMN profile TEXT NOT NULL DEFAULT '';  -- JSON, '' when there is none or it was erased
