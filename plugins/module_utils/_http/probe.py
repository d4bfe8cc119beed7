# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Does a remote cluster server listen there, and would a node trust it? Asked from where the node runs; nothing is sent but a handshake."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .._model.errors import NotSent, OptionError, TlsError
from .tls import is_about_name, speaks_tls


@dataclass(frozen=True)
class Probe:
    """Whom to reach, and how the node would. ``verification`` is its ``verification_mode``; no ``authorities``: the system's."""

    host: str
    port: int
    tls: bool
    authorities: tuple[str, ...] = ()
    verification: str = "full"
    server_name: str | None = None
    seconds: float = 10.0

    @property
    def where(self) -> str:
        """Return the address for a message."""
        return f"{self.host}:{self.port}"


def probe(wanted: Probe) -> None:
    """Connect, shake hands as the node would, and close.

    :raises NotSent: nobody listens there, or the name is not known.
    :raises TlsError: one side wants TLS and the other does not, or the certificate is not trusted.
    """
    context = _context(wanted) if wanted.tls else None
    with _connected(wanted) as raw:
        if context is None:
            _refuse_tls(wanted)
            return
        try:
            with context.wrap_socket(raw, server_hostname=wanted.server_name or wanted.host):
                return
        except ssl.SSLError as problem:
            raise _explained(problem, wanted) from None
        except OSError:
            raise _no_tls(wanted) from None


def _connected(wanted: Probe) -> socket.socket:
    try:
        return socket.create_connection((wanted.host, wanted.port), wanted.seconds)
    except socket.gaierror:
        raise NotSent(
            f"The name {wanted.host} is not known here.", "Correct the address, or see to the name server."
        ) from None
    except OSError as problem:
        why = "no answer" if isinstance(problem, TimeoutError) else problem.strerror or "no connection"
        raise NotSent(
            f"{wanted.where} cannot be reached from here: {why}.",
            "Is remote_cluster_server.enabled set on the remote nodes, does it listen on that address and port, and is the way open?",
        ) from None


def _refuse_tls(wanted: Probe) -> None:
    if speaks_tls((wanted.host, wanted.port), wanted.seconds):
        raise TlsError(
            f"{wanted.where} speaks TLS, and this node would not: its xpack.security.remote_cluster_client.ssl.enabled is false.",
            "Set it to true, with certificate_authorities that fit, and restart the node.",
        )


def _context(wanted: Probe) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = wanted.verification == "full"
    if wanted.verification == "none":
        context.verify_mode = ssl.CERT_NONE
    elif wanted.authorities:
        for path in wanted.authorities:
            _load(context, path)
    else:
        context.load_default_certs()
    return context


def _load(context: ssl.SSLContext, path: str) -> None:
    try:
        context.load_verify_locations(cafile=str(Path(path)))
    except (OSError, ssl.SSLError) as problem:
        raise OptionError(
            "ca_paths",
            f"ca_paths: {path} cannot be read as certificates: {problem.strerror or type(problem).__name__}.",
            "Give the files that xpack.security.remote_cluster_client.ssl.certificate_authorities names, as absolute paths.",
        ) from None


def _no_tls(wanted: Probe) -> TlsError:
    return TlsError(
        f"{wanted.where} does not speak TLS, and this node would.",
        "Is it the port of the remote cluster server (9443)? xpack.security.remote_cluster_server.ssl.enabled must be true there, or "
        "xpack.security.remote_cluster_client.ssl.enabled false here.",
    )


def _explained(problem: ssl.SSLError, wanted: Probe) -> TlsError:
    if not isinstance(problem, ssl.SSLCertVerificationError):
        if (problem.reason or "") in ("WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING", "RECORD_LAYER_FAILURE"):
            return _no_tls(wanted)
        return TlsError(
            f"The TLS handshake with {wanted.where} failed: {problem.reason or type(problem).__name__}.", "See its log."
        )
    if is_about_name(problem):
        return TlsError(
            f"The certificate of {wanted.where} is for another host than {wanted.server_name or wanted.host}.",
            "Use an address that is in the certificate, or, where the node has verification_mode: certificate, say so by verification.",
        )
    trusted = _listed(wanted.authorities)
    return TlsError(
        f"The certificate of {wanted.where} is not trusted by {trusted}: {problem.verify_message}.",
        "Put the authority that issued it into xpack.security.remote_cluster_client.ssl.certificate_authorities, and restart the node.",
    )


def _listed(authorities: Sequence[str]) -> str:
    return ", ".join(authorities) or "the system's authorities"
