# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Whom to trust: TLS contexts, the pinning of a fingerprint, and what a failed handshake means."""

from __future__ import annotations

import hashlib
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._model.errors import TlsError
from .settings import ConnectionSettings, load_client_certificate, normal_fingerprint

if TYPE_CHECKING:
    from typing import TypeGuard

# Known to Python from 3.10 on, to OpenSSL since 1.0.2: a trusted certificate need not be a root.
_PARTIAL_CHAIN = getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0x80000)
_ENCODING_DER = 2

# X509_V_ERR_* of OpenSSL.
_NOT_YET_VALID, _EXPIRED, _WRONG_HOST, _WRONG_ADDRESS = 9, 10, 62, 64
_UNKNOWN_ISSUER = frozenset({2, 18, 19, 20, 21, 27})

# What a server says that wanted another client certificate, or one at all; TLS 1.3 says it after the handshake.
_CLIENT_REASONS = frozenset(
    {
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
    }
)
_PLAIN_HTTP_REASONS = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
)
_VERSION_REASONS = frozenset(
    {"TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE", "NO_SHARED_CIPHER"}
)

_TRUST_HINT = (
    "Give the CA certificate that issued it by ca_path or ca_pem, or its SHA-256 fingerprint by ca_fingerprint; "
    "Elasticsearch's own CA is in its config/certs/http_ca.crt."
)


def _bare_context() -> ssl.SSLContext:
    # Not create_default_context(): from Python 3.13 on it verifies strictly, which refuses the CA certificates that
    # Elasticsearch makes for itself (they lack the key usage: elastic/elasticsearch#117769).
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _unverified_context() -> ssl.SSLContext:
    context = _bare_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _load_system_trust(context: ssl.SSLContext) -> None:
    paths = ssl.get_default_verify_paths()
    if paths.cafile or paths.capath:
        context.load_default_certs()
        return
    # A Python that was not built for this system finds no certificates; requests brings some.
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    context.load_verify_locations(cafile=DEFAULT_CA_BUNDLE_PATH)


class Trust:
    """Whom one connection's settings trust: makes the TLS contexts, remembers the pinned certificate once seen."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self._settings = settings
        self.pin = normal_fingerprint(settings.ca_fingerprint) if settings.ca_fingerprint else None
        self._anchor: bytes | None = None

    def context(self) -> ssl.SSLContext:
        """Return the context for a server whose certificate is not pinned."""
        context = self._fresh()
        self._load_trust(context)
        load_client_certificate(context, self._settings)
        return context

    def proxy_context(self) -> ssl.SSLContext:
        """Return the context for a proxy over TLS: the same trust and the system's, no client certificate."""
        context = self._fresh()
        self._load_trust(context)
        if context.verify_mode != ssl.CERT_NONE:
            _load_system_trust(context)
        return context

    def anchored(self, leaf: bool) -> ssl.SSLContext:
        """Return the context that trusts the pinned certificate alone.

        :param leaf: it is the server's own certificate: then it is the identity, whatever its name.
        """
        if self._anchor is None:
            raise ValueError("learn() comes first")
        context = _bare_context()
        context.load_verify_locations(cadata=self._anchor)
        context.verify_flags |= _PARTIAL_CHAIN
        if leaf:
            context.check_hostname = False
        load_client_certificate(context, self._settings)
        return context

    def learn(self, chain: list[bytes], where: str) -> bool:
        """Find the pinned certificate in the chain that a server showed.

        :param chain: DER, the server's own certificate first; nothing about it is verified.
        :returns: is it the server's own certificate?
        :raises TlsError: it is not there.
        """
        shown = [hashlib.sha256(certificate).hexdigest() for certificate in chain]
        if self.pin in shown:
            self._anchor = chain[shown.index(self.pin)]
            return shown[0] == self.pin
        if self._anchor is not None:
            # Seen before: a server need not send its root. The handshake tells whether it issued this certificate.
            return False
        listed = ", ".join(shown) or "none"
        note = "" if chain_is_readable() else " This Python (before 3.10) can read the server's own certificate only."
        raise TlsError(
            f"{where} shows certificates with the SHA-256 fingerprints {listed}; none is the pinned {self.pin}.{note}",
            "Compare ca_fingerprint with the server's CA; if the server does not send its CA, give ca_path or ca_pem.",
        )

    def is_pinned(self, certificate: bytes | None) -> bool:
        """Is it the pinned certificate itself?"""
        return certificate is not None and hashlib.sha256(certificate).hexdigest() == self.pin

    def _fresh(self) -> ssl.SSLContext:
        return _bare_context() if self._settings.validate_certs else _unverified_context()

    def _load_trust(self, context: ssl.SSLContext) -> None:
        if not self._settings.validate_certs:
            return
        if self._settings.ca_path is not None:
            context.load_verify_locations(cafile=str(Path(self._settings.ca_path).expanduser()))
        elif self._settings.ca_pem is not None:
            context.load_verify_locations(cadata=self._settings.ca_pem)
        else:
            _load_system_trust(context)
        # An intermediate CA may be given, too.
        context.verify_flags |= _PARTIAL_CHAIN


def chain_is_readable() -> bool:
    """Can this Python read the whole chain that a server showed? (From 3.10 on.)"""
    return hasattr(getattr(ssl, "_ssl", None), "Certificate")


def peek_chain(raw: socket.socket, host: str) -> list[bytes]:
    """Return the certificates that a server shows, as DER, its own first.

    The handshake verifies nothing, shows no client certificate and sends no data; the caller closes the socket.

    :raises OSError: no TLS handshake was possible.
    """
    with _unverified_context().wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False) as peeking:
        try:
            peeking.do_handshake()
        except OSError:
            # A server that wants a client certificate (TLS 1.2) has shown its own by now.
            chain = _shown_chain(peeking)
            if not chain:
                raise
            return chain
        return _shown_chain(peeking) or [certificate for certificate in [peeking.getpeercert(True)] if certificate]


def _shown_chain(connection: ssl.SSLSocket) -> list[bytes]:
    # Public from Python 3.13 on, where it returns DER itself.
    inner = getattr(connection, "_sslobj", None)
    read: Any = getattr(connection, "get_unverified_chain", None) or getattr(inner, "get_unverified_chain", None)
    chain = (read() if read else None) or []
    return [bytes(c) if isinstance(c, bytes) else c.public_bytes(_ENCODING_DER) for c in chain]


def names_in(certificate: Any) -> str:
    """Return the names of a verified certificate (``SSLSocket.getpeercert``), for a message."""
    names = [value for _kind, value in certificate.get("subjectAltName", ())]
    subject = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    return ", ".join(names or subject) or "no name at all"


def speaks_tls(address: tuple[str, int], seconds: float) -> bool:
    """Does a TLS server listen there? Asked after plain HTTP got no answer; nothing is sent but a handshake."""
    try:
        with socket.create_connection(address, seconds) as raw, _unverified_context().wrap_socket(raw):
            return True
    except ssl.SSLError as problem:
        # An alert is TLS, too.
        return "ALERT" in (problem.reason or "")
    except OSError:
        return False


def is_about_name(problem: BaseException) -> bool:
    """Is the certificate right but for the server's name?"""
    return isinstance(problem, ssl.SSLCertVerificationError) and problem.verify_code in (_WRONG_HOST, _WRONG_ADDRESS)


def is_about_client_certificate(problem: BaseException) -> TypeGuard[ssl.SSLError]:
    """Is it the server's refusal of our client certificate, which comes before it reads any request?"""
    return isinstance(problem, ssl.SSLError) and problem.reason in _CLIENT_REASONS


def explain(problem: ssl.SSLError, where: str, settings: ConnectionSettings, names: str | None) -> TlsError:
    """Return the typed error for a failed handshake, in words that help.

    :param where: ``https://host:port``.
    :param names: the names in the server's certificate, where they are what is wrong.
    """
    if isinstance(problem, ssl.SSLCertVerificationError):
        return _explain_certificate(problem, where, settings, names)
    reason = problem.reason or ""
    if reason in _PLAIN_HTTP_REASONS:
        return TlsError(
            f"{where} does not speak TLS: the server speaks plain HTTP there.",
            "Use http:// in url, or the port that speaks TLS.",
        )
    if is_about_client_certificate(problem) or (
        reason == "SSLV3_ALERT_HANDSHAKE_FAILURE" and settings.client_cert is None
    ):
        if settings.client_cert is None:
            return TlsError(f"{where} wants a client certificate ({reason}).", "Give client_cert and client_key.")
        return TlsError(
            f"{where} refused the client certificate ({reason}).",
            "Give a client_cert that the server's CA issued and that is valid.",
        )
    if reason in _VERSION_REASONS:
        return TlsError(
            f"{where} and this Python have no TLS version or cipher in common ({reason}).", "TLS 1.2 is the least."
        )
    words = reason.replace("_", " ").lower() or type(problem).__name__
    return TlsError(
        f"The TLS handshake with {where} failed: {words}.",
        "Check that url leads to the service itself, and that it speaks TLS there.",
    )


def _explain_certificate(
    problem: ssl.SSLCertVerificationError, where: str, settings: ConnectionSettings, names: str | None
) -> TlsError:
    code = problem.verify_code
    if is_about_name(problem):
        listed = f"; it is for {names}" if names else ""
        return TlsError(
            f"The certificate of {where} is for another host{listed}.",
            "Put one of these names into url, or pin the server's own certificate by ca_fingerprint.",
        )
    if code in (_EXPIRED, _NOT_YET_VALID):
        state = "has expired" if code == _EXPIRED else "is not valid yet"
        return TlsError(
            f"A certificate of {where} {state}.", "Renew it on the server, or set the clock of this machine right."
        )
    if code in _UNKNOWN_ISSUER and settings.ca_fingerprint:
        return TlsError(
            f"{where} shows the pinned certificate, but its own was not issued by it ({problem.verify_message}).",
            "Something stands between, or ca_fingerprint is that of another CA; do not go on before you know.",
        )
    if code in _UNKNOWN_ISSUER:
        given = next((o for o in ("ca_path", "ca_pem") if getattr(settings, o) is not None), None)
        issuer = (
            f"is not issued by the CA given by {given}"
            if given
            else "is issued by a CA that this machine does not know"
        )
        return TlsError(f"The certificate of {where} {issuer} ({problem.verify_message}).", _TRUST_HINT)
    return TlsError(f"The certificate of {where} cannot be verified: {problem.verify_message}.", _TRUST_HINT)
