"""The logins of Docker's config.json, which podman, crane and skopeo read too.

It is $DOCKER_CONFIG/config.json, or ~/.docker/config.json (docker/cli, docs/reference/commandline/cli.md,
"Configuration files"): `auths` with a login by the registry, `credHelpers` with a program by the registry, `credsStore`
with one for all. A program is asked as docker-credential-helpers has it: `docker-credential-NAME get`, the registry on
its input.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

_HUB_KEYS = ("https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io")
# The user name by which a helper says that its secret is a token.
_TOKEN_USER = "<token>"
_TIMEOUT = 30


class Unreadable(Exception):
    """The file, or what a helper says, cannot be read: why. It holds no login."""


class Login(NamedTuple):
    """A user with a password, or a token that is changed into others. `source` is the file or the helper."""

    user: str
    password: str
    token: str
    source: str


class Credentials:
    """What the file says, read once; nothing where there is no file."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
        self._said: dict[str, Any] | None = None

    def of(self, registry: str) -> Login | None:
        """Return the login of a registry, None where there is none. Raises Unreadable."""
        said = self._read()
        keys = _HUB_KEYS if registry == "docker.io" else (registry, f"https://{registry}", f"http://{registry}")
        helpers = _map(said, "credHelpers")
        for key in keys:
            if isinstance(helpers.get(key), str):
                return self._helped(helpers[key], key)
        if isinstance(said.get("credsStore"), str) and said["credsStore"]:
            for key in keys:
                if found := self._helped(said["credsStore"], key):
                    return found
        for name, entry in _map(said, "auths").items():
            if isinstance(entry, dict) and entry and _bare(name) in map(_bare, keys):
                return self._written(name, entry)
        return None

    def _read(self) -> dict[str, Any]:
        if self._said is None:
            try:
                found = json.loads(self.file.read_text(encoding="utf-8"))
            except FileNotFoundError:
                found = {}
            except (OSError, UnicodeDecodeError) as error:
                raise Unreadable(f"{self.file} cannot be read: {getattr(error, 'strerror', None) or error}") from None
            except ValueError as error:
                where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "it"
                raise Unreadable(f"{self.file} is no JSON, at {where}") from None
            if not isinstance(found, dict):
                raise Unreadable(f"{self.file} has no object in it, expected one with auths or credHelpers")
            self._said = found
        return self._said

    def _written(self, name: str, entry: dict[str, Any]) -> Login | None:
        token = entry.get("identitytoken") or ""
        user, password = entry.get("username") or "", entry.get("password") or ""
        if entry.get("auth"):
            try:
                user, _, password = base64.b64decode(entry["auth"], validate=True).decode().partition(":")
            except (binascii.Error, ValueError, TypeError):
                raise Unreadable(f"{self.file}: auths[{name}].auth is no login in base64; run `docker login`") from None
        if not token and not user:
            return None
        return Login(str(user), str(password).rstrip("\0"), str(token), str(self.file))

    def _helped(self, helper: str, key: str) -> Login | None:
        program = f"docker-credential-{helper}"
        try:
            done = subprocess.run(
                [program, "get"], input=key, capture_output=True, text=True, timeout=_TIMEOUT, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            why = getattr(error, "strerror", None) or f"no answer in {_TIMEOUT} s"
            raise Unreadable(f"{self.file} names {program}, which does not run: {why}") from None
        if done.returncode:
            if "credentials not found" in done.stdout + done.stderr:
                return None
            raise Unreadable(f"{program} of {self.file} exited with {done.returncode} for {key}")
        try:
            said = json.loads(done.stdout)
            user, secret = str(said["Username"]), str(said["Secret"])
        except (ValueError, KeyError, TypeError):
            raise Unreadable(f"{program} of {self.file} gave no Username and Secret for {key}") from None
        if not user and not secret:
            return None
        return Login("", "", secret, program) if user == _TOKEN_USER else Login(user, secret, "", program)


def _map(said: dict[str, Any], name: str) -> dict[str, Any]:
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _bare(key: str) -> str:
    return key.removeprefix("https://").removeprefix("http://").partition("/")[0]
