"""docs/architecture.md says where a new rule, release and function go: each is tried in a copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
INFERENCE = Path("functions", "krm_inference")
RULES = INFERENCE / "validate_inference" / "rules"
COPIED = ("functions", "docs", "packages", "tests/accelerators", "README.md", "Kptfile", "pyproject.toml")
TESTS = Path("functions", "tests")
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
KRMFN = str(Path(sys.executable).with_name("krmfn"))
# What tools leave behind.
LEFT = ("__pycache__", ".pytest_cache", ".hypothesis", "*.egg-info", "*.dist-info", "build")


class Copy:
    """A copy of what is written in this repository, to which something is added as its pages say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*LEFT))
            else:
                shutil.copy(ROOT / name, folder / name)
        (folder / "sdk").symlink_to(ROOT / "sdk")
        self._before = dict(self._files())

    def _files(self) -> Iterator[tuple[str, bytes]]:
        for file in sorted(self.folder.rglob("*")):
            path = file.relative_to(self.folder)
            if file.is_file() and not any(each.match(left) for each in (path, *path.parents) for left in LEFT):
                yield str(path), file.read_bytes()

    def changed(self) -> set[str]:
        """Return the files that came, went or changed."""
        now = dict(self._files())
        return {path for path in now.keys() | self._before.keys() if now.get(path) != self._before.get(path)}

    def write(self, path: Path, text: str) -> None:
        """Add a file."""
        assert not (self.folder / path).exists()
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def insert(self, path: Path, before: str, text: str) -> None:
        """Put a text before what stands in a file, for the last time that it stands there."""
        head, found, tail = (self.folder / path).read_text(encoding="utf-8").rpartition(before)
        assert found, f"{path}: no {before}"
        (self.folder / path).write_text(head + text + found + tail, encoding="utf-8")

    def append(self, path: Path, text: str) -> None:
        """Put a text at the end of a file."""
        with (self.folder / path).open("a", encoding="utf-8") as file:
            file.write(text)

    def run(self, *arguments: str, fails: bool = False, **environment: str) -> None:
        """Run Python in the copy, with the functions that are there."""
        path = os.pathsep.join((str(self.folder / "functions"), str(self.folder / "sdk")))
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr

    def install(self) -> None:
        """Write the metadata of the copy's distribution beside it, as an editable install does."""
        build = "from setuptools import build_meta; build_meta.prepare_metadata_for_build_wheel('.')"
        self.run("-c", f"import os; os.chdir('functions'); {build}")

    def test(self, *arguments: str, fails: bool = False, **environment: str) -> None:
        """Run tests of the copy."""
        self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, fails=fails, **environment)


@pytest.fixture
def clone(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def places(what: str, **names: str) -> set[str]:
    """Return the places that the page names for something new, with names in place of `<…>`."""
    _, _, rest = PAGE.partition(f"\n**{what}**")
    table = re.findall(r"^\| `([^`]+)` \|", rest.partition("\n**")[0], re.MULTILINE)
    assert table, what
    for name, value in names.items():
        table = [place.replace(f"<{name}>", value) for place in table]
    return set(table)


def test_a_rule(clone: Copy) -> None:
    """A rule is a row, a check and two manifests; all else is written from them."""
    topic, rule = RULES / "security", "image-dirty"
    clone.insert(
        topic / "__init__.py",
        '    Rule("pod-privileges"',
        f"""\
    Rule("{rule}", WARNING, images.dirty_images,
         "Images are built from what is committed",
         "Nobody can say what is in it",
         "git describe --dirty",
         "Take an image that was built from a commit"),
""",
    )
    check = '''

def dirty_images(index: Index) -> Iterator[Finding]:
    """Yield images of servers and pickers that were built from files that nobody committed."""
    for pod in inference_pods(index):
        for container in pod.containers:
            if container.image.endswith("-dirty"):
                yield Finding(container.field["image"], f"{container.image} is built from files that are not committed")
'''
    clone.append(topic / "images.py", check)
    passes = (ROOT / topic / "examples" / "image-version" / "passes.yaml").read_text(encoding="utf-8")
    clone.write(topic / "examples" / rule / "passes.yaml", passes)
    clone.write(topic / "examples" / rule / "fails.yaml", passes.replace("openai:v0.32.0", "openai:v0.32.0-dirty"))
    examples = str(TESTS / "validate_inference" / "test_rule_examples.py")
    clone.write(topic / "examples" / rule / "fails.txt", "")
    clone.test(examples, "-k", f"{rule} or every_rule", fails=True)
    clone.test(examples, "-k", rule, UPDATE_GOLDEN="1")
    clone.test(str(TESTS / "whole" / "test_docs.py"), fails=True)
    clone.run("docs/tables.py")
    clone.test(
        *(str(TESTS / "whole" / name) for name in ("test_docs.py", "test_layers.py")),
        str(TESTS / "validate_inference" / "test_topics.py"),
    )
    clone.test(examples, "-k", f"{rule} or every_rule")
    clone.test(str(TESTS / "validate_inference" / "test_validate_inference.py"), "-k", "rule")
    assert clone.changed() == places("A rule", topic="security", rule=rule, module="images")


def test_a_release(clone: Copy) -> None:
    """A release is a table with what its picker reads, two names in enums and an example."""
    name, releases = "gaie-v1.5-next", INFERENCE / "domain" / "facts" / "releases"
    clone.write(
        releases / "gaie_v1_5_next.py",
        '''"""What comes after gaie-v1.5."""

from __future__ import annotations

from krm_inference.domain.facts.releases.gaie_v1_5 import GAIE_V1_5

GAIE_V1_5_NEXT = GAIE_V1_5._replace(source="what comes after v1.5", version="v1.5.99")
''',
    )
    clone.insert(releases / "__init__.py", '    "llm-d-router-v0.10": ', f'    "{name}": GAIE_V1_5_NEXT,\n')
    clone.insert(
        releases / "__init__.py",
        "from krm_inference.domain.facts.releases.llm_d_router_v0_10 ",
        "from krm_inference.domain.facts.releases.gaie_v1_5_next import GAIE_V1_5_NEXT\n",
    )
    clone.insert(releases / "picker_configs.py", '    "llm-d-router-v0.10": ', f'    "{name}": _V1_5,\n')
    clone.insert(
        releases / "definitions.py",
        '    "llm-d-router-v0.10": Definitions(',
        f'    "{name}": Definitions(f"{{_GAIE}} v1.5.99", {{**_POOL, "InferenceObjective": _OLD}}),\n',
    )
    clone.insert(releases / "definitions.py", '    "llm-d-router-v0.10": ((', f'    "{name}": (("gaie-v1.5",),),\n')
    schemas = str(TESTS / "generate" / "test_schemas.py")
    clone.test(schemas, fails=True)
    clone.insert(
        INFERENCE / "domain" / "llm_service.schema.yaml", "        - llm-d-router-v0.10\n", f"        - {name}\n"
    )
    clone.insert(INFERENCE / "inject_lora" / "definition.yaml", "llm-d-router-v0.11]", f"{name}, ")
    examples = INFERENCE / "generate_inference_pool" / "examples"
    text = (ROOT / examples / "release-gaie-v1.5" / "input.yaml").read_text(encoding="utf-8")
    clone.write(examples / f"release-{name}" / "input.yaml", text.replace("gaie-v1.5", name))
    function = str(INFERENCE / "generate_inference_pool")
    clone.run(KRMFN, "test", "--update", function, fails=True)
    clone.run(KRMFN, "test", function)
    clone.run("docs/tables.py")
    clone.test(schemas, *(str(TESTS / "whole" / test) for test in ("test_docs.py", "test_layers.py")))
    clone.test(str(TESTS / "domain" / "test_releases.py"))
    assert clone.changed() == places("A release", release="gaie_v1_5_next", name=name)


def test_a_function(clone: Copy) -> None:
    """A function is a folder, its entry points, a row, and its place in each pipeline."""
    name, folder = "set-priority-class", INFERENCE / "set_priority_class"
    clone.write(
        folder / "__init__.py",
        '''"""Give the Pods of each LLMService the priority class of servers.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

from krm_functions_sdk import ResourceList, run

from krm_inference.domain import intent, workloads
from krm_inference.domain.generation import Generation, Table

OWNS: Table = {"workload": ("POD.priorityClassName",)}


def set_priority_class(resources: ResourceList) -> None:
    """Give the Pods of each LLMService the priority class of servers."""
    services = intent.read(resources)
    generation = Generation(resources, services, "set-priority-class", OWNS)
    for service in services:
        for target in workloads.of_service(resources, service, "vllm"):
            generation.inject(target, {"priorityClassName": "inference-server"}, OWNS["workload"])


def main() -> None:
    """Be the executable."""
    run(set_priority_class)
''',
    )
    objectives = INFERENCE / "generate_objectives"
    definition = (ROOT / objectives / "definition.yaml").read_text(encoding="utf-8")
    clone.write(folder / "definition.yaml", definition.replace("generate-objectives", name))
    clone.write(
        folder / "README.md",
        f"""\
# {name}

Gives the Pods of each service a priority class.

<!-- owns -->
<!-- /owns -->

<!-- config -->
<!-- /config -->

```yaml
pipeline:
  mutators:
  - image: ghcr.io/krm-inference/{name}:v0.1.0
```

<!-- examples -->
<!-- /examples -->
""",
    )
    cases = {"one-service": "inject_accelerator", "mistakes": "generate_objectives"}
    for case, other in cases.items():
        text = (ROOT / INFERENCE / other / "examples" / case / "input.yaml").read_text(encoding="utf-8")
        clone.write(folder / "examples" / case / "input.yaml", text)
    row = f"| [`{name}`]({{}}krm_inference/set_priority_class/README.md) | the priority class of Pods |\n"
    image = f"  - image: ghcr.io/krm-inference/{name}:v0.1.0\n"
    clone.insert(Path("functions", "README.md"), "| [`validate-inference`]", row.format(""))
    clone.insert(Path("README.md"), "| [`validate-inference`]", row.format("functions/"))
    packages = [file.parent.name for file in ROOT.glob("packages/*/Kptfile") if "model-server" in file.read_text()]
    for file in (Path("functions", "README.md"), *(Path("packages", package, "Kptfile") for package in packages)):
        clone.insert(file, "  validators:\n", image)
    project = Path("functions", "pyproject.toml")
    entry_points = str(TESTS / "whole" / "test_entry_points.py")
    clone.test(entry_points, fails=True)
    clone.insert(
        project, '\n[project.entry-points."krm_functions"]', f'{name} = "krm_inference.set_priority_class:main"\n'
    )
    entry = f'{name} = "krm_inference.set_priority_class:set_priority_class"\n'
    clone.insert(project, '\n[project.entry-points."krmfn_commands"]', entry)
    clone.install()
    clone.run(KRMFN, "test", "--update", str(folder), fails=True)
    clone.run(KRMFN, "test", str(folder))
    expected = (clone.folder / folder / "examples" / "one-service" / "expected.yaml").read_text(encoding="utf-8")
    assert "priorityClassName: inference-server" in expected
    clone.run("docs/tables.py")
    clone.test(*(str(TESTS / "whole" / test) for test in ("test_docs.py", "test_layers.py")))
    clone.test(str(TESTS / "whole" / "test_golden.py"), "-k", folder.name)
    clone.test(entry_points, str(TESTS / "generate" / "test_schemas.py"))
    named = {
        place
        for package in packages
        for case in cases
        for place in places("A function", function=folder.name, case=case, package=package)
    }
    assert clone.changed() == named
