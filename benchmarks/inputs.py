"""The inputs: ResourceLists and packages of plain Deployments, written piece by piece."""

import shutil
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "packages" / "llama-3.1-8b"
TWO_SERVICES = PACKAGE.with_name("shared-gateway")
PER_FILE = 10
# What has to differ from service to service in the manifests of the seed package.
NAMES = ("8b-instruct", "inference-gateway", "food-review", "llama3-base-model")

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{0:05}
  labels:
    app: app-{0:05}
spec:
  replicas: 2 # one for each zone
  selector:
    matchLabels:
      app: app-{0:05}
  template:
    metadata:
      labels:
        app: app-{0:05}
    spec:
      containers:
      - name: server
        image: example.com/server:1.2.3
        args:
        - --port=8080
        ports:
        - containerPort: 8080
"""
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: servers{0}.example.com
spec:
  group: example.com
  names:
    kind: Server{0}
    plural: servers{0}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
"""
FIELD = """\
          field{0}:
            description: |-
              What the field says.
            items:
              type: string
            type: array
"""
PLACE = """\
  annotations:
    internal.config.kubernetes.io/index: '{1}'
    internal.config.kubernetes.io/path: 'apps-{2:04}.yaml'
"""
# What an environment of a service has of its own.
ENVIRONMENTS = {
    "dev": "{replicas: 1, accelerator: {type: nvidia-l4}, model: {maxModelLen: 8192}}",
    "test": "{replicas: 1}",
    "staging": "{replicas: 2}",
    "prod": "{replicas: 4, objectives: [{name: llama3-base-model, priority: -10}]}",
}
OVERLAY = """\
resources: [../../packages/{0}]
namespace: llm-{1}
labels: [{{pairs: {{environment: {1}}}, includeTemplates: true}}]
patches:
- patch: |-
    apiVersion: inference.fn.kpt.dev/v1alpha1
    kind: LLMService
    metadata: {{name: vllm-llama3.1-8b-instruct}}
    spec: {2}
"""
LOCAL = '  annotations:\n    config.kubernetes.io/local-config: "true"\n'
LIST = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n"
CONFIG = """\
functionConfig:
  apiVersion: v1
  kind: ConfigMap
  metadata:
    name: replicas
  data:
    replicas: "5"
    name: app-00000
"""
KPTFILE = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: plain\npipeline:\n  mutators:\n"
FUNCTIONS = ("generate-objectives", "generate-routing", "generate-monitoring")


def resource_list(file: Path, count: int, config: str = "") -> Path:
    """Write a ResourceList of `count` Deployments as kpt hands it to a function."""
    head, tail = DEPLOYMENT.split("spec:\n", 1)
    item = f"- {(head + PLACE).replace(chr(10), chr(10) + '  ')}spec:\n  {tail.replace(chr(10), chr(10) + '  ')}"[:-2]
    with file.open("w") as stream:
        stream.write(LIST)
        for number in range(count):
            stream.write(item.format(number, number % PER_FILE, number // PER_FILE))
        stream.write(config)
    return file


def plain_package(folder: Path, count: int, steps: list[str]) -> Path:
    """Write a package of `count` Deployments, ten a file, that no function has to do with."""
    folder.mkdir()
    (folder / "Kptfile").write_text(KPTFILE + "".join(f"  - {step}\n" for step in steps))
    for first in range(0, count, PER_FILE):
        texts = [DEPLOYMENT.format(number) for number in range(first, min(first + PER_FILE, count))]
        (folder / f"apps-{first // PER_FILE:04}.yaml").write_text("---\n".join(texts))
    return folder


def services(file: Path, count: int) -> Path:
    """Write the manifests of many services as a stream: the seed package's, with other names and a Gateway each."""
    files = ["llm.yaml", *yaml.safe_load((PACKAGE / "kustomization.yaml").read_text())["resources"]]
    text = "---\n".join((PACKAGE / name).read_text() for name in files)
    with file.open("w") as stream:
        for number in range(count):
            copy = text
            for name in NAMES:
                copy = copy.replace(name, f"{name}-{number}")
            stream.write(("---\n" if number else "") + copy)
    return file


def repository(folder: Path, count: int) -> tuple[Path, Path]:
    """Write a folder of `count` files, one in a hundred a large CustomResourceDefinition; return it, and all text."""
    folder.mkdir()
    texts = [definition(number) if number % 100 == 0 else DEPLOYMENT.format(number) for number in range(count)]
    for number, text in enumerate(texts):
        (folder / f"file-{number:05}.yaml").write_text(text)
    whole = folder.with_suffix(".txt")
    whole.write_text("---\n".join(texts))
    return folder, whole


def definition(number: int, fields: int = 5_000) -> str:
    """Return a CustomResourceDefinition with so many fields in its schema: those of servers have up to 50,000 lines."""
    return DEFINITION.format(number) + "".join(FIELD.format(field) for field in range(fields))


def intent(folder: Path, package: Path = PACKAGE) -> None:
    """Make `folder` a copy of a package as its author wrote it, without what the functions generate."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(package, folder)
    for file in yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]:
        (folder / file).unlink(missing_ok=True)


def environments(folder: Path, services: int) -> list[Path]:
    """Write packages like the seed's and the overlays of each of them, and return these."""
    found = []
    for number in range(services):
        service = f"service-{number:03}"
        shutil.copytree(PACKAGE, folder / "packages" / service)
        for environment, spec in ENVIRONMENTS.items():
            overlay = folder / "overlays" / f"{service}-{environment}"
            overlay.mkdir(parents=True)
            (overlay / "kustomization.yaml").write_text(OVERLAY.format(service, environment, spec))
            found.append(overlay)
    return found


def for_kustomize(folder: Path) -> None:
    """Make the intents of packages ordinary objects of their kustomizations, as a build hands them to kustomize."""
    for package in folder.glob("packages/*"):
        intent, listed = package / "llm.yaml", package / "kustomization.yaml"
        assert LOCAL in intent.read_text()
        intent.write_text(intent.read_text().replace(LOCAL, ""))
        listed.write_text(listed.read_text().replace("resources:\n", "resources:\n- llm.yaml\n"))
