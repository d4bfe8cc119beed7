# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS against real servers: whom the client trusts, whom it does not, and what it says then."""

from __future__ import annotations

import datetime
import ssl
from typing import Any

import pytest
from ansible_collections.keysmith.elastic.plugins.module_utils._http import tls
from ansible_collections.keysmith.elastic.plugins.module_utils._model.errors import NotSent, TlsError

WHOLE_CHAIN = pytest.mark.skipif(not tls.chain_is_readable(), reason="before Python 3.10 only the leaf can be read")
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


def fails(connect: Any, server: Any, words: str, **options: Any) -> TlsError:
    """Assert that the server is refused before it saw a request, at once."""
    client = connect(server.url, **options)
    with pytest.raises(TlsError, match=words) as caught:
        client.read("GET", "/")
    assert (server.seen, client.requests_sent, client.pauses) == ([], 0, [])
    return caught.value


# --- trust in a CA


def test_ca_as_file_and_as_text(serve: Any, connect: Any, authority: Any) -> None:
    server = serve(tls=authority.context())
    assert connect(server.url, ca_path=str(authority.path)).read("GET", "/").status == 200
    assert connect(server.url, ca_pem=authority.pem).read("GET", "/").status == 200
    assert server.connections == 2


def test_unknown_ca_names_the_three_options(serve: Any, connect: Any, authority: Any) -> None:
    problem = fails(connect, serve(tls=authority.context()), "CA that this machine does not know")
    assert problem.hint and all(option in problem.hint for option in ("ca_path", "ca_pem", "ca_fingerprint"))


def test_another_ca_than_the_given_one(serve: Any, connect: Any, authority: Any, stranger: Any) -> None:
    fails(connect, serve(tls=authority.context()), "not issued by the CA given by ca_pem", ca_pem=stranger.pem)
    fails(connect, serve(tls=authority.context()), "given by ca_path", ca_path=str(stranger.path))


def test_a_given_ca_replaces_the_systems_trust(
    serve: Any, connect: Any, authority: Any, stranger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(tls=stranger.context())
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger.path))
    for name in ("requests.utils", "requests.adapters"):
        monkeypatch.setattr(f"{name}.DEFAULT_CA_BUNDLE_PATH", str(stranger.path))
    # As the system's trust it would do.
    assert connect(server.url).read("GET", "/").status == 200
    server.seen.clear()
    fails(connect, server, "given by ca_pem", ca_pem=authority.pem)
    fails(connect, server, "given by ca_path", ca_path=str(authority.path))
    fails(connect, server, "none is the pinned", ca_fingerprint=authority.fingerprint)


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_variables_of_requests_are_not_used(
    serve: Any, connect: Any, authority: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(authority.path))
    fails(connect, serve(tls=authority.context()), "does not know")


def test_without_a_system_trust_that_of_requests_is_used(
    serve: Any, connect: Any, authority: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = ssl.DefaultVerifyPaths(None, None, "", "", "", "")  # type: ignore[call-arg]
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    monkeypatch.setattr("requests.utils.DEFAULT_CA_BUNDLE_PATH", str(authority.path))
    assert connect(serve(tls=authority.context()).url).read("GET", "/").status == 200


def test_an_intermediate_ca_may_be_given(serve: Any, connect: Any, authority: Any) -> None:
    intermediate = authority.ca.create_child_ca()
    leaf = intermediate.issue_cert("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    pem = intermediate.cert_pem.bytes().decode()
    assert connect(serve(tls=context).url, ca_pem=pem).read("GET", "/").status == 200


def test_verification_switched_off(serve: Any, connect: Any, stranger: Any, recwarn: Any) -> None:
    server = serve(tls=stranger.context("other.example"))
    client = connect(server.url, validate_certs=False)
    assert client.read("GET", "/").status == 200
    assert not list(recwarn)


def test_a_ca_without_key_usage_as_elasticsearch_makes_it(serve: Any, connect: Any, tmp_path: Any) -> None:
    ca_pem, context = certificates_without_extensions(tmp_path)
    server = serve(tls=context)
    fingerprint = tls.hashlib.sha256(ssl.PEM_cert_to_DER_cert(ca_pem)).hexdigest()
    assert connect(server.url, ca_pem=ca_pem).read("GET", "/").status == 200
    if tls.chain_is_readable():
        assert connect(server.url, ca_fingerprint=fingerprint).read("GET", "/").status == 200


def certificates_without_extensions(folder: Any) -> tuple[str, Any]:
    """Return a CA's PEM and a server context of it, with the basic constraints and names and nothing else."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = datetime.datetime.now(datetime.timezone.utc)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _each in range(2)]
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)]) for text in ("bare CA", "bare node")]
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    extensions = [x509.BasicConstraints(ca=True, path_length=None), host]
    pems = []
    for index in range(2):
        made = x509.CertificateBuilder(names[0], names[index], keys[index].public_key(), x509.random_serial_number())
        made = made.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
        certificate = made.add_extension(extensions[index], critical=index == 0).sign(keys[0], hashes.SHA256())
        pems.append(certificate.public_bytes(serialization.Encoding.PEM).decode())
    key = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "bare.pem"
    path.write_text(key.decode() + pems[1] + pems[0])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return pems[0], context


# --- what is wrong with a certificate


def test_another_host_names_the_names(serve: Any, connect: Any, authority: Any) -> None:
    server = serve(tls=authority.context("es.example.net", "10.1.2.3"))
    problem = fails(connect, server, "is for another host; it is for es.example.net, 10.1.2.3", ca_pem=authority.pem)
    assert problem.hint and "url" in problem.hint


@pytest.mark.parametrize(
    ("days", "words"), [((-9, -1), "has expired"), ((1, 9), "is not valid yet")], ids=["expired", "not yet"]
)
def test_dates(serve: Any, connect: Any, authority: Any, days: tuple[int, int], words: str) -> None:
    now = datetime.datetime.now(datetime.timezone.utc)
    start, end = (now + datetime.timedelta(day) for day in days)
    context = authority.context("127.0.0.1", not_before=start, not_after=end)
    fails(connect, serve(tls=context), words, ca_pem=authority.pem)


def test_tls_on_a_plain_port(serve: Any, connect: Any) -> None:
    server = serve()
    with pytest.raises(TlsError, match="the server speaks plain HTTP there.*http://"):
        connect(server.url.replace("http:", "https:")).read("GET", "/")


@pytest.mark.parametrize("version", VERSIONS)
def test_another_url_is_tried_after_a_tls_failure(serve: Any, connect: Any, authority: Any, version: Any) -> None:
    bad, good = serve(tls=authority.context("other", version=version)), serve(tls=authority.context(version=version))
    client = connect(bad.url, good.url, ca_pem=authority.pem)
    assert client.write("POST", "/x", body={}, once=True).status == 200
    assert (len(bad.seen), len(good.seen), client.pauses) == (0, 1, [])
    assert "is for another host" in client.warnings[0]


def test_a_server_that_hangs_in_the_handshake_got_nothing(serve: Any, connect: Any, steps: Any) -> None:
    class Silent:
        def wrap_socket(self, raw: Any, server_side: bool) -> Any:
            server.over.wait(5)
            raise OSError

    server = serve(tls=Silent())
    client = connect(server.url, connect_timeout=0.2, retries=1)
    with pytest.raises(NotSent, match="did not take the connection within 0.2 seconds"):
        client.write("POST", "/x", once=True)
    assert (client.requests_sent, len(client.pauses)) == (0, 1)


# --- a pinned fingerprint


@WHOLE_CHAIN
@pytest.mark.parametrize("version", VERSIONS)
def test_pinned_ca(serve: Any, connect: Any, authority: Any, version: Any) -> None:
    server = serve(tls=authority.context(sends=authority.pem, version=version))
    client = connect(server.url, ca_fingerprint=authority.fingerprint)
    client.read("GET", "/")
    client.write("POST", "/x", once=True)
    # One look at the certificates, one connection for the requests.
    assert (server.connections, len(server.seen)) == (2, 2)


@WHOLE_CHAIN
def test_pinned_intermediate_ca(serve: Any, connect: Any, authority: Any) -> None:
    intermediate = authority.ca.create_child_ca()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    intermediate.issue_cert("127.0.0.1").configure_cert(context)
    der = ssl.PEM_cert_to_DER_cert(intermediate.cert_pem.bytes().decode())
    server = serve(tls=context)
    assert connect(server.url, ca_fingerprint=tls.hashlib.sha256(der).hexdigest()).read("GET", "/").status == 200


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("names", [("127.0.0.1",), ("quite.another.name",)])
def test_pinned_leaf(serve: Any, connect: Any, authority: Any, names: tuple[str, ...], version: Any) -> None:
    context = authority.context(*names, version=version)
    spelled = ":".join(context.leaf_fingerprint.upper()[i : i + 2] for i in range(0, 64, 2))
    assert connect(serve(tls=context).url, ca_fingerprint=spelled).read("GET", "/").status == 200


@WHOLE_CHAIN
def test_pinned_ca_and_another_host(serve: Any, connect: Any, authority: Any) -> None:
    server = serve(tls=authority.context("es.example.net", sends=authority.pem))
    fails(connect, server, "it is for es.example.net", ca_fingerprint=authority.fingerprint)


@WHOLE_CHAIN
@pytest.mark.parametrize("version", VERSIONS)
def test_a_chain_that_shows_the_pinned_ca_but_is_not_of_it(
    serve: Any, connect: Any, authority: Any, stranger: Any, version: Any
) -> None:
    for sends in (authority.pem, stranger.pem + authority.pem):
        server = serve(tls=stranger.context(sends=sends, version=version))
        fails(connect, server, "shows the pinned certificate, but its own", ca_fingerprint=authority.fingerprint)
        assert server.connections == 2


@WHOLE_CHAIN
def test_a_fake_chain_is_not_trusted_through_the_systems_trust(
    serve: Any, connect: Any, authority: Any, stranger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger.path))
    server = serve(tls=stranger.context(sends=authority.pem))
    fails(connect, server, "shows the pinned certificate, but its own", ca_fingerprint=authority.fingerprint)


def test_a_chain_that_shows_the_pinned_leaf_of_another_server(
    serve: Any, connect: Any, authority: Any, stranger: Any
) -> None:
    pinned = authority.ca.issue_cert("127.0.0.1").cert_chain_pems[0].bytes().decode()
    digest = tls.hashlib.sha256(ssl.PEM_cert_to_DER_cert(pinned)).hexdigest()
    server = serve(tls=stranger.context(sends=pinned))
    fails(connect, server, "but its own was not issued by it|none is the pinned", ca_fingerprint=digest)


def test_wrong_pin_lists_what_was_shown(serve: Any, connect: Any, authority: Any, stranger: Any) -> None:
    context = authority.context(sends=authority.pem)
    server = serve(tls=context)
    problem = fails(connect, server, "none is the pinned", ca_fingerprint=stranger.fingerprint)
    assert context.leaf_fingerprint in problem.message
    assert stranger.fingerprint in problem.message
    assert (authority.fingerprint in problem.message) is tls.chain_is_readable()
    assert ("before 3.10" in problem.message) is not tls.chain_is_readable()
    assert server.connections == 1


def test_pinned_ca_that_the_server_does_not_send(serve: Any, connect: Any, authority: Any) -> None:
    problem = fails(connect, serve(tls=authority.context()), "none is", ca_fingerprint=authority.fingerprint)
    assert problem.hint and "ca_path" in problem.hint


def test_another_certificate_after_the_look(serve: Any, connect: Any, authority: Any, stranger: Any) -> None:
    first, then = authority.context(), stranger.context()

    class Changing:
        contexts = [first, then]

        def wrap_socket(self, raw: Any, server_side: bool) -> Any:
            return self.contexts.pop(0).wrap_socket(raw, server_side=server_side)

    server = serve(tls=Changing())
    fails(connect, server, "but its own was not issued by it", ca_fingerprint=first.leaf_fingerprint)


def test_a_pinned_leaf_that_signs_is_no_ca_without_names(serve: Any, connect: Any, authority: Any) -> None:
    """A pinned self-signed certificate that is shown as the leaf does not vouch for other leaves of other names."""
    ca_key = authority.ca.private_key_pem.bytes().decode()
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    path = authority.folder / "ca-as-leaf.pem"
    path.write_text(ca_key + authority.pem)
    own.load_cert_chain(path)
    other = authority.context("quite.another.name", sends=authority.pem)

    class Changing:
        contexts = [own, other]

        def wrap_socket(self, raw: Any, server_side: bool) -> Any:
            return self.contexts.pop(0).wrap_socket(raw, server_side=server_side)

    server = serve(tls=Changing())
    fails(connect, server, "showed another certificate than a moment ago", ca_fingerprint=authority.fingerprint)


@WHOLE_CHAIN
def test_pinned_on_two_nodes_one_of_which_sends_no_ca(
    serve: Any, connect: Any, authority: Any, closed_port: int
) -> None:
    first, second = serve(tls=authority.context(sends=authority.pem)), serve(tls=authority.context())
    client = connect(first.url, second.url, ca_fingerprint=authority.fingerprint)
    client.read("GET", "/")
    first.shutdown()
    first.server_close()
    client.close()
    client.read("GET", "/")
    assert (len(first.seen), len(second.seen)) == (1, 1)


# --- client certificates


@pytest.mark.parametrize("version", VERSIONS)
def test_client_certificate(serve: Any, connect: Any, authority: Any, version: Any) -> None:
    cert, key = authority.client_files("alice")
    server = serve(tls=authority.context(version=version, wants=authority.pem))
    client = connect(server.url, ca_pem=authority.pem, client_cert=cert, client_key=key)
    assert client.read("GET", "/").status == 200


@pytest.mark.parametrize("version", VERSIONS)
@WHOLE_CHAIN
def test_client_certificate_and_pinned_ca(serve: Any, connect: Any, authority: Any, version: Any) -> None:
    cert, key = authority.client_files("alice")
    server = serve(tls=authority.context(sends=authority.pem, version=version, wants=authority.pem))
    client = connect(server.url, ca_fingerprint=authority.fingerprint, client_cert=cert, client_key=key)
    assert client.read("GET", "/").status == 200


@pytest.mark.parametrize("version", VERSIONS)
def test_client_certificate_wanted(serve: Any, connect: Any, authority: Any, version: Any) -> None:
    server = serve(tls=authority.context(version=version, wants=authority.pem))
    fails(connect, server, "wants a client certificate.*client_cert and client_key", ca_pem=authority.pem)


@pytest.mark.parametrize("version", VERSIONS)
def test_client_certificate_of_another_ca(
    serve: Any, connect: Any, authority: Any, stranger: Any, version: Any
) -> None:
    cert, key = stranger.client_files("mallory")
    server = serve(tls=authority.context(version=version, wants=authority.pem))
    options = {"ca_pem": authority.pem, "client_cert": cert, "client_key": key}
    fails(connect, server, "refused the client certificate", **options)
