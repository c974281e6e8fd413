-- As in 0001: plain types and statements. What searches look at stands in rows that are small, so that all of
-- them can be read for each search; the program fills them for questions stored before (counter facts_due).

-- A row for each question. Texts are single lines without control characters. Lists have a line feed before
-- and after each entry, '' when there are none. The longest column is the last one.
CREATE TABLE facts (
    workspace     TEXT    NOT NULL,
    question      BIGINT  NOT NULL,
    at_time       BIGINT  NOT NULL,  -- accepted
    channel       TEXT    NOT NULL,
    lang          TEXT    NOT NULL,
    outcome       TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    mode          TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    took          BIGINT  NOT NULL,  -- microseconds, 0 when it is not known
    tokens_in     BIGINT  NOT NULL,
    tokens_out    BIGINT  NOT NULL,
    masked        INTEGER NOT NULL,  -- 0 or 1
    duplicates    INTEGER NOT NULL,
    rating        TEXT    NOT NULL,  -- good, bad or '': the latest
    rating_reason TEXT    NOT NULL,
    case_state    TEXT    NOT NULL,  -- '' when there is none
    case_reason   TEXT    NOT NULL,
    verdict       TEXT    NOT NULL,  -- of the latest review, '' when there is none
    reviewer      TEXT    NOT NULL,
    places        TEXT    NOT NULL,  -- list
    documents     TEXT    NOT NULL,  -- list of ids
    clauses       TEXT    NOT NULL,  -- list of ids
    notices       TEXT    NOT NULL,  -- list of kinds
    said          BIGINT  NOT NULL,  -- answer_texts.id, 0 when there is none
    ask           TEXT    NOT NULL,  -- text of the question, folded
    PRIMARY KEY (workspace, question),
    FOREIGN KEY (workspace, question) REFERENCES questions (workspace, seq)
);

-- Texts of answers, each once however often it was given: without a model, equal questions get equal answers.
CREATE TABLE answer_texts (
    workspace TEXT   NOT NULL,
    id        BIGINT NOT NULL,
    hash      BLOB   NOT NULL,  -- SHA-256 of text
    uses      BIGINT NOT NULL,  -- rows of facts that refer to it
    text      TEXT   NOT NULL,  -- folded
    PRIMARY KEY (workspace, id)
);

CREATE UNIQUE INDEX answer_texts_hash ON answer_texts (workspace, hash);

-- Reviews of answers. Rows are only added, until the question is erased or forgotten.
CREATE TABLE reviews (
    workspace TEXT    NOT NULL,
    question  BIGINT  NOT NULL,
    n         INTEGER NOT NULL,  -- from 1
    base      INTEGER NOT NULL,
    verdict   TEXT    NOT NULL,
    clause    TEXT    NOT NULL,
    text      TEXT    NOT NULL,
    scores    TEXT    NOT NULL,  -- JSON, null when there are none
    note      TEXT    NOT NULL,
    reviewer  TEXT    NOT NULL,
    at_time   BIGINT  NOT NULL,
    entry     TEXT    NOT NULL,
    PRIMARY KEY (workspace, question, n),
    FOREIGN KEY (workspace, question) REFERENCES questions (workspace, seq)
);

-- Searches under a name.
CREATE TABLE views (
    workspace TEXT    NOT NULL,
    owner     TEXT    NOT NULL,  -- account
    name      TEXT    NOT NULL,
    shared    INTEGER NOT NULL,  -- 0 or 1
    query     TEXT    NOT NULL,
    PRIMARY KEY (workspace, owner, name)
);

-- Up to which question facts are still to be filled in, 0 or no row when none are.
INSERT INTO counters (workspace, name, value) SELECT workspace, 'facts_due', value FROM counters WHERE name = 'questions';
