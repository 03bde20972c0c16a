-- checkpoint.db, format 2: a book and three indexes, made from the journal and to be made again from it.

-- What the file is: its format, the checksum of these definitions, the epoch of its journal, its contents in numbers.
CREATE TABLE meta (
    key      TEXT PRIMARY KEY,
    value    TEXT NOT NULL,
    checksum INTEGER NOT NULL  -- CRC-32 of the value, continued from that of the key
) WITHOUT ROWID;

-- The book in its parts.
CREATE TABLE parts (
    kind     TEXT NOT NULL,    -- position, market, account or bust
    key      TEXT NOT NULL,    -- JSON array of what the part is kept for
    body     TEXT NOT NULL,    -- JSON array of the part
    checksum INTEGER NOT NULL, -- CRC-32 of the body, continued from that of the key
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;

-- Which entries have an identity that hashes to a key.
CREATE TABLE identities (
    key      INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (key, sequence)
) WITHOUT ROWID;

-- Which fills and adjustments are a user's.
CREATE TABLE entries (
    user_key   INTEGER NOT NULL,
    sequence   INTEGER NOT NULL,
    ticker_key INTEGER NOT NULL,
    subaccount INTEGER NOT NULL,
    is_fill    INTEGER NOT NULL,
    PRIMARY KEY (user_key, sequence)
) WITHOUT ROWID;

-- Which entries are marks of a market.
CREATE TABLE marks (
    ticker_key INTEGER NOT NULL,
    ts_ms      INTEGER NOT NULL,
    sequence   INTEGER NOT NULL,
    PRIMARY KEY (ticker_key, ts_ms, sequence)
) WITHOUT ROWID;
