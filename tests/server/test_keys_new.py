"""What a key must be before it is stored."""

import msgspec
import pytest

from openpositions.errors import InvalidInput
from openpositions.server.keys import NewKey

READ = frozenset({"read"})


@pytest.mark.parametrize(
    ("user_id", "shown"),
    [
        ("", '""'),
        ("al ice", '"al ice"'),
        ("älice", r'"\u00e4lice"'),
        ("al\nice", r'"al\nice"'),
        ("a" * 129, '"' + "a" * 44 + "..."),
    ],
)
def test_user_id_that_no_frame_could_carry_is_refused(public_key: str, user_id: str, shown: str) -> None:
    """The message names the field, what is allowed, and the value."""
    with pytest.raises(InvalidInput) as raised:
        NewKey(user_id=user_id, scopes=READ, public_key=public_key)

    assert raised.value.field == "user_id"
    assert str(raised.value) == (
        f"user_id must be text of 1-128 printable ASCII characters without spaces, not {shown}"
    )


@pytest.mark.parametrize("user_id", ["a", "~" * 128, "user:42/eu@example.com"])
def test_any_printable_user_id_is_taken(public_key: str, user_id: str) -> None:
    """From one character to 128."""
    assert NewKey(user_id=user_id, scopes=READ, public_key=public_key).user_id == user_id


@pytest.mark.parametrize(("scopes", "shown"), [(set(), '""'), ({"read", "write"}, '"read,write"')])
def test_scopes_that_do_not_exist_are_refused(public_key: str, scopes: set[str], shown: str) -> None:
    """A key without a scope opens nothing, so it is a mistake too."""
    with pytest.raises(InvalidInput) as raised:
        NewKey(user_id="alice", scopes=frozenset(scopes), public_key=public_key)

    assert raised.value.field == "scopes"
    assert str(raised.value) == f"scopes must be one or more of read, ingest, admin, not {shown}"


@pytest.mark.parametrize("subaccount", [-1, 2**31])
def test_subaccount_out_of_range_is_refused(public_key: str, subaccount: int) -> None:
    """The range is that of fills."""
    with pytest.raises(InvalidInput, match="subaccount must be an integer from 0 to 2147483647") as raised:
        NewKey(user_id="alice", scopes=READ, public_key=public_key, subaccount=subaccount)

    assert raised.value.field == "subaccount"


@pytest.mark.parametrize("subaccount", [0, 3])
def test_administrator_of_one_subaccount_is_refused(public_key: str, subaccount: int) -> None:
    """Such a key could do nothing with its scope."""
    with pytest.raises(InvalidInput) as raised:
        NewKey(user_id="a", scopes=frozenset({"read", "admin"}), public_key=public_key, subaccount=subaccount)

    assert raised.value.field == "scopes"
    assert str(raised.value) == (
        f"scopes with admin do not go with subaccount {subaccount}: what an administrator manages is not of one "
        "subaccount; leave out one of the two"
    )


def test_all_other_scopes_go_with_a_subaccount(public_key: str) -> None:
    """Together, too."""
    new = NewKey(user_id="a", scopes=frozenset({"read", "ingest"}), public_key=public_key, subaccount=3)

    assert (new.scopes, new.subaccount) == (frozenset({"read", "ingest"}), 3)


def test_public_key_that_is_none_is_refused() -> None:
    """The rules of keys themselves are those of `wire.signing`."""
    with pytest.raises(InvalidInput, match="public_key is not a public key in PEM form"):
        NewKey(user_id="alice", scopes=READ, public_key="alice's key")


def test_misspelt_field_of_an_imported_line_is_refused(public_key: str) -> None:
    """Ignoring it would make a key that sees every subaccount."""
    line = msgspec.json.encode(
        {"user_id": "alice", "scopes": ["read"], "public_key": public_key, "sub_account": 7},
    )

    with pytest.raises(msgspec.ValidationError, match="unknown field `sub_account`"):
        msgspec.json.decode(line, type=NewKey)
