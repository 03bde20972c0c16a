-- Who may do what. A key is never deleted: a revoked one stays, so that its id cannot come back.

CREATE TABLE keys (
    number        INTEGER PRIMARY KEY, -- in the order in which they were made; lists go by it
    key_id        TEXT NOT NULL UNIQUE,
    user_id       TEXT NOT NULL,
    scopes        TEXT NOT NULL,       -- separated by commas
    subaccount    INTEGER,             -- the only one the key sees; NULL for all
    public_key    TEXT NOT NULL,       -- PEM
    created_ts_ms INTEGER NOT NULL,
    revoked_ts_ms INTEGER              -- NULL while the key is good
) STRICT;

PRAGMA user_version = 1;
