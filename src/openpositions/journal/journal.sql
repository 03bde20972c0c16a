-- journal.db, format 1: the entries, which are the truth.

-- What the file is: its format, the checksum of these definitions, its epoch, the birthmark of its directory.
CREATE TABLE meta (
    key      TEXT PRIMARY KEY,
    value    TEXT NOT NULL,
    checksum INTEGER NOT NULL    -- CRC-32 of the value, continued from that of the key
) WITHOUT ROWID;

-- Contiguous from 1.
CREATE TABLE entries (
    sequence INTEGER PRIMARY KEY,
    body     TEXT NOT NULL       -- JSON array of the event, see core/events.py
);

-- What was made durable together. Without a gap: each commit starts where the one before it ended.
CREATE TABLE commits (
    last_sequence INTEGER PRIMARY KEY,
    checksums     BLOB NOT NULL  -- of each of its entries 4 bytes, little-endian: CRC-32 of the body, started from its sequence
);
