"""Bytes to messages. What does not decode gets an error that names the field, its value and what is allowed."""

import json
from collections.abc import Mapping
from typing import TypeVar, get_args

import msgspec

from openpositions.errors import InvalidInput
from openpositions.wire.ingest.fields import missing, must_be, shown
from openpositions.wire.ingest.messages import Frame, Message

MessageType = TypeVar("MessageType", bound=msgspec.Struct)

LONGEST_EVENT_BYTES = 64 * 1024
"""With the white space around it. The texts of an event have 1,000 characters at most, which are 12 kB escaped."""

_frames: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Frame)
_decode_object = msgspec.json.Decoder(dict[str, object]).decode
_MESSAGES: dict[str, type[msgspec.Struct]] = {
    frame.__struct_config__.tag: msgspec.structs.fields(frame)[0].type for frame in get_args(Frame)
}


def decode_message(document: bytes) -> Message:
    """The `msg` of one frame. Raises InvalidInput."""
    if len(document) > LONGEST_EVENT_BYTES:  # before anything looks at it: that would take 50 ns a byte
        raise too_long(len(document))
    try:
        message = _frames.decode(document).msg
    except (ValueError, RecursionError) as error:
        raise _explain(document, error) from None
    values = msgspec.structs.astuple(message)
    # A colon follows every key, so as many colons as distinct keys (2 of them are type and msg) prove that none is
    # repeated. More colons prove nothing: they may stand in a text, or follow the key of a field that is ignored.
    if document.count(b":") != 2 + len(values) - values.count(None):
        refuse_repeated_keys(document)
    return message


def convert_message(fields: Mapping[str, object], message_type: type[MessageType]) -> MessageType:
    """The message that these fields make. Raises InvalidInput."""
    try:
        return msgspec.convert(fields, message_type)
    except msgspec.ValidationError as error:
        raise _explain_fields(fields, message_type, error) from None


def decode_object(document: bytes) -> dict[str, object]:
    """One JSON object of any form. Raises InvalidInput."""
    try:
        return _decode_object(document)
    except (ValueError, RecursionError) as error:
        raise not_json(error) from None


def refuse_repeated_keys(document: bytes) -> None:
    """Raises InvalidInput if a key is given twice: of two values under one name neither is the one meant."""
    try:
        json.loads(document, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise not_json(error) from None


def too_long(length: int) -> InvalidInput:
    """What is wrong with bytes that are too many for an event."""
    return InvalidInput(
        "event", f"an event has at most {LONGEST_EVENT_BYTES} bytes, and this one has {length}", code="too_long"
    )


def not_json(error: Exception) -> InvalidInput:
    """What is wrong with bytes that are no JSON."""
    if isinstance(error, RecursionError):
        return InvalidInput("json", "not a JSON object: it is nested too deeply")
    if isinstance(error, UnicodeDecodeError):
        return InvalidInput("json", "not a JSON object: it is not encoded in UTF-8")
    return InvalidInput("json", f"not a JSON object: {error}")


def _without_repeats(pairs: list[tuple[str, object]]) -> None:
    keys = set()
    for key, _ in pairs:
        if key in keys:
            raise InvalidInput(key, f"the key {shown(key)} is given twice", code="duplicate_key")
        keys.add(key)


def _explain(document: bytes, error: Exception) -> InvalidInput:
    """Why a document is no frame."""
    try:
        frame = decode_object(document)
        refuse_repeated_keys(document)
    except InvalidInput as reason:
        return reason
    kind, message = frame.get("type"), frame.get("msg")
    kinds = ", ".join(_MESSAGES)
    if kind is None:
        return missing("type", f": it is one of {kinds}")
    if not isinstance(kind, str) or kind not in _MESSAGES:
        return InvalidInput("type", f"type must be one of {kinds}, not {shown(kind)}", code="unknown_type")
    if message is None:
        return missing("msg")
    if not isinstance(message, dict):
        return must_be("msg", "an object", message)
    return _explain_fields(message, _MESSAGES[kind], error)


def _explain_fields(
    message: Mapping[str, object], message_type: type[msgspec.Struct], error: Exception
) -> InvalidInput:
    """The first field that is not what the type of its message says."""
    for field in msgspec.structs.fields(message_type):
        value = message.get(field.name)
        if value is None:
            if field.required:
                return missing(field.name)
            continue
        try:
            msgspec.convert(value, field.type)
        except msgspec.ValidationError:
            return must_be(field.name, _description(field.type), value)
    return must_be("msg", f"what its type wants ({error})", message)


def _description(field_type: object) -> str:
    """What the type of a field says about itself; an optional one is a union of that type and None."""
    described = field_type if hasattr(field_type, "__metadata__") else get_args(field_type)[0]
    (meta,) = described.__metadata__
    return str(meta.description)
