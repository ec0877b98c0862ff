"""A cluster of real parts on the loopback address: etcd, the API server, its controllers, and the CRDs of a release."""

from __future__ import annotations

import json
import secrets
import shutil
import ssl
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.judge import components
from tests.judge.client import Client, Object
from tests.judge.process import Process, free_port

TOKEN_FILE, AUDIT_POLICY, AUDIT_LOG = "tokens.csv", "audit.yaml", "audit.log"
# What ServiceAccounts ask for, and whether they get it.
AUDIT = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata", "userGroups": ["system:serviceaccounts"]}, {"level": "None"}],
}


class Asked(NamedTuple):
    """A request to the API server, as its audit log has it."""

    verb: str
    group: str
    resource: str
    subresource: str
    namespace: str
    name: str
    allowed: bool


class Etcd:
    """The store; several API servers share one, each below a prefix of its own."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="judge-etcd-", dir=memory if memory.is_dir() else None))
        self.port = free_port()
        url, peer = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{free_port()}"
        command = [str(components.etcd()), f"--data-dir={self.folder}/data", "--log-level=warn"]
        command += [f"--listen-client-urls={url}", f"--advertise-client-urls={url}", f"--listen-peer-urls={peer}"]
        self.process = Process("etcd", command, self.folder / "etcd.log")
        self.process.wait_until(lambda: _answers(f"{url}/health"))

    def stop(self) -> None:
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Cluster:
    """An API server with CRDs, and on demand the controllers; `admin` may do everything."""

    def __init__(self, name: str, etcd: Etcd, crds: Iterable[Path], folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port, token = free_port(), secrets.token_hex(16)
        (folder / TOKEN_FILE).write_text(f'{token},admin,admin,"system:masters"\n', encoding="utf-8")
        (folder / AUDIT_POLICY).write_text(yaml.safe_dump(AUDIT), encoding="utf-8")
        key = folder / "service-accounts.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        command = [
            str(components.kubernetes("kube-apiserver")),
            f"--etcd-servers=http://127.0.0.1:{etcd.port}",
            f"--etcd-prefix=/{name}",
            f"--secure-port={self.port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=RBAC",
            "--allow-privileged",
            f"--cert-dir={folder}/certificates",
            f"--token-auth-file={folder / TOKEN_FILE}",
            "--service-account-issuer=https://judge.invalid",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            f"--audit-policy-file={folder / AUDIT_POLICY}",
            f"--audit-log-path={folder / AUDIT_LOG}",
            "--profiling=false",
        ]
        self.process = Process("kube-apiserver", command, folder / "kube-apiserver.log")
        self.ca = folder / "certificates" / "apiserver.crt"
        url = f"https://127.0.0.1:{self.port}/readyz"
        self.process.wait_until(lambda: self.ca.exists() and _answers(url, self.ca, token), seconds=120)
        self.admin = Client(self.port, str(self.ca), token)
        self.controllers: Process | None = None
        self._installed: set[Path] = set()
        self.install(crds)

    def install(self, files: Iterable[Path]) -> None:
        """Apply CRDs, those that were not yet, and return when the server serves all of them."""
        new = [file for file in files if file not in self._installed]
        definitions = [one for file in new for one in yaml.safe_load_all(file.read_text(encoding="utf-8")) if one]
        for one in definitions:
            answer = self.admin.apply(one, manager="judge")
            assert answer.taken, f"{one['metadata']['name']}: {answer.message}"
        for one in (one for one in definitions if one["kind"] == "CustomResourceDefinition"):
            self.process.wait_until(lambda one=one: _established(self.admin, one))  # type: ignore[misc]
        self._installed.update(new)

    def namespace(self, name: str) -> None:
        """Make a namespace, if it is not there."""
        self.admin.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="judge")

    def kubeconfig(self, token: str, name: str) -> Path:
        """Write a kubeconfig for the bearer of a token."""
        server = {"server": f"https://127.0.0.1:{self.port}", "certificate-authority": str(self.ca)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "judge",
            "clusters": [{"name": "judge", "cluster": server}],
            "users": [{"name": "judge", "user": {"token": token}}],
            "contexts": [{"name": "judge", "context": {"cluster": "judge", "user": "judge"}}],
        }
        file = self.folder / f"{name}.kubeconfig"
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        file.chmod(0o600)
        return file

    def start_controllers(self) -> None:
        """Run kube-controller-manager: Deployments get Pods, and what is orphaned is collected."""
        if self.controllers is not None:
            return
        file = self.kubeconfig(self.admin.token, "controllers")
        key = self.folder / "service-accounts.key"
        command = [
            str(components.kubernetes("kube-controller-manager")),
            f"--kubeconfig={file}",
            f"--authentication-kubeconfig={file}",
            f"--authorization-kubeconfig={file}",
            f"--service-account-private-key-file={key}",
            f"--secure-port={free_port()}",
            "--bind-address=127.0.0.1",
            f"--cert-dir={self.folder}/controllers",
            "--leader-elect=false",
            "--use-service-account-credentials=false",
        ]
        self.controllers = Process("kube-controller-manager", command, self.folder / "controllers.log")

    def stop_controllers(self) -> None:
        """Stop them; what they made by then stays."""
        if self.controllers is not None:
            self.controllers.stop()
            self.controllers = None

    def token(self, namespace: str, account: str) -> str:
        """Return a token of a ServiceAccount, as its Pods get one."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
        answer = self.admin.ask("POST", path, body)
        assert answer.taken, answer.message
        return str(answer.body["status"]["token"])

    def audited(self) -> int:
        """Return how many lines the audit log has by now."""
        return len((self.folder / AUDIT_LOG).read_text(encoding="utf-8").splitlines())

    def asked(self, user: str, start: int = 0) -> list[Asked]:
        """Return what a user asked the API server for since a line of the audit log, in order."""
        found = []
        for line in (self.folder / AUDIT_LOG).read_text(encoding="utf-8").splitlines()[start:]:
            event = json.loads(line)
            what = event.get("objectRef", {})
            if event["user"]["username"] == user and what.get("resource"):
                found.append(
                    Asked(
                        verb=event["verb"],
                        group=what.get("apiGroup", ""),
                        resource=what["resource"],
                        subresource=what.get("subresource", ""),
                        namespace=what.get("namespace", ""),
                        name=what.get("name", ""),
                        allowed=event.get("annotations", {}).get("authorization.k8s.io/decision") == "allow",
                    )
                )
        return found

    def stop(self) -> None:
        self.admin.close()
        for process in (self.controllers, self.process):
            if process is not None:
                process.stop()


def _established(client: Client, definition: Object) -> bool:
    conditions = (client.get(definition).body.get("status") or {}).get("conditions") or ()
    if not any(each["type"] == "Established" and each["status"] == "True" for each in conditions):
        return False
    group, plural = definition["spec"]["group"], definition["spec"]["names"]["plural"]
    served = [each["name"] for each in definition["spec"]["versions"] if each["served"]]
    return all(client.ask("GET", f"/apis/{group}/{version}/{plural}").taken for version in served)


def _answers(url: str, ca: Path | None = None, token: str = "") -> bool:
    try:
        context = None
        if ca:
            context = ssl.create_default_context(cafile=str(ca))
            context.check_hostname = False
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
        with urllib.request.urlopen(request, timeout=2, context=context) as response:
            return bool(response.status == 200)
    except (OSError, ssl.SSLError):
        return False
