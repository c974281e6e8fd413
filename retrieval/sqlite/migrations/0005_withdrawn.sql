-- As in 0001: plain types and statements. Documents stored before are listed. One that
-- is withdrawn keeps its row, as it last was, and its versions.

ALTER TABLE documents ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;  -- 0 or 1
