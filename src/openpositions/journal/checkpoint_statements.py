"""The SQL of a checkpoint: how its indexes are merged, and what is asked of them. The tables are in checkpoint.sql."""

from openpositions.journal.parts import CREATE_INCOMING as CREATE_INCOMING_PARTS

# Keys are hashes and fall anywhere in their index: like parts, they are collected and go in by one statement, in order.
CREATE_INCOMING = f"""
    PRAGMA temp_store = MEMORY;
    {CREATE_INCOMING_PARTS}
    CREATE TEMP TABLE incoming_identities (key, sequence);
    CREATE TEMP TABLE incoming_entries (user_key, sequence, ticker_key, subaccount, is_fill);
    CREATE TEMP TABLE incoming_marks (ticker_key, ts_ms, sequence);"""
COLLECT_IDENTITIES = """
    INSERT INTO incoming_identities SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)"""
COLLECT_ENTRIES = """
    INSERT INTO incoming_entries SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),
        json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[4]') FROM json_each(?)"""
COLLECT_MARKS = """
    INSERT INTO incoming_marks SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),
        json_extract(value, '$[2]') FROM json_each(?)"""
MERGE_INDEXES = (
    "INSERT INTO identities SELECT key, sequence FROM incoming_identities ORDER BY key, sequence",
    "DELETE FROM incoming_identities",
    """INSERT INTO entries SELECT user_key, sequence, ticker_key, subaccount, is_fill FROM incoming_entries
    ORDER BY user_key, sequence""",
    "DELETE FROM incoming_entries",
    """INSERT INTO marks SELECT ticker_key, ts_ms, sequence FROM incoming_marks
    ORDER BY ticker_key, ts_ms, sequence""",
    "DELETE FROM incoming_marks",
)

FIND = """
    SELECT sequence FROM json_each(?1) AS wanted CROSS JOIN identities ON identities.key = wanted.value
    UNION
    SELECT sequence FROM json_each(?2) AS wanted CROSS JOIN identities
    ON identities.key BETWEEN json_extract(wanted.value, '$[0]') AND json_extract(wanted.value, '$[1]')
    ORDER BY sequence"""
SELECT_ENTRIES = """
    SELECT sequence FROM entries
    WHERE user_key = ?1 AND sequence > ?2 AND sequence <= ?3
        AND (?4 IS NULL OR ticker_key IN (SELECT value FROM json_each(?4))) AND (?5 IS NULL OR subaccount = ?5)
        AND (is_fill OR NOT ?6)
    ORDER BY sequence LIMIT ?7"""
SELECT_ENTRIES_BACK = SELECT_ENTRIES.replace("ORDER BY sequence", "ORDER BY sequence DESC")
SELECT_MARKS = """
    SELECT max(sequence) FROM json_each(?1) AS wanted CROSS JOIN marks ON marks.ticker_key = wanted.value
    WHERE ts_ms >= ?2 AND ts_ms < ?3 AND sequence <= ?5
    GROUP BY marks.ticker_key, ts_ms / ?4"""
SELECT_LAST_MARKS = """
    SELECT (
        SELECT sequence FROM marks WHERE ticker_key = wanted.value AND ts_ms < ?2 AND sequence <= ?5
        ORDER BY ts_ms DESC, sequence DESC LIMIT 1
    ) AS last FROM json_each(?1) AS wanted WHERE last IS NOT NULL AND ?3 AND ?4"""
