# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a remote cluster server can be reached as a node would, and one sentence for everything that can be wrong."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from ansible_collections.keysmith.elastic.plugins.module_utils._http.probe import Probe, probe
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import NotSent, OptionError, TlsError


@contextmanager
def listening(certificate: trustme.LeafCert | None) -> Iterator[int]:
    """A server that, as Elasticsearch's transport, says nothing before it is spoken to. Gives its port."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                raw, _address = listener.accept()
            except OSError:
                return
            with raw:
                raw.settimeout(2)
                try:
                    if context is None:
                        raw.recv(1)
                    else:
                        context.wrap_socket(raw, server_side=True).close()
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=[listener], daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.fixture
def ca(tmp_path: Path) -> Iterator[tuple[trustme.CA, str]]:
    made = trustme.CA()
    path = tmp_path / "ca.pem"
    made.cert_pem.write_to_path(str(path))
    yield made, str(path)


def test_it_is_reached_as_the_node_would(ca: tuple[trustme.CA, str]) -> None:
    authority, path = ca
    with listening(authority.issue_cert("127.0.0.1")) as port:
        probe(Probe("127.0.0.1", port, tls=True, authorities=(path,)))
    with listening(authority.issue_cert("far.example.net")) as port:
        probe(Probe("127.0.0.1", port, tls=True, authorities=(path,), verification="certificate"))
        probe(Probe("127.0.0.1", port, tls=True, authorities=(path,), server_name="far.example.net"))
    with listening(trustme.CA().issue_cert("127.0.0.1")) as port:
        probe(Probe("127.0.0.1", port, tls=True, verification="none"))
    with listening(None) as port:
        probe(Probe("127.0.0.1", port, tls=False))


def test_what_is_wrong_is_told(ca: tuple[trustme.CA, str]) -> None:
    authority, path = ca
    with listening(trustme.CA().issue_cert("127.0.0.1")) as port:
        with pytest.raises(TlsError, match=rf"127.0.0.1:{port} is not trusted by {path}"):
            probe(Probe("127.0.0.1", port, tls=True, authorities=(path,)))
        with pytest.raises(TlsError, match="speaks TLS, and this node would not"):
            probe(Probe("127.0.0.1", port, tls=False))
    with (
        listening(authority.issue_cert("far.example.net")) as port,
        pytest.raises(TlsError, match="for another host than"),
    ):
        probe(Probe("127.0.0.1", port, tls=True, authorities=(path,)))
    with listening(None) as port, pytest.raises(TlsError, match="does not speak TLS, and this node would"):
        probe(Probe("127.0.0.1", port, tls=True, authorities=(path,)))
    with pytest.raises(NotSent, match="127.0.0.1:9 cannot be reached from here: Connection refused"):
        probe(Probe("127.0.0.1", 9, tls=True))
    with pytest.raises(NotSent, match="The name nobody.invalid is not known here"):
        probe(Probe("nobody.invalid", 9443, tls=True))
    with listening(None) as port, pytest.raises(OptionError, match="/nowhere.pem cannot be read as certificates"):
        probe(Probe("127.0.0.1", port, tls=True, authorities=("/nowhere.pem",)))
