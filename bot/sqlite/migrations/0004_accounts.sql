-- As in 0001: plain types and statements; every key begins with the workspace.

-- Who may sign in. Rows are never deleted.
CREATE TABLE accounts (
    workspace  TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL,  -- to sign in with, in small letters
    display    TEXT    NOT NULL,
    role       TEXT    NOT NULL,  -- viewer, staff, ops or admin
    lang       TEXT    NOT NULL,
    disabled   INTEGER NOT NULL,  -- 0 or 1
    issuer     TEXT    NOT NULL,  -- of the sign-on, '' when there is none
    subject    TEXT    NOT NULL,
    password   TEXT    NOT NULL,  -- argon2id in PHC form, '' when there is none
    created_at BIGINT  NOT NULL,
    PRIMARY KEY (workspace, id)
);

CREATE UNIQUE INDEX accounts_name ON accounts (workspace, name);
CREATE UNIQUE INDEX accounts_subject ON accounts (workspace, issuer, subject) WHERE subject <> '';

-- Where people are signed in.
CREATE TABLE sessions (
    workspace  TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    token      BLOB   NOT NULL,  -- SHA-256
    account    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    address    TEXT   NOT NULL,
    agent      TEXT   NOT NULL,
    PRIMARY KEY (workspace, id),
    FOREIGN KEY (workspace, account) REFERENCES accounts (workspace, id)
);

CREATE UNIQUE INDEX sessions_token ON sessions (workspace, token);
CREATE INDEX sessions_account ON sessions (workspace, account, created_at, id);
CREATE INDEX sessions_seen ON sessions (workspace, seen_at);

-- What lets somebody in once.
CREATE TABLE codes (
    workspace  TEXT   NOT NULL,
    digest     BLOB   NOT NULL,  -- SHA-256
    purpose    TEXT   NOT NULL,  -- setup or reset
    account    TEXT   NOT NULL,  -- id, '' for setup
    until_time BIGINT NOT NULL,
    PRIMARY KEY (workspace, digest)
);

CREATE INDEX codes_account ON codes (workspace, purpose, account);

-- Addresses from which accounts have signed in.
CREATE TABLE sign_in_places (
    workspace TEXT   NOT NULL,
    account   TEXT   NOT NULL,
    address   TEXT   NOT NULL,
    seen_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace, account, address),
    FOREIGN KEY (workspace, account) REFERENCES accounts (workspace, id)
);

-- The audit. Rows are only added; each one's hash covers that of the row before.
CREATE TABLE audit (
    workspace TEXT   NOT NULL,
    seq       BIGINT NOT NULL,  -- from 1, without gaps
    at_time   BIGINT NOT NULL,
    who       TEXT   NOT NULL,
    does      TEXT   NOT NULL,
    object    TEXT   NOT NULL,
    detail    TEXT   NOT NULL,
    address   TEXT   NOT NULL,
    hash      BLOB   NOT NULL,  -- SHA-256
    PRIMARY KEY (workspace, seq)
);

CREATE INDEX audit_who ON audit (workspace, who, seq);
CREATE INDEX audit_object ON audit (workspace, object, seq);
CREATE INDEX audit_does ON audit (workspace, does, seq);
