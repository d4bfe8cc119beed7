# Copyright (c) 2026 keysmith.elastic contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From headers to a subject, and the reasons for which a credential is refused."""

from __future__ import annotations

import base64
import binascii
import hmac

from keysmith_emulator.elasticsearch.authorization import may_run_as, who
from keysmith_emulator.elasticsearch.cloud_logins import PREFIX, CloudLogins, cloud_subject
from keysmith_emulator.elasticsearch.errors import Refusal, forbidden, illegal_argument, unauthenticated
from keysmith_emulator.elasticsearch.state import REST, KeyDocument, State
from keysmith_emulator.elasticsearch.subjects import Subject, key_subject, user_subject
from keysmith_emulator.exchange import Request

_AUTHENTICATE_ACTION = "cluster:admin/xpack/security/user/authenticate"
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


def authenticate(state: State, request: Request, cloud_logins: CloudLogins | None = None) -> Subject:
    """Whoever sent the request, or 401; 403 where running as another user is not allowed."""
    subject = _by_header(state, request, cloud_logins)
    name = request.headers.get("es-security-runas-user")
    return run_as(state, subject, name) if name else subject


def run_as(state: State, subject: Subject, name: str, action: str = _AUTHENTICATE_ACTION) -> Subject:
    """The subject acting as another user."""
    user = state.users.get(name)
    if user is None or not user.enabled or not may_run_as(subject, name):
        description = who(subject)
        raise forbidden(
            f"action [{action}] is unauthorized for {description}, because {description.split(' with ')[0]} is "
            f"unauthorized to run as [{name}]"
        )
    return user_subject(state, user, authenticated_by=subject)


def _by_header(state: State, request: Request, cloud_logins: CloudLogins | None) -> Subject:
    given = request.headers.get("authorization", "").partition(" ")
    scheme, value = given[0].lower(), given[2]
    if scheme == "basic":
        return _by_basic(state, request, value)
    if scheme == "apikey" and cloud_logins is not None and value.strip().startswith(PREFIX):
        return _by_cloud_key(state, value.strip(), cloud_logins)
    if scheme == "apikey":
        return key_subject(_by_encoded_key(state, value.strip()))
    if scheme == "bearer":
        raise _refused("oauth2 token: invalid token")
    raise unauthenticated(f"missing authentication credentials for REST request [{request.target}]")


def _by_cloud_key(state: State, secret: str, cloud_logins: CloudLogins) -> Subject:
    login = cloud_logins(secret)
    if login is None:
        raise _refused("API key: the Elastic Cloud API key is not valid")
    return cloud_subject(state, login)


def _by_basic(state: State, request: Request, value: str) -> Subject:
    try:
        name, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if not colon:
        raise unauthenticated("invalid basic authentication header value")
    subject = by_password(state, name, password)
    if subject is None:
        raise unauthenticated(f"unable to authenticate user [{name}] for REST request [{request.target}]")
    return subject


def by_password(state: State, name: str, password: str) -> Subject | None:
    """The user of that name and password."""
    user = state.users.get(name)
    if user is None or not user.enabled or not hmac.compare_digest(user.password.encode(), password.encode()):
        return None
    return user_subject(state, user)


def _by_encoded_key(state: State, encoded: str) -> KeyDocument:
    try:
        return check_key(state, *decode_key(encoded))
    except Refusal as refusal:
        raise (refusal if refusal.status == 401 else _refused(f"API key: {refusal.reason}")) from None


def _refused(credentials: str) -> Refusal:
    return unauthenticated(
        "unable to authenticate with provided credentials and anonymous access is not allowed for this request",
        credentials,
    )


def decode_key(encoded: str) -> tuple[str, str]:
    """``encoded`` as id and secret."""
    for char in encoded:
        if char not in _BASE64:
            raise illegal_argument(f"Illegal base64 character {ord(char):x}")
    try:
        text = base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    key_id, colon, secret = text.partition(":")
    if not colon:
        raise illegal_argument("invalid ApiKey value")
    return key_id, secret


def check_key(state: State, key_id: str, secret: str, kind: str = REST) -> KeyDocument:
    """The key of that id, secret and type, if it is alive."""
    key = state.keys.get(key_id)
    if key is None:
        raise forbidden(f"unable to find apikey with id {key_id}")
    if key.invalidated:
        raise forbidden(f"api key [{key_id}] has been invalidated")
    if not hmac.compare_digest(key.secret.encode(), secret.encode()):
        raise forbidden(f"invalid credentials for API key [{key_id}]")
    if key.type != kind:
        # A reason of its own, beside which nothing is said of credentials.
        raise unauthenticated(
            f"authentication expected API key type of [{kind}], but API key [{key_id}] has type [{key.type}]"
        )
    if key.is_expired(state.clock.now_ms()):
        raise forbidden("api key is expired")
    return key
