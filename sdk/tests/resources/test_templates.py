"""Templates: values become what they are, and never more than a value."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from krm_functions_sdk import Resource, ResourceList, YamlFault, patches, templates

TEXT = """\
# for ${name}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name} # of ${name}
  labels: ${labels}
spec:
  replicas: ${replicas}
  text: "${replicas}"
  image: nginx:${image.tag}
  paused: ${paused}
  shell: echo $${HOME} $$
---
kind: ConfigMap
metadata:
  name: ${name}-config
"""


@dataclass
class Image:
    """What an image is called."""

    tag: str = "1.0"


@dataclass
class Data:
    """Values as a configuration has them."""

    name: str = "web"
    replicas: int = 3
    image: Image = field(default_factory=Image)
    paused: bool | None = None
    labels: dict[str, str] = field(default_factory=lambda: {"app": "web"})


def test_values_take_their_places() -> None:
    """A scalar that is one placeholder has the value's type; None leaves its field out; comments are filled."""
    deployment, config = templates.resources(TEXT, Data())
    assert deployment.data == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {"replicas": 3, "text": "3", "image": "nginx:1.0", "shell": "echo ${HOME} $$"},
    }
    assert deployment.comment("metadata.name") == "of web"
    assert config.name == "web-config"
    resources = ResourceList()
    resources.upsert(deployment)
    resources.upsert(deployment)
    assert len(resources) == 1


@pytest.mark.parametrize("name", ["yes", "12:30:45", "a: b", "x\ny: z", "# c", "*a", "1e3", "null", '"', "${name}"])
def test_no_value_changes_the_meaning_of_the_text(name: str) -> None:
    """A string stays a string, whatever stands in it."""
    (found,) = templates.resources("kind: K\na: ${name}\nb: <${name}>\n", {"name": name})
    assert Resource(found.text).data == {"kind": "K", "a": name, "b": f"<{name}>"}


def test_patches_from_templates() -> None:
    """A patch is a template that is filled."""
    resource = Resource("apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: 1}\n")
    patches.strategic_merge(resource, templates.fill("spec:\n  replicas: ${n}\n", {"n": 2}).text)
    assert resource.get("spec.replicas") == 2


@pytest.mark.parametrize(
    ("text", "fault", "message"),
    [
        ("a: ${gone}\n", ValueError, r"\$\{gone\}: the data has no 'gone'"),
        ("a: x-${image.gone}\n", ValueError, r"\$\{image.gone\}: the data has no 'gone'"),
        ("${name}: 1\n", ValueError, "a placeholder stands in a key"),
        ("a: [${name}]\n", YamlFault, "expected|flow|found"),
    ],
)
def test_mistakes_in_templates(text: str, fault: type[Exception], message: str) -> None:
    """They are named."""
    with pytest.raises(fault, match=message):
        templates.resources(text, Data())
