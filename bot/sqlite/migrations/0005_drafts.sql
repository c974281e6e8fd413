-- As in 0001: plain types and statements. Cases stored before have no drafts.

ALTER TABLE cases ADD COLUMN owner         TEXT    NOT NULL DEFAULT '';  -- account, '' when nobody sees to it
ALTER TABLE cases ADD COLUMN stage         TEXT    NOT NULL DEFAULT '';  -- of the latest draft, '' when this round has none
ALTER TABLE cases ADD COLUMN revision      INTEGER NOT NULL DEFAULT 0;   -- n of the latest draft, 0 when there is none
ALTER TABLE cases ADD COLUMN earlier       INTEGER NOT NULL DEFAULT 0;   -- n of the last draft of the rounds before
ALTER TABLE cases ADD COLUMN submitted_by  TEXT    NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN approved      INTEGER NOT NULL DEFAULT 0;   -- n of a draft, 0 when none is
ALTER TABLE cases ADD COLUMN approved_by   TEXT    NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN return_reason TEXT    NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN sent          INTEGER NOT NULL DEFAULT 0;   -- n of the draft that was the response
ALTER TABLE cases ADD COLUMN clauses       TEXT    NOT NULL DEFAULT 'null';  -- JSON, of the response
ALTER TABLE cases ADD COLUMN closed_at     BIGINT  NOT NULL DEFAULT -62135596800000000;
ALTER TABLE cases ADD COLUMN closed_by     TEXT    NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN closed_why    TEXT    NOT NULL DEFAULT '';

-- An index holds all that an inbox filters by, so that what does not fit is passed without a look at the row.
CREATE INDEX cases_owner ON cases (workspace, state, owner, seq, stage, reason);
CREATE INDEX cases_owner_stage ON cases (workspace, state, owner, stage, seq, reason);
CREATE INDEX cases_stage ON cases (workspace, state, stage, seq, owner, reason);
CREATE INDEX cases_reason ON cases (workspace, state, reason, seq, owner, stage);

-- Revisions of what is to be replied to a case. Rows are only added; of erased askers text and clauses go.
CREATE TABLE drafts (
    workspace TEXT    NOT NULL,
    case_seq  BIGINT  NOT NULL,
    n         INTEGER NOT NULL,  -- from 1
    base      INTEGER NOT NULL,  -- n of the draft that it was written on, 0 when there is none
    author    TEXT    NOT NULL,
    at_time   BIGINT  NOT NULL,
    origin    TEXT    NOT NULL,  -- person or program
    clauses   TEXT    NOT NULL,  -- JSON
    text      TEXT    NOT NULL,
    PRIMARY KEY (workspace, case_seq, n),
    FOREIGN KEY (workspace, case_seq) REFERENCES cases (workspace, seq)
);
