-- checkpoint.db as the version before marks wrote it: format 1, of a journal of nine entries.
BEGIN TRANSACTION;
CREATE TABLE entries (
    user_key   INTEGER NOT NULL,
    sequence   INTEGER NOT NULL,
    ticker_key INTEGER NOT NULL,
    subaccount INTEGER NOT NULL,
    is_fill    INTEGER NOT NULL,
    PRIMARY KEY (user_key, sequence)
) WITHOUT ROWID;
INSERT INTO "entries" VALUES(2807279712608087364,9,6278904356394631877,0,1);
CREATE TABLE identities (
    key      INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (key, sequence)
) WITHOUT ROWID;
INSERT INTO "identities" VALUES(50,9);
CREATE TABLE meta (
    key      TEXT PRIMARY KEY,
    value    TEXT NOT NULL,
    checksum INTEGER NOT NULL  -- CRC-32 of the value, continued from that of the key
) WITHOUT ROWID;
INSERT INTO "meta" VALUES('contents','[9,{"account":[1,2607435919],"market":[1,1261820188],"position":[1,2094829103]}]',94005962);
INSERT INTO "meta" VALUES('definitions','202eef5e',1154095115);
INSERT INTO "meta" VALUES('epoch','c42e8f417c3a4cedaec8a5271b4cbee3',421350628);
INSERT INTO "meta" VALUES('format','1',2507053696);
CREATE TABLE parts (
    kind     TEXT NOT NULL,    -- position, market, account or bust
    key      TEXT NOT NULL,    -- JSON array of what the part is kept for
    body     TEXT NOT NULL,    -- JSON array of the part
    checksum INTEGER NOT NULL, -- CRC-32 of the body, continued from that of the key
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
INSERT INTO "parts" VALUES('account','["alice",0]','["alice",0,5]',2607435919);
INSERT INTO "parts" VALUES('market','["RAIN"]','["RAIN","RAIN","",null,null,null,null,null,null,0]',1261820188);
INSERT INTO "parts" VALUES('position','["alice",0,"RAIN"]','["alice",0,"RAIN",1000,0,0,0,0,0,0,0,0,0,9,0,0]',2094829103);
COMMIT;
