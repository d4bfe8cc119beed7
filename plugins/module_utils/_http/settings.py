# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection keysmith.elastic.

"""Where to connect, as whom and with what trust: the values, and what is refused before anything is sent."""

from __future__ import annotations

import ipaddress
import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from .._model.errors import OptionError
from .auth import Auth, NoAuth

_FINGERPRINT_HELP = (
    "Give the SHA-256 fingerprint of the CA certificate, 64 hexadecimal digits with or without colons, as shown by "
    "'openssl x509 -noout -fingerprint -sha256 -in http_ca.crt'."
)


@dataclass(frozen=True)
class ConnectionSettings:
    """One connection. Times are in seconds, ``retries`` counts what comes after the first try.

    ``urls``: each ``scheme://host[:port][/prefix]``. At most one of ``ca_path`` (a file), ``ca_pem`` (its text) and
    ``ca_fingerprint`` (SHA-256 of the issuing CA's or of the server's own certificate) replaces the system's trust.
    """

    urls: tuple[str, ...]
    auth: Auth
    run_as: str | None = None
    ca_path: str | None = None
    ca_pem: str | None = None
    ca_fingerprint: str | None = None
    validate_certs: bool = True
    client_cert: str | None = None
    client_key: str | None = None
    proxy: str | None = None
    proxy_username: str | None = None
    proxy_password: str | None = field(default=None, repr=False)
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    retries: int = 3


def check_settings(settings: ConnectionSettings) -> tuple[str, ...]:
    """Check everything that can be known before a request is sent.

    :returns: warnings, such as credentials over plain HTTP.
    :raises OptionError: naming the option and the remedy; no password is ever repeated.
    """
    if not settings.urls:
        raise OptionError("url", "url is missing.", "Give the address, such as https://es.example.net:9200.")
    urls = [_checked_url("url", url) for url in settings.urls]
    proxy = _checked_proxy(settings)
    _check_numbers(settings)
    check_run_as(settings.run_as)
    _check_trust(settings)
    _check_client_certificate(settings)
    return (*_plain_http_warnings(settings, urls, proxy), *_useless_tls_warnings(settings, urls))


def normal_fingerprint(text: str) -> str:
    """Return a SHA-256 fingerprint as 64 lower-case hexadecimal digits.

    :raises OptionError: it is not one (a SHA-1 fingerprint, say).
    """
    digits = re.sub(r"[:\s]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        reason = "is a SHA-1 fingerprint" if re.fullmatch(r"[0-9a-f]{40}", digits) else "is not a SHA-256 fingerprint"
        raise OptionError("ca_fingerprint", f"ca_fingerprint {reason}.", _FINGERPRINT_HELP)
    return digits


def check_no_userinfo(option: str, url: str) -> None:
    """Refuse a URL with a login in it: URLs are shown and logged everywhere."""
    if "@" in url:
        raise OptionError(
            option,
            # Whatever stands before the last @ could be a part of a password.
            f"{option} holds a user name or a password (...@{url.rpartition('@')[2]}).",
            "Take it out: username, password, api_key, proxy_username and proxy_password are options of their own.",
        )


def _checked_url(option: str, url: str) -> SplitResult:
    remedy = "Give scheme, host and port, such as https://es.example.net:9200, and a path only where a proxy wants one."
    check_no_userinfo(option, url)
    if not url.strip():
        raise OptionError(
            option, f"{option} is empty.", "Give its value, or leave the option out." if option == "proxy" else remedy
        )
    if re.search(r"[\s\\\x00-\x1f\x7f]", url):
        raise OptionError(option, f"{option} {url!r} holds a blank, a backslash or a control character.", remedy)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise OptionError(option, f"{option} {url!r} is malformed: its host or port cannot be read.", remedy) from None
    if parts.scheme not in ("http", "https"):
        raise OptionError(option, f"{option} {url!r} begins with neither https:// nor http://.", remedy)
    if not parts.hostname or port == 0:
        raise OptionError(option, f"{option} {url!r} names no host, or port 0.", remedy)
    if parts.query or parts.fragment:
        raise OptionError(option, f"{option} {url!r} holds a query or a fragment.", remedy)
    return parts


def _checked_proxy(settings: ConnectionSettings) -> SplitResult | None:
    if settings.proxy_username is not None and ":" in settings.proxy_username:
        raise OptionError(
            "proxy_username",
            "proxy_username holds a colon.",
            "Give the name alone; proxy_password is an option of its own.",
        )
    if settings.proxy_password and not settings.proxy_username:
        raise OptionError("proxy_password", "proxy_password is given without proxy_username.", "Give both, or neither.")
    if settings.proxy is None:
        if settings.proxy_username:
            raise OptionError(
                "proxy_username", "proxy_username is given without proxy.", "Give proxy, or leave proxy_username out."
            )
        return None
    proxy = _checked_url("proxy", settings.proxy)
    if proxy.scheme == "https" and settings.ca_fingerprint:
        raise OptionError(
            "ca_fingerprint",
            "ca_fingerprint cannot be checked through a proxy that itself is reached over https://.",
            "Give ca_path or ca_pem, or an http:// proxy.",
        )
    return proxy


def _check_numbers(settings: ConnectionSettings) -> None:
    for option, seconds in (("connect_timeout", settings.connect_timeout), ("timeout", settings.read_timeout)):
        if not seconds > 0:
            raise OptionError(option, f"{option} is not greater than 0.", "Give seconds, such as 60.")
    if settings.retries < 0:
        raise OptionError("retries", "retries is less than 0.", "Give 0 to try once only.")


def check_run_as(name: str | None) -> None:
    """Refuse a name that no header can carry."""
    # The server reads a header as ISO 8859-1, so that no other character can reach it.
    if name is not None and (
        not name or name != name.strip() or any(not (" " <= c <= "~" or "\xa0" <= c <= "\xff") for c in name)
    ):
        raise OptionError(
            "run_as",
            f"run_as {name!r} is empty, or holds something that an HTTP header cannot carry.",
            "Give a user name of printable Latin-1 characters without surrounding blanks.",
        )


def _check_trust(settings: ConnectionSettings) -> None:
    given = [option for option in ("ca_path", "ca_pem", "ca_fingerprint") if getattr(settings, option) is not None]
    if len(given) > 1:
        raise OptionError(given[1], f"{' and '.join(given)} are given together.", "Give one of them.")
    if settings.ca_fingerprint is not None:
        normal_fingerprint(settings.ca_fingerprint)
        if not settings.validate_certs:
            raise OptionError(
                "ca_fingerprint",
                "ca_fingerprint is given together with validate_certs: false, which would ignore it.",
                "Give one of them.",
            )
    if settings.ca_path is not None:
        _check_certificates("ca_path", _file_text("ca_path", settings.ca_path), settings.ca_path)
    if settings.ca_pem is not None:
        _check_certificates("ca_pem", settings.ca_pem, "The text")


def _file_text(option: str, path: str) -> str:
    if "-----BEGIN" in path:
        raise OptionError(
            option, f"{option} holds the text of a PEM file instead of its path.", "Give the file's path."
        )
    try:
        return Path(path).expanduser().read_text(encoding="ascii", errors="replace")
    except OSError as problem:
        raise OptionError(
            option,
            f"{option} {path} cannot be read: {problem.strerror}.",
            "Give a PEM file that exists on the machine where the task or lookup runs, and that its user may read.",
        ) from None


def _check_certificates(option: str, text: str, what: str) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):
        raise OptionError(
            option,
            f"{what} given by {option} holds no certificate in PEM format, or a damaged one.",
            "It begins with '-----BEGIN CERTIFICATE-----'; 'openssl pkcs12 -nokeys -in FILE' converts a PKCS#12 file.",
        ) from None


def _check_client_certificate(settings: ConnectionSettings) -> None:
    if settings.client_key is not None and settings.client_cert is None:
        raise OptionError(
            "client_key",
            "client_key is given without client_cert.",
            "Give the certificate that belongs to the key, too.",
        )
    if settings.client_cert is None:
        return
    _file_text("client_cert", settings.client_cert)
    option, path = (
        ("client_key", settings.client_key)
        if settings.client_key is not None
        else ("client_cert", settings.client_cert)
    )
    if "ENCRYPTED" in _file_text(option, path):
        raise OptionError(
            option,
            f"The private key in {path} is encrypted.",
            "Give one without a passphrase, readable by its user alone.",
        )
    try:
        load_client_certificate(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), settings)
    except (OSError, ValueError):
        raise OptionError(
            option,
            f"The private key in {path} cannot be used with the certificate in {settings.client_cert}.",
            "Give a certificate and its own key, both in PEM format.",
        ) from None


def load_client_certificate(context: ssl.SSLContext, settings: ConnectionSettings) -> None:
    """Let a TLS context show the client certificate, if there is one.

    :raises OSError: the files cannot be read, or do not belong together; nothing asks for a passphrase.
    """
    if settings.client_cert is not None:
        key = settings.client_key and str(Path(settings.client_key).expanduser())
        context.load_cert_chain(str(Path(settings.client_cert).expanduser()), key, password="")


def _loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _plain_http_warnings(settings: ConnectionSettings, urls: list[SplitResult], proxy: SplitResult | None) -> list[str]:
    warnings = []
    if not isinstance(settings.auth, NoAuth):
        away = proxy is not None and not _loopback(proxy.hostname or "")
        plain = [url for url in urls if url.scheme == "http" and (away or not _loopback(url.hostname or ""))]
        warnings += [
            f"The login is sent to {url.geturl()} unencrypted: whoever listens can use it. Use https:// in url."
            for url in plain
        ]
    if proxy is not None and settings.proxy_password and proxy.scheme == "http" and not _loopback(proxy.hostname or ""):
        warnings.append(f"proxy_password is sent to {proxy.geturl()} unencrypted.")
    return warnings


def _useless_tls_warnings(settings: ConnectionSettings, urls: list[SplitResult]) -> list[str]:
    given = [o for o in ("ca_path", "ca_pem", "ca_fingerprint", "client_cert") if getattr(settings, o) is not None]
    if not given or any(url.scheme == "https" for url in urls):
        return []
    return [f"{', '.join(given)} cannot have any effect, because url begins with http://."]
