-- Types and statements are kept plain, so that the schema carries over to
-- PostgreSQL: there BLOB is BYTEA, and id columns need COLLATE "C" to be
-- ordered by bytes as here. Every key begins with the workspace.

-- The current version of each document.
CREATE TABLE documents (
    workspace    TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    version      INTEGER NOT NULL,  -- the current one
    clauses      INTEGER NOT NULL,  -- how many it has
    hash         TEXT    NOT NULL,  -- SHA-256 of its text, hex
    digest       TEXT    NOT NULL,  -- of text, facts and clauses, hex
    source       TEXT    NOT NULL,
    origin       TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    issuer       TEXT    NOT NULL,
    jurisdiction TEXT    NOT NULL,
    issued_on    TEXT    NOT NULL,
    valid_from   TEXT    NOT NULL,
    valid_until  TEXT    NOT NULL,
    target_year  INTEGER NOT NULL,
    language     TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    translated   INTEGER NOT NULL,  -- 0 or 1
    repealed     INTEGER NOT NULL,  -- 0 or 1
    facts        TEXT    NOT NULL,  -- JSON object
    notes        TEXT    NOT NULL,  -- JSON object
    PRIMARY KEY (workspace, id)
);

-- Every version ever stored. Rows are never changed.
CREATE TABLE versions (
    workspace TEXT    NOT NULL,
    document  TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    hash      TEXT    NOT NULL,
    digest    TEXT    NOT NULL,
    facts     TEXT    NOT NULL,  -- JSON: the facts of this version, notes included
    text      BLOB    NOT NULL,  -- UTF-8
    added_at  TEXT    NOT NULL,  -- UTC, RFC 3339
    PRIMARY KEY (workspace, document, version),
    FOREIGN KEY (workspace, document) REFERENCES documents (workspace, id)
);

-- The leaf clauses of every version. A clause's text is bytes byte_start to
-- byte_end of versions.text. Rows are never changed.
CREATE TABLE clauses (
    workspace   TEXT    NOT NULL,
    document    TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    ordinal     INTEGER NOT NULL,
    id          TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    heading     TEXT    NOT NULL,
    parents     TEXT    NOT NULL,  -- JSON array
    departments TEXT    NOT NULL,  -- JSON array
    char_start  INTEGER NOT NULL,  -- code points
    char_end    INTEGER NOT NULL,
    byte_start  INTEGER NOT NULL,
    byte_end    INTEGER NOT NULL,
    PRIMARY KEY (workspace, document, version, ordinal),
    FOREIGN KEY (workspace, document, version) REFERENCES versions (workspace, document, version)
);

CREATE INDEX clauses_id ON clauses (workspace, id);
