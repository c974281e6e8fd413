-- Types and statements are kept plain, so that the schema carries over to
-- PostgreSQL: there BLOB is BYTEA, BIGINT and INTEGER are as here. Every key
-- begins with the workspace. Times are microseconds since 1970 in UTC; no time
-- is the first moment of year 1. Lists are JSON, null when there are none.
-- Rows refer to a question by its seq, which is never given again.

-- The last number given of each kind.
CREATE TABLE counters (
    workspace TEXT   NOT NULL,
    name      TEXT   NOT NULL,  -- see next in the program
    value     BIGINT NOT NULL,
    PRIMARY KEY (workspace, name)
);

CREATE TABLE questions (
    workspace     TEXT    NOT NULL,
    seq           BIGINT  NOT NULL,
    id            TEXT    NOT NULL,
    channel       TEXT    NOT NULL,
    asker         TEXT    NOT NULL,  -- '' when erased
    dialogue      TEXT    NOT NULL,
    place         TEXT    NOT NULL,
    thread        TEXT    NOT NULL,
    in_group      INTEGER NOT NULL,  -- 0 or 1
    reply         BLOB,
    reply_expires BIGINT  NOT NULL,
    lang          TEXT    NOT NULL,
    text          TEXT    NOT NULL,
    masked        TEXT    NOT NULL,  -- JSON
    quote         TEXT    NOT NULL,
    about         TEXT    NOT NULL,  -- id of a question, '' when none is
    history       TEXT    NOT NULL,  -- JSON
    as_of         TEXT    NOT NULL,
    digest        TEXT    NOT NULL,
    asked_at      BIGINT  NOT NULL,
    accepted_at   BIGINT  NOT NULL,
    answered_at   BIGINT  NOT NULL,
    closed_at     BIGINT  NOT NULL,
    state         TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    outcome       TEXT    NOT NULL,
    turn          BIGINT  NOT NULL,
    not_before    BIGINT  NOT NULL,
    revision      INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    duplicates    INTEGER NOT NULL,
    lease_until   BIGINT  NOT NULL,
    token         TEXT    NOT NULL,  -- of the claim, '' when there is none
    erased        INTEGER NOT NULL,  -- 0 or 1
    PRIMARY KEY (workspace, seq)
);

CREATE UNIQUE INDEX questions_id ON questions (workspace, id);
CREATE INDEX questions_asker ON questions (workspace, asker, seq);
CREATE INDEX questions_dialogue ON questions (workspace, dialogue, seq, asked_at);
CREATE INDEX questions_accepted ON questions (workspace, accepted_at, seq);

-- What is under way is little; these stay small.
CREATE INDEX questions_waiting ON questions (workspace, turn, seq, not_before, dialogue, accepted_at) WHERE state = 'waiting';
CREATE INDEX questions_leases ON questions (workspace, lease_until) WHERE state = 'claimed';
CREATE INDEX questions_claimed ON questions (workspace, dialogue, lease_until) WHERE state = 'claimed';
CREATE INDEX questions_answered ON questions (workspace, seq) WHERE state = 'answered';
CREATE INDEX questions_open_asker ON questions (workspace, asker, seq) WHERE state IN ('waiting', 'claimed');
CREATE INDEX questions_open_dialogue ON questions (workspace, dialogue, seq) WHERE state IN ('waiting', 'claimed');

-- What questions came to, beside them so that queues stay light.
CREATE TABLE records (
    workspace TEXT   NOT NULL,
    question  BIGINT NOT NULL,
    answer    TEXT   NOT NULL,  -- JSON, '' when there is none
    record    TEXT   NOT NULL,  -- JSON, '' when there is none
    PRIMARY KEY (workspace, question),
    FOREIGN KEY (workspace, question) REFERENCES questions (workspace, seq)
);

-- Which question a key stands for. Rows outlive their question; those of a refused question that is asked
-- anew move to the new one. The key itself cannot be read from them.
CREATE TABLE keys (
    workspace TEXT   NOT NULL,
    hash      BLOB   NOT NULL,  -- SHA-256 of channel, kind and key
    question  BIGINT NOT NULL,
    id        TEXT   NOT NULL,  -- of the question
    PRIMARY KEY (workspace, hash)
);

CREATE INDEX keys_question ON keys (workspace, question);

-- Steps of questions. Rows are only added, until the question is forgotten.
CREATE TABLE steps (
    workspace TEXT    NOT NULL,
    question  BIGINT  NOT NULL,
    n         INTEGER NOT NULL,  -- from 1
    at_time   BIGINT  NOT NULL,
    name      TEXT    NOT NULL,
    detail    TEXT    NOT NULL,  -- JSON, '' when there is none or it was erased
    PRIMARY KEY (workspace, question, n),
    FOREIGN KEY (workspace, question) REFERENCES questions (workspace, seq)
);

-- Who a user is.
CREATE TABLE people (
    workspace TEXT NOT NULL,
    asker     TEXT NOT NULL,
    platform  TEXT NOT NULL,
    tenant    TEXT NOT NULL,
    id        TEXT NOT NULL,
    PRIMARY KEY (workspace, asker)
);

-- Ids of questions that are gone. They are not given again, so that keys keep
-- their meaning.
CREATE TABLE forgotten (
    workspace TEXT NOT NULL,
    id        TEXT NOT NULL,
    PRIMARY KEY (workspace, id)
);

CREATE TABLE deliveries (
    workspace     TEXT    NOT NULL,
    seq           BIGINT  NOT NULL,
    id            TEXT    NOT NULL,
    question      BIGINT,            -- NULL for a case without one
    case_id       TEXT    NOT NULL,
    purpose       TEXT    NOT NULL,
    channel       TEXT    NOT NULL,
    asker         TEXT    NOT NULL,
    dialogue      TEXT    NOT NULL,
    place         TEXT    NOT NULL,
    thread        TEXT    NOT NULL,
    in_group      INTEGER NOT NULL,  -- 0 or 1
    reply         BLOB,
    reply_expires BIGINT  NOT NULL,
    state         TEXT    NOT NULL,
    token         TEXT    NOT NULL,  -- of the attempt, '' when there is none
    attempts      INTEGER NOT NULL,
    uncertain     INTEGER NOT NULL,  -- 0 or 1
    created_at    BIGINT  NOT NULL,
    next_at       BIGINT  NOT NULL,
    posted_at     BIGINT  NOT NULL,
    receipt       TEXT    NOT NULL,
    why           TEXT    NOT NULL,
    lease_until   BIGINT  NOT NULL,
    PRIMARY KEY (workspace, seq),
    FOREIGN KEY (workspace, question) REFERENCES questions (workspace, seq)
);

CREATE UNIQUE INDEX deliveries_id ON deliveries (workspace, id);
CREATE INDEX deliveries_question ON deliveries (workspace, question, seq);
CREATE INDEX deliveries_asker ON deliveries (workspace, asker);
CREATE INDEX deliveries_notice ON deliveries (workspace, asker, created_at) WHERE purpose = 'notice';
CREATE UNIQUE INDEX deliveries_final ON deliveries (workspace, question) WHERE purpose = 'final';
CREATE INDEX deliveries_open ON deliveries (workspace, channel, seq) WHERE state IN ('ready', 'posting');
CREATE INDEX deliveries_posting ON deliveries (workspace, channel, place) WHERE state = 'posting';
CREATE INDEX deliveries_open_dialogue ON deliveries (workspace, dialogue, seq) WHERE state IN ('ready', 'posting');

-- The documents of deliveries, beside them so that the outbox stays light.
CREATE TABLE documents (
    workspace TEXT   NOT NULL,
    delivery  BIGINT NOT NULL,
    doc       TEXT   NOT NULL,  -- JSON
    PRIMARY KEY (workspace, delivery),
    FOREIGN KEY (workspace, delivery) REFERENCES deliveries (workspace, seq)
);

-- Where nothing more may go for a while.
CREATE TABLE pauses (
    workspace   TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    whole       INTEGER NOT NULL,  -- 1: the whole channel
    place       TEXT    NOT NULL,  -- '' for the whole channel
    until_time  BIGINT  NOT NULL,
    PRIMARY KEY (workspace, channel, whole, place)
);

CREATE TABLE cases (
    workspace     TEXT    NOT NULL,
    seq           BIGINT  NOT NULL,
    id            TEXT    NOT NULL,
    question      BIGINT,            -- NULL when there is none
    reason        TEXT    NOT NULL,
    text          TEXT    NOT NULL,
    channel       TEXT    NOT NULL,
    asker         TEXT    NOT NULL,
    dialogue      TEXT    NOT NULL,
    place         TEXT    NOT NULL,
    thread        TEXT    NOT NULL,
    in_group      INTEGER NOT NULL,  -- 0 or 1
    reply         BLOB,
    reply_expires BIGINT  NOT NULL,
    state         TEXT    NOT NULL,
    opened_at     BIGINT  NOT NULL,
    replied_at    BIGINT  NOT NULL,
    replied_by    TEXT    NOT NULL,
    response      TEXT    NOT NULL,
    delivery      TEXT    NOT NULL,  -- id, '' when there is none
    erased        INTEGER NOT NULL,  -- 0 or 1
    PRIMARY KEY (workspace, seq),
    FOREIGN KEY (workspace, question) REFERENCES questions (workspace, seq)
);

CREATE UNIQUE INDEX cases_id ON cases (workspace, id);
CREATE UNIQUE INDEX cases_question ON cases (workspace, question);
CREATE INDEX cases_state ON cases (workspace, state, seq);
CREATE INDEX cases_asker ON cases (workspace, asker);

CREATE TABLE ratings (
    workspace TEXT    NOT NULL,
    seq       BIGINT  NOT NULL,  -- order of the calls
    question  BIGINT  NOT NULL,
    asker     TEXT    NOT NULL,
    good      INTEGER NOT NULL,  -- 0 or 1
    reason    TEXT    NOT NULL,
    text      TEXT    NOT NULL,
    at_time   BIGINT  NOT NULL,
    PRIMARY KEY (workspace, question, asker),
    FOREIGN KEY (workspace, question) REFERENCES questions (workspace, seq)
);

CREATE INDEX ratings_asker ON ratings (workspace, asker);

-- What buttons stand for.
CREATE TABLE tokens (
    workspace TEXT   NOT NULL,
    token     TEXT   NOT NULL,
    question  BIGINT NOT NULL,
    does      TEXT   NOT NULL,
    PRIMARY KEY (workspace, token),
    FOREIGN KEY (workspace, question) REFERENCES questions (workspace, seq)
);

CREATE INDEX tokens_question ON tokens (workspace, question);

CREATE TABLE settings (
    workspace TEXT NOT NULL,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (workspace, name)
);
