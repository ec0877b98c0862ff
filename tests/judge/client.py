"""What is said to an API server, with the warnings that it answers: no library hides a header or fills in a field."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

Object = dict[str, Any]
# kind, group, namespace, name: what an object is known by, whichever version of its API it is written in.
Identity = tuple[str, str, str, str]


class Answer(NamedTuple):
    """What the API server said: the HTTP status, the object or Status, and the texts of its warnings."""

    status: int
    body: Object
    warnings: tuple[str, ...]

    @property
    def taken(self) -> bool:
        return self.status < 300

    @property
    def message(self) -> str:
        """Why it was refused."""
        return "" if self.taken else f"{self.status} {self.body.get('message', self.body)}"


class Client:
    """One user's connection to an API server, by a bearer token."""

    def __init__(self, port: int, ca: str, token: str) -> None:
        context = ssl.create_default_context(cafile=ca)
        context.check_hostname = False  # the certificate is for localhost, made anew for each server
        self._port, self._context, self.token = port, context, token
        self._connection: http.client.HTTPSConnection | None = None
        self._kinds: dict[tuple[str, str], tuple[str, bool]] = {}

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def ask(self, method: str, path: str, body: Any = None, content: str = "application/json", **query: str) -> Answer:
        """Send one request and read its answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content, "Accept": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        url = f"{path}?{urlencode(query)}" if query else path
        for again in (True, False):
            if self._connection is None:
                self._connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._context)
            try:
                self._connection.request(method, url, data, headers)
                response = self._connection.getresponse()
                text = response.read()
                break
            except (http.client.HTTPException, OSError):
                self.close()
                if not again:
                    raise
        warnings = tuple(
            re.sub(r"\\(.)", r"\1", found)
            for line in response.headers.get_all("Warning") or ()
            for found in re.findall(r'\d{3} \S+ "((?:[^"\\]|\\.)*)"', line)
        )
        try:
            parsed = json.loads(text)
        except ValueError:
            parsed = {"message": text.decode(errors="replace")}
        return Answer(response.status, parsed, warnings)

    # Where an object lies

    def path(self, one: Object, *, collection: bool = False) -> str:
        """Return the path of an object, or of the collection that it is in; LookupError where its kind is unknown."""
        resource, namespaced = self._kind(one["apiVersion"], one["kind"])
        version = one["apiVersion"]
        parts = [f"/apis/{version}" if "/" in version else f"/api/{version}"]
        if namespaced:
            parts += ["namespaces", one["metadata"].get("namespace") or "default"]
        parts.append(resource)
        if not collection:
            parts.append(quote(one["metadata"]["name"], safe=""))
        return "/".join(parts)

    def identity(self, one: Object) -> Identity:
        group = one["apiVersion"].rpartition("/")[0]
        _, namespaced = self._kind(one["apiVersion"], one["kind"])
        space = one["metadata"].get("namespace") or "default" if namespaced else ""
        return one["kind"], group, space, one["metadata"]["name"]

    def _kind(self, version: str, kind: str) -> tuple[str, bool]:
        if (version, kind) not in self._kinds:
            answer = self.ask("GET", f"/apis/{version}" if "/" in version else f"/api/{version}")
            for each in answer.body.get("resources", ()) if answer.taken else ():
                if "/" not in each["name"]:
                    self._kinds[version, each["kind"]] = each["name"], each["namespaced"]
        if (version, kind) not in self._kinds:
            raise LookupError(f'no matches for kind "{kind}" in version "{version}"')
        return self._kinds[version, kind]

    # Verbs

    def apply(self, one: Object, *, dry_run: bool = False, manager: str = "configsync") -> Answer:
        """Apply an object on the server's side, as Config Sync does: with force."""
        try:
            path = self.path(one)
        except LookupError as unknown:
            return Answer(404, {"message": str(unknown)}, ())
        query = {"fieldManager": manager, "force": "true"} | ({"dryRun": "All"} if dry_run else {})
        return self.ask("PATCH", path, one, "application/apply-patch+yaml", **query)

    def get(self, one: Object) -> Answer:
        return self.ask("GET", self.path(one))

    def create(self, one: Object) -> Answer:
        return self.ask("POST", self.path(one, collection=True), one)

    def delete(self, one: Object) -> Answer:
        return self.ask("DELETE", self.path(one), propagationPolicy="Background")

    def list(self, version: str, kind: str, namespace: str = "") -> list[Object]:
        """Return the objects of a kind, of all namespaces without one."""
        resource, _ = self._kind(version, kind)
        base = f"/apis/{version}" if "/" in version else f"/api/{version}"
        space = f"/namespaces/{namespace}" if namespace else ""
        answer = self.ask("GET", f"{base}{space}/{resource}")
        assert answer.taken, answer.message
        return [{"apiVersion": version, "kind": kind, **each} for each in answer.body["items"]]
