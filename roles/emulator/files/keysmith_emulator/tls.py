# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: a context from files, and a certificate authority of one's own."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from pathlib import Path

_DAYS = "3650"
_SERVER_EXTENSIONS = """\
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth
subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1
"""


class TlsError(Exception):
    """TLS cannot be set up; the text says what to do."""


def server_context(certificate: str, key: str, client_ca: str | None = None) -> ssl.SSLContext:
    """A context for the server; with ``client_ca`` clients must show a certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
        if client_ca is not None:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise TlsError(f"cannot read the certificate, its key or the CA: {error}") from None
    return context


def make_certificates(directory: str) -> tuple[str, str]:
    """``ca.crt`` and a certificate for localhost in ``directory``; what is there already is used again."""
    folder = Path(directory)
    certificate, key = folder / "server.crt", folder / "server.key"
    if certificate.exists() and key.exists() and (folder / "ca.crt").exists():
        return str(certificate), str(key)
    if shutil.which("openssl") is None:
        raise TlsError(
            "--tls-self-signed needs the openssl command line, which is not in PATH; "
            "install it, or give --tls-cert and --tls-key"
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _make_authority(folder)
    _make_server_certificate(folder)
    return str(certificate), str(key)


def _make_authority(folder: Path) -> None:
    _openssl(
        folder,
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", _DAYS, "-subj", "/CN=keysmith emulator CA"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        *("-keyout", "ca.key", "-out", "ca.crt"),
    )


def _make_server_certificate(folder: Path) -> None:
    (folder / "server.ext").write_text(_SERVER_EXTENSIONS, encoding="utf-8")
    _openssl(
        folder,
        *("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key"),
        *("-out", "server.csr"),
    )
    _openssl(
        folder,
        *("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"),
        *("-days", _DAYS, "-extfile", "server.ext", "-out", "server.crt"),
    )


def _openssl(folder: Path, *arguments: str) -> None:
    # The keys must never be readable by others, not even for the moment between writing and a chmod.
    old = os.umask(0o077)
    try:
        done = subprocess.run(("openssl", *arguments), cwd=folder, capture_output=True, text=True, check=False)
    finally:
        os.umask(old)
    if done.returncode != 0:
        raise TlsError(f"openssl {arguments[0]} failed: {done.stderr.strip()}")
