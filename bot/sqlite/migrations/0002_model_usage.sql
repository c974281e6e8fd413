-- What language models were used for: a row for each day (UTC), model and task.
CREATE TABLE model_usage (
    workspace  TEXT   NOT NULL,
    day        TEXT   NOT NULL,  -- YYYY-MM-DD
    model      TEXT   NOT NULL,
    task       TEXT   NOT NULL,
    calls      BIGINT NOT NULL,
    tokens_in  BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    PRIMARY KEY (workspace, day, model, task)
);
