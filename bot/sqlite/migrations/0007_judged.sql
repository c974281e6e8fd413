-- As in 0001: plain statements. Few questions are rated or reviewed; lists of those need not look at the others.
CREATE INDEX facts_rating ON facts (workspace, rating, question) WHERE rating <> '';
CREATE INDEX facts_verdict ON facts (workspace, verdict, question) WHERE verdict <> '';
