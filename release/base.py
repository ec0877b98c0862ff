"""Ask the registry which image the Dockerfile's tag is now, and write its digest there.

Usage: base.py [--check]   --check changes nothing, and fails where the tag is another image by now

The image index of all platforms is meant, so that the digest is the same on each. The registry is asked by the
distribution API: HEAD /v2/NAME/manifests/TAG, with a token where it asks for one. REGISTRY_URL names another address
of the registry, as for a mirror.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import NamedTuple

RECIPE = Path(__file__).resolve().parent.parent / "Dockerfile"
_BASE = re.compile(
    r"^ARG BASE_IMAGE=(?P<name>[^:@\s]+):(?P<tag>[^@\s]+)(?:@(?P<digest>sha256:[0-9a-f]{64}))?$", re.MULTILINE
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ACCEPT = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"
_ADDRESSES = {"docker.io": "https://registry-1.docker.io"}
_TIMEOUT = 30


class Unanswered(Exception):
    """The registry gave no digest: why."""


class Base(NamedTuple):
    """The base image as the Dockerfile names it; `digest` is "" where it names none."""

    name: str
    tag: str
    digest: str


def base(recipe: Path = RECIPE) -> Base:
    """Return the base image."""
    match = _BASE.search(recipe.read_text(encoding="utf-8"))
    if match is None:
        raise Unanswered(f"{recipe.name} has no line ARG BASE_IMAGE=name:tag")
    return Base(match["name"], match["tag"], match["digest"] or "")


def digest(image: Base) -> str:
    """Return the digest of the image that the registry has under the tag. Raises Unanswered."""
    host, _, path = image.name.partition("/")
    address = os.environ.get("REGISTRY_URL") or _ADDRESSES.get(host, f"https://{host}")
    url = f"{address}/v2/{path}/manifests/{image.tag}"
    try:
        found = _head(url, "")
    except urllib.error.HTTPError as error:
        if error.code != 401:
            raise Unanswered(f"{url}: {error}") from None
        found = _with_token(url, error.headers.get("WWW-Authenticate", ""))
    except OSError as error:
        raise Unanswered(f"{url}: {error}") from None
    if not _DIGEST.fullmatch(found):
        raise Unanswered(f"{url}: found {found or 'no'} Docker-Content-Digest")
    return found


def _with_token(url: str, challenge: str) -> str:
    said = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    realm = said.pop("realm", "")
    if not realm:
        raise Unanswered(f"{url}: asks for a login that is no token: {challenge}")
    try:
        with urllib.request.urlopen(f"{realm}?{urllib.parse.urlencode(said)}", timeout=_TIMEOUT) as answer:
            token = json.load(answer)
        return _head(url, str(token.get("token") or token.get("access_token")))
    except (OSError, ValueError) as error:
        raise Unanswered(f"{url}: {error}") from None


def _head(url: str, token: str) -> str:
    headers = {"Accept": _ACCEPT, **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url, headers=headers, method="HEAD")  # what the Dockerfile names
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
        return str(answer.headers.get("Docker-Content-Digest", ""))


def write(image: Base, found: str, recipe: Path = RECIPE) -> None:
    """Write the digest behind the tag."""
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(_BASE.sub(f"ARG BASE_IMAGE={image.name}:{image.tag}@{found}", text), encoding="utf-8")


def main() -> int:
    """Be the command and return its exit status: 1 where the registry does not answer or the digest is another."""
    try:
        image = base()
        found = digest(image)
    except Unanswered as fault:
        print(f"the base image was not asked for: {fault}", file=sys.stderr)
        return 1
    if found == image.digest:
        print(f"{image.name}:{image.tag} is still {found}")
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{image.name}:{image.tag} is {found} now; the Dockerfile has {image.digest or 'no digest'}")
        return 1
    write(image, found)
    print(f"{image.name}:{image.tag} was {image.digest or 'without a digest'}, and is {found} now")
    return 0


if __name__ == "__main__":
    sys.exit(main())
