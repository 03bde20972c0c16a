"""Signing in: the key stays in the page, and whatever is wrong is said in a sentence."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from playwright.async_api import expect

from tests.acceptance.http import ask
from tests.acceptance.sandbox import Sandbox
from tests.server.dashboard.screen import FOREIGN_HOST

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from playwright.async_api import Request, WebSocket

    from openpositions.testing.user_keys import UserKey
    from tests.server.dashboard.screen import Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAMAGED = "This file is damaged: what it holds is no private key."


def other_form(key: UserKey) -> str:
    """The private key in PKCS #1, as OpenSSL wrote it for decades."""
    private_key = load_pem_private_key(key.private_key.encode(), None)
    return private_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@pytest.mark.parametrize("form", ["PKCS #8", "PKCS #1"])
async def test_both_forms_of_an_rsa_key_sign_in(screen: Screen, form: str) -> None:
    """The service makes the one, others have the other."""
    key = screen.server.key("alice")
    screen.server.fill("alice", "FED-23DEC-T3.00")

    await screen.sign_in(key, pem=key.private_key if form == "PKCS #8" else other_form(key))

    await screen.until_phase("live")
    await expect(screen.text("FED-23DEC-T3.00", "position")).to_have_text("10.00")
    await expect(screen.page.locator("#user")).to_have_text("alice")


async def test_ed25519_key_signs_in(screen: Screen) -> None:
    """Where the browser has it."""
    await screen.sign_in(screen.server.key("alice", key_type="ed25519"))

    await screen.until_phase("live")


async def test_wrong_file_is_named(screen: Screen) -> None:
    """Before anything is asked of the service."""
    files = [
        ("", "This file holds no key in PEM form (-----BEGIN PRIVATE KEY----- …)."),
        ("x" * 20_000, "This file is too long to be a private key. Choose the PEM file that came with the key id."),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", DAMAGED),
        (
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
            "This is a certificate. Choose the file that holds the private key.",
        ),
        ("-----BEGIN RSA PRIVATE KEY-----\n????\n-----END RSA PRIVATE KEY-----", DAMAGED),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nMIIE\n-----END OPENSSH PRIVATE KEY-----",
            "This key is in OpenSSH's own form. Choose one in PEM form, as the service made it.",
        ),
    ]
    for text, sentence in files:
        await screen.sign_in(screen.server.key("alice"), pem=text)
        await screen.until_refused(sentence)
    assert screen.server.frames.received() == []


async def test_keys_that_cannot_sign_are_named(screen: Screen, rsa_key: RSAPrivateKey) -> None:
    """One with a passphrase, in either form; the public half; a curve that the service does not take."""
    passphrase = BestAvailableEncryption(b"secret")
    curve = ec.generate_private_key(ec.SECP256R1())
    public = rsa_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    encrypted = "This key is protected by a passphrase. Save it without one: openssl pkey -in FILE -out NEW."
    taken = "that the service does not take. RSA and Ed25519 are taken."
    files = [
        (rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, passphrase), encrypted),
        (rsa_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, passphrase), encrypted),
        (public, "This is a public key. Choose the file that holds the private one."),
        (curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), f"This key is of a kind {taken}"),
        (
            curve.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
            f"This key is of an elliptic curve {taken}",
        ),
    ]
    for pem, sentence in files:
        await screen.sign_in(screen.server.key("alice"), pem=pem.decode())
        await screen.until_refused(sentence)


async def test_form_asks_for_what_is_missing(screen: Screen) -> None:
    """Field by field."""
    await screen.page.click("#enter")
    await screen.until_refused("Give the key id: 1 to 128 characters without spaces.")
    await screen.page.fill("#key-id", screen.server.key("alice").key_id)
    await screen.page.click("#enter")
    await screen.until_refused("Choose the PEM file of the private key.")


async def test_key_of_somebody_else_is_refused(screen: Screen) -> None:
    """The right file opens the same form a moment later."""
    screen.expected_statuses = {401}
    alice, bob = screen.server.key("alice"), screen.server.key("bob")

    await screen.sign_in(alice, pem=bob.private_key)
    await screen.until_refused("This private key does not belong to that key id. Choose the file that came with it.")

    await screen.sign_in(alice)
    await screen.until_phase("live")


async def test_unknown_key_id_is_refused(screen: Screen) -> None:
    """It may be misspelt, or gone."""
    screen.expected_statuses = {401}
    await screen.sign_in(screen.server.key("alice"), key_id="11111111-2222-3333-4444-555555555555")

    await screen.until_refused("The service knows no such key id; it may be misspelt, or the key was revoked.")


async def test_key_without_the_scope_is_refused(screen: Screen) -> None:
    """The service's own words say which it lacks."""
    screen.expected_statuses = {403}
    await screen.sign_in(screen.server.key("feeder", scopes=["ingest"]))

    await screen.until_refused("Not allowed: this needs a key with the scope 'read'.")


async def test_wrong_clock_is_told_by_how_much(screen: Screen) -> None:
    """Signatures carry the time; the service says its own in every answer."""
    screen.expected_statuses = {401}
    await screen.page.clock.set_fixed_time(time.time() + 95)
    await screen.sign_in(screen.server.key("alice"))

    refusal = screen.page.locator("#refusal")
    await expect(refusal).to_have_text(
        re.compile(r"The clock of this machine is 9[3-7] s ahead of that of the service\. Set it right and try again\.")
    )


async def test_page_from_elsewhere_over_plain_http_cannot_sign(screen: Screen) -> None:
    """Browsers keep cryptography from such a page; it says what to do, and takes nothing."""
    await screen.open(screen.server.url.replace("127.0.0.1", FOREIGN_HOST))

    port = screen.server.url.rpartition(":")[2]
    await screen.until_refused(
        "Browsers offer cryptography only to pages that came over https, or from this machine itself, and this one "
        f"came over plain http from {FOREIGN_HOST}. Open it over https, or on the machine of the service as "
        f"http://localhost:{port}."
    )
    await expect(screen.page.locator("#enter")).to_be_disabled()


async def test_private_key_is_in_nothing_that_is_sent_or_stored(charted_screen: Screen) -> None:
    """Every request, every frame, every cookie and all storage of the browser are looked through."""
    screen = charted_screen
    sent: list[str] = []

    async def take(request: Request) -> None:
        sent.extend([request.url, str(await request.all_headers()), request.post_data or ""])

    def follow(socket: WebSocket) -> None:
        sent.append(socket.url)
        socket.on("framesent", lambda data: sent.append(str(data)))

    screen.page.on("requestfinished", take)
    screen.page.on("websocket", follow)
    screen.server.fill("alice", "FED-23DEC-T3.00")
    key = await screen.enter()
    await expect(screen.page.locator("#plot")).to_have_attribute("data-points", "1")

    state = await screen.page.context.storage_state(indexed_db=True)
    assert (state["cookies"], state["origins"]) == ([], [])
    assert await screen.page.evaluate("sessionStorage.length") == 0
    assert any(key.key_id in text for text in sent), "the requests were not seen"
    assert any('"subscribe"' in text for text in sent), "the frames were not seen"
    lines = [line for line in key.private_key.splitlines() if not line.startswith("---")]
    assert len(lines) > 20
    assert [text for text in sent for line in lines if line in text] == []
    assert await screen.page.evaluate("document.documentElement.outerHTML.includes('PRIVATE KEY')") is False


async def test_revoked_key_ends_it(screen: Screen) -> None:
    """Within a second; it does not come back by itself, and what was shown is told to be old."""
    key = await screen.enter()
    sandbox = Sandbox(screen.server, over_http=True)
    asked = 0

    def count(_: Request) -> None:
        nonlocal asked
        asked += 1

    await ask(sandbox, sandbox.admin, "DELETE", f"/v1/keys/{key.key_id}")
    await screen.until_phase("ended")
    screen.page.on("request", count)

    await expect(screen.page.locator("#notice")).to_contain_text(
        "The key was revoked. Ask for another one and sign in with that. The numbers are the last that were told."
    )
    await screen.page.evaluate("() => new Promise(resolve => setTimeout(resolve, 700))")
    assert asked == 0
    assert screen.server.connections == 0
