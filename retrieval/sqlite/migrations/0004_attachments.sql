-- As in 0001: plain types and statements, the key begins with the workspace; in
-- PostgreSQL BLOB is BYTEA, and kind and id need COLLATE "C".

-- What other packages keep with the documents.
CREATE TABLE attachments (
    workspace TEXT NOT NULL,
    kind      TEXT NOT NULL,
    id        TEXT NOT NULL,
    digest    TEXT NOT NULL,  -- SHA-256 of kind, id and data, hex
    data      BLOB NOT NULL,
    PRIMARY KEY (workspace, kind, id)
);
