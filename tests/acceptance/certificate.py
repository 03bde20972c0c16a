"""A certificate for this machine, made on the spot."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import (
    CertificateBuilder,
    IPAddress,
    Name,
    NameAttribute,
    SubjectAlternativeName,
    random_serial_number,
)
from cryptography.x509.oid import NameOID

from openpositions.wire.signing import format_private_key


class Certificate(NamedTuple):
    """The two files that a server needs, and what a client needs to believe it."""

    certificate_file: Path
    key_file: Path
    trust: ssl.SSLContext


def self_signed(directory: Path, private_key: RSAPrivateKey) -> Certificate:
    """A certificate for 127.0.0.1 that vouches for itself."""
    name = Name([NameAttribute(NameOID.COMMON_NAME, "openpositions test")])
    now = datetime.now(UTC)
    certificate = (
        CertificateBuilder(name, name, private_key.public_key(), random_serial_number(), now, now + timedelta(days=1))
        .add_extension(SubjectAlternativeName([IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(private_key, SHA256())
    )
    certificate_file, key_file = directory / "certificate.pem", directory / "certificate.key"
    certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_text(format_private_key(private_key), encoding="ascii")
    return Certificate(certificate_file, key_file, ssl.create_default_context(cafile=certificate_file))
