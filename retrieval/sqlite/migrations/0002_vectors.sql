-- As in 0001: plain types and statements, every key begins with the workspace;
-- in PostgreSQL BLOB is BYTEA, and key and name need COLLATE "C".

-- The models that vectors are of. The number stands for the name in each
-- vector's row; after the model is dropped another one may get it.
CREATE TABLE models (
    workspace  TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    name       TEXT    NOT NULL,  -- fingerprint of the embedder
    dimensions INTEGER NOT NULL,  -- values in each vector
    PRIMARY KEY (workspace, number),
    UNIQUE (workspace, name)
);

-- A vector is never changed, unless it is damaged; it is dropped with its model.
CREATE TABLE vectors (
    workspace TEXT    NOT NULL,
    model     INTEGER NOT NULL,  -- number in models
    key       TEXT    NOT NULL,  -- SHA-256 of the embedded text, hex
    checksum  BIGINT  NOT NULL,  -- CRC-32C of name of the model, 0 byte, key, 0 byte, vector
    vector    BLOB    NOT NULL,  -- 32-bit IEEE 754 values, little-endian
    PRIMARY KEY (workspace, model, key),
    FOREIGN KEY (workspace, model) REFERENCES models (workspace, number)
);

-- Which vectors a search uses: of each workspace at most one row of each role.
CREATE TABLE collections (
    workspace  TEXT             NOT NULL,
    role       TEXT             NOT NULL,  -- active or previous
    model      TEXT             NOT NULL,  -- name in models, which may be missing: it then has no vectors
    dimensions INTEGER          NOT NULL,
    weight     DOUBLE PRECISION NOT NULL,
    report     TEXT             NOT NULL,
    built_at   TEXT             NOT NULL,
    PRIMARY KEY (workspace, role)
);
