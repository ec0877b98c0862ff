"""Where the weights of a service come from: its `spec.weights`, taken apart."""

from __future__ import annotations

from krm_inference.domain.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# Where a volume of weights is mounted, and one that keeps downloads.
MOUNT, CACHE = "/weights", "/cache"


class Source(Record):
    """A volume with weights: its scheme, "" for the hub; the claim, bucket or image; and the folder in it."""

    scheme: str
    store: str
    folder: str
    account: str
    cache: dict[str, Any] | None

    @property
    def path(self) -> str:
        """The folder that the server loads, "" where it loads from the hub."""
        return f"{MOUNT}/{self.folder}".rstrip("/") if self.scheme else ""

    @property
    def is_bucket(self) -> bool:
        """Say whether each read goes over the network to a bucket."""
        return self.scheme in ("gs", "s3")


def source(said: dict[str, Any]) -> Source:
    """Return what a `spec.weights` with its defaults says."""
    scheme, _, rest = said.get("uri", "").partition("://")
    store, _, folder = (rest, "", said.get("folder", "")) if scheme == "oci" else rest.partition("/")
    return Source(scheme, store, folder.strip("/"), said.get("serviceAccountName", ""), said.get("cache"))


def asks_hub(spec: dict[str, Any]) -> bool:
    """Say whether a server with this spec downloads anything from the Hugging Face hub: its model or an adapter."""
    is_there = "uri" in (spec.get("weights") or {}) or spec["model"]["id"].startswith("/")
    loads = spec["lora"]["loader"] != "resolver"
    hub = [one for one in spec["adapters"] if one["ensure"] == "Present" and not one["source"].startswith("/")]
    return not is_there or bool(loads and hub)
