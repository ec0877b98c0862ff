"""What people wrote for one release, moved to another: intents, configurations, pickers and objectives."""

from __future__ import annotations

import re
from typing import Any

from krm_functions_sdk import Resource, ResourceList, YamlFault
from krm_functions_sdk.document import parser, tree

from krm_inference.commands.upgrade.configuration import Moved
from krm_inference.domain.consistency import places
from krm_inference.domain.facts.releases import RELEASES, Release
from krm_inference.domain.facts.releases.picker_configs import PICKER_CONFIGS
from krm_inference.domain.remains import MARK
from krm_inference.domain.service import is_llm_service

_CONFIG = "EndpointPickerConfig"
_OBJECTIVES = ("InferenceObjective", "InferenceModelRewrite")
_CONTAINERS = "spec.template.spec.containers"
# What kustomize takes a file of its name for, where it does not say so.
_KUSTOMIZATION = ("apiVersion: kustomize.config.k8s.io/v1beta1\n", "kind: Kustomization\n")


class Migration:
    """One move to the release `to`. `former` are the releases that were left, in the order in which they were met.

    `is_managed` says that an intent leaves the definition of InferencePool to GKE.
    """

    def __init__(self, to: str) -> None:
        self.to = to
        self.former: list[str] = []
        self.is_unfinished = False
        self.is_managed = False

    def upgrade(self, resources: ResourceList) -> None:
        """Move what people wrote to another release of the inference gateway."""
        self.results = resources.results
        for resource in resources:
            if is_llm_service(resource):
                self._intent(resource)
        for resource in resources:
            if not resource.get(f"metadata.annotations[{MARK}]", ""):
                self._own(resource)

    def look_at(self, kustomizations: dict[str, str]) -> str:
        """Return a line for what Kustomizations without a kind, by their files, leave to be done by hand."""
        lines: list[str] = []
        for path, text in kustomizations.items():
            said = [
                line for line in _KUSTOMIZATION if not re.search(rf"^{line.partition(':')[0]}:", text, re.MULTILINE)
            ]
            resource = Resource("".join((*said, text)), path=path)
            self.results = ResourceList([resource]).results
            try:
                self._kustomization(resource)
            except YamlFault as fault:
                self._say(resource, "", f"cannot be read, so its patches are not looked at: {fault}", left=True)
            lines += [f"[{one.severity}] {path}: {one.field or 'file'}: {one.message}\n" for one in self.results]
        return "".join(lines)

    @property
    def _release(self) -> Release:
        return RELEASES[self.to]

    def _say(self, resource: Resource, field: str, message: str, *, left: bool = False) -> None:
        self.is_unfinished |= left
        (self.results.warning if left else self.results.info)(message, resource, field)

    def _intent(self, resource: Resource) -> None:
        was = resource.get("spec.release", None)
        if not isinstance(was, str):
            return  # a patch that says nothing of it
        self.is_managed |= resource.get("spec.managedDefinitions", None) is True
        if was != self.to:
            resource.set("spec.release", self.to)
            self._say(resource, "spec.release", f"set to {self.to}, was {was}")
            if was in RELEASES and was not in self.former:
                self.former.append(was)
        lacks = ((at, why) for one, why in self._release.lacks.items() for at in places(resource, one))
        for field, reason in lacks:
            if resource.get(field, None) not in (None, []):
                self._say(resource, field, f"{reason}; take it out, or stay", left=True)
        image = resource.get("spec.picker.image", None)
        if isinstance(image, str) and was in RELEASES and was != self.to:
            self._image(resource, "spec.picker.image", image, RELEASES[was])

    def _own(self, resource: Resource) -> None:
        if resource.kind == "ConfigMap":
            self._config_map(resource)
        elif resource.kind in _OBJECTIVES:
            self._objective(resource)
        elif resource.kind == "Kustomization":
            self._kustomization(resource)
        elif resource.kind == "Deployment":
            for container in _list(resource.get(_CONTAINERS, None)):
                name = _map(container).get("name", "")
                self._container(resource, f"{_CONTAINERS}[name={name}]", container)

    def _config_map(self, resource: Resource) -> None:
        for key, text in _map(resource.get("data", None)).items():
            if not isinstance(text, str) or _CONFIG not in text or not _is_config(text):
                continue
            moved = Moved(text, self._release, PICKER_CONFIGS[self.to])
            if moved.text != text:
                resource.set(f"data[{key}]", moved.text)
            for field, message in moved.done:
                self._say(resource, f"data[{key}]", f"{field}: {message}")
            for field, message in moved.left:
                self._say(resource, f"data[{key}]", f"{field}: {message}", left=True)

    def _objective(self, resource: Resource) -> None:
        is_rewrite = resource.kind == "InferenceModelRewrite"
        known = {release.rewrite_api if is_rewrite else release.objective_api for release in RELEASES.values()}
        wanted = self._release.rewrite_api if is_rewrite else self._release.objective_api
        was = resource.api_version
        if was == wanted or was not in known:
            return
        if not wanted:
            self._say(resource, "apiVersion", f"{self.to} has no {resource.kind}", left=True)
            return
        resource.set("apiVersion", wanted)
        self._say(resource, "apiVersion", f"set to {wanted}, was {was}")

    def _kustomization(self, resource: Resource) -> None:
        """Name patches that speak of another release or group: their text is not rewritten."""
        group = self._release.objective_api.partition("/")[0]
        for index, patch in enumerate(_list(resource.get("patches", None))):
            target, text = _map(_map(patch).get("target")), str(_map(patch).get("patch", ""))
            if target.get("kind") in _OBJECTIVES and target.get("group", group) != group:
                message = f"{self.to} has {target['kind']} in {group}, found {target['group']}; name that, or no group"
                self._say(resource, f"patches[{index}].target.group", message, left=True)
            found = [name for name in RELEASES if name != self.to and re.search(rf"{re.escape(name)}(?![\w.])", text)]
            if found:
                message = f"this patch names {found[0]}; set {self.to} in it by hand"
                self._say(resource, f"patches[{index}].patch", message, left=True)

    def _container(self, resource: Resource, path: str, container: Any) -> None:
        """Move a picker that somebody wrote: the image of a release, and flags with which the new one exits."""
        image = str(_map(container).get("image", ""))
        former = next((one for one in RELEASES.values() if _same(image, one.picker_image)), None)
        if former is None or former is self._release:
            return
        self._image(resource, f"{path}.image", image, former)
        for argument in map(str, _list(_map(container).get("args"))):
            name, equals, value = argument.partition("=")
            field = f"{path}.args[{name}]"
            if name == "--config-text" or _CONFIG in value:
                self._say(resource, field, "it holds a configuration; move it by hand", left=True)
            elif name in self._release.metric_flags_refused and equals:
                resource.remove(field)
                self._say(resource, field, f"taken out: the picker of {self.to} exits with {name}")
            elif name in self._release.metric_flags_refused:
                message = f"the picker of {self.to} exits with {name}; take it out, with its value"
                self._say(resource, field, message, left=True)

    def _image(self, resource: Resource, field: str, image: str, former: Release) -> None:
        wanted = self._release.picker_image
        if image == former.picker_image:
            resource.set(field, wanted)
            self._say(resource, field, f"set to {wanted}, was {image}")
        elif _same(image, former.picker_image) and _name(image) == _name(wanted):
            moved = image[: image.rindex(":")] + wanted[wanted.rindex(":") :]
            resource.set(field, moved)
            self._say(resource, field, f"set to {moved}, was {image}")
        elif image != wanted:
            self._say(resource, field, f"{image} is not known; name the image that holds {wanted}", left=True)


def _same(image: str, known: str) -> bool:
    """Say whether an image is the known one, at whatever registry: the same name and the same tag."""
    return "@" not in image and _name(image) == _name(known) and image.rpartition(":")[2] == known.rpartition(":")[2]


def _name(image: str) -> str:
    return re.sub(r"[:@].*", "", image.rpartition("/")[2])


def _is_config(text: str) -> bool:
    try:
        found = tree.value(parser.parse(text))
    except YamlFault:
        return False
    return isinstance(found, dict) and found.get("kind") == _CONFIG


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
