"""What a registry says that the tag of an image is: the distribution API, with a token where it asks for one.

HEAD /v2/NAME/manifests/TAG answers with the digest in Docker-Content-Digest (opencontainers/distribution-spec v1.1,
"Pulling manifests"; distribution/distribution, docs/spec/auth/token.md and oauth.md, for the tokens). An index of all
platforms is asked for before the manifest of one, so that the digest is the same on each machine.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from typing import NamedTuple

from krm_inference.commands.lock.credentials import Credentials, Login, Unreadable

_IMAGE = re.compile(r"[a-z0-9][-a-zA-Z0-9._/:]*")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_HUB, _HUB_ADDRESS = "docker.io", "registry-1.docker.io"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_TIMEOUT = 30
_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
# As the token's scope has it.
_CLIENT = "krmfn"


class Unanswered(Exception):
    """There is no digest: why, and what to do. It holds no login and no token."""


class Image(NamedTuple):
    """An image as registries know it."""

    registry: str
    name: str
    tag: str

    @property
    def host(self) -> str:
        """The host that is asked, with its port."""
        return _HUB_ADDRESS if self.registry == _HUB else self.registry

    @property
    def scheme(self) -> str:
        """HTTPS, but on this machine."""
        name = self.host if self.host.endswith("]") else self.host.rpartition(":")[0] or self.host
        return "http" if name in _LOOPBACK else "https"


def fault(text: str) -> str:
    """Return why a text names no image that a registry could be asked for, "" where it does."""
    if "@" in text:
        return "which has its digest already"
    return "" if _IMAGE.fullmatch(text) and of(text).name else "expected an image such as docker.io/vllm/vllm-openai:v1"


def of(text: str) -> Image:
    """Return the image that a text names, as Docker reads it: docker.io and the tag latest where it says neither."""
    first, slash, rest = text.partition("/")
    is_host = bool(slash) and (first == "localhost" or any(sign in first for sign in ".:"))
    registry, path = (first, rest) if is_host else (_HUB, text)
    name, colon, tag = path.rpartition(":")
    if not colon:
        name, tag = path, "latest"
    if registry in (_HUB, f"index.{_HUB}", _HUB_ADDRESS):
        registry, name = _HUB, name if "/" in name else f"library/{name}"
    return Image(registry, name, tag)


def digest(text: str, credentials: Credentials) -> str:
    """Return the digest of an image. Raises Unanswered."""
    image = of(text)
    url = f"{image.scheme}://{image.host}/v2/{image.name}/manifests/{image.tag}"
    try:
        login = credentials.of(image.registry)
    except Unreadable as unreadable:
        raise Unanswered(str(unreadable)) from None
    try:
        return _asked(image, url, login)
    except urllib.error.HTTPError as error:
        raise Unanswered(_refusal(image, error, login)) from None
    except (OSError, http.client.HTTPException) as error:
        why = getattr(error, "reason", None) or error
        raise Unanswered(f"{image.host} was not reached: {why}") from None


def _asked(image: Image, url: str, login: Login | None) -> str:
    try:
        return _head(image, url, "")
    except urllib.error.HTTPError as error:
        if error.code != 401:
            raise
        challenge = error.headers.get("WWW-Authenticate", "")
    kind, _, said = challenge.partition(" ")
    if kind.lower() == "basic" and login and not login.token:
        return _head(image, url, _basic(login))
    if kind.lower() != "bearer":
        raise Unanswered(_missing_login(image, login))
    return _head(image, url, f"Bearer {_token(image, dict(_CHALLENGE.findall(said)), login)}")


def _head(image: Image, url: str, authorization: str) -> str:
    with _open(url, authorization, "HEAD") as answer:
        found = str(answer.headers.get("Docker-Content-Digest", ""))
    if not found:  # a registry may leave it out, and then the digest is that of what it sends
        with _open(url, authorization, "GET") as answer:
            found = f"sha256:{hashlib.sha256(answer.read()).hexdigest()}"
    if not _DIGEST.fullmatch(found):
        raise Unanswered(f"{image.host} gave {found[:100]}, expected sha256: and 64 hex digits")
    return found


def _open(url: str, authorization: str, method: str, form: dict[str, str] | None = None) -> http.client.HTTPResponse:
    data = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(url, data, {"Accept": ", ".join(_TYPES)}, method=method)
    if authorization:
        request.add_unredirected_header("Authorization", authorization)  # for this host alone
    return urllib.request.urlopen(request, timeout=_TIMEOUT)  # type: ignore[no-any-return]


def _token(image: Image, said: dict[str, str], login: Login | None) -> str:
    """Return a token of the address that a registry names. Raises Unanswered, and what urlopen raises."""
    realm = said.pop("realm", "")
    scheme = urllib.parse.urlsplit(realm).scheme
    if scheme != "https" and (scheme != "http" or image.scheme != "http"):
        raise Unanswered(f"{image.host} sends to {realm[:100] or 'no address'} for a token, expected an https address")
    asked = {name: said[name] for name in ("service",) if name in said}
    asked["scope"] = said.get("scope") or f"repository:{image.name}:pull"
    if login and login.token:
        form = {"grant_type": "refresh_token", "refresh_token": login.token, "client_id": _CLIENT, **asked}
        answer = _open(realm, "", "POST", form)
    else:
        joint = "&" if urllib.parse.urlsplit(realm).query else "?"
        answer = _open(f"{realm}{joint}{urllib.parse.urlencode(asked)}", _basic(login) if login else "", "GET")
    with answer:
        try:
            found = json.load(answer)
            token = found.get("token") or found.get("access_token")
        except (ValueError, AttributeError):
            token = None
    if not token:
        raise Unanswered(f"{urllib.parse.urlsplit(realm).hostname} gave no token")
    return str(token)


def _basic(login: Login) -> str:
    return f"Basic {base64.b64encode(f'{login.user}:{login.password}'.encode()).decode()}"


def _refusal(image: Image, error: urllib.error.HTTPError, login: Login | None) -> str:
    if error.code in (401, 403):
        return _missing_login(image, login)
    if error.code == 404:
        return f"{image.host} has no {image.name} with the tag {image.tag}; look at the name and the tag"
    if error.code == 429:
        wait = error.headers.get("Retry-After", "")
        when = f"try again in {wait} s" if wait.isdigit() else "try again later"
        return f"{image.host} was asked too often; {when}" + ("" if login else ", or log in by `docker login`")
    return f"{image.host} answered {error.code} {error.reason}"


def _missing_login(image: Image, login: Login | None) -> str:
    command = f"docker login {image.host}" if image.registry != _HUB else "docker login"
    if login is None:
        return (
            f"{image.host} has no such image, or shows it to who is logged in only; look at the name and the tag, or "
            f"run `{command}`"
        )
    return f"{image.host} refuses the login of {login.source} for {image.name}; run `{command}`"
