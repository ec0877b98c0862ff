"""The start of a server, from the size of its weights: what the startup probe and the deadline of a roll-out allow.

Measured with vLLM 0.26 on an H200, Llama-3.1-8B without any download: 105 to 113 s, of which 28 to 41 s to compile and
6 s to capture CUDA graphs; with two LoRA adapters 138 to 180 s, of which 25 to 32 s for graphs. Of larger models and
other machines the sum is an estimate.
"""

from __future__ import annotations

import math

from krm_inference.domain.facts.memory import graph_sizes
from krm_inference.domain.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_inference.domain.sizing import Sizing

# Seconds: processes and memory profiling, compiling 32 layers, capturing all sizes of a graph, and what LoRA adds.
PROCESSES, _COMPILE, _GRAPHS, _GRAPHS_WITH_LORA, _LORA = 75, 45, 8, 35, 40
_LAYERS, _SIZES = 32, 51
# No start gets less, so that a slow node or registry is no reason to start anew.
LEAST = 600
INITIAL_DELAY = 2
# MiB/s, where an intent says nothing: of a download from the hub, and from a disk of the node into the GPUs.
DOWNLOAD_RATE, LOAD_RATE = 50, 400
# Until the startup probe begins: a node has to come, and the image has to be pulled.
BEFORE = 298


class Startup(Record):
    """Seconds of the parts of a start; `said` is the whole where somebody says it.

    `verb` says what the weights that come over the network are: downloaded to a disk, or read straight from a bucket,
    where loading is that reading. `pull` are those of an image of weights, before the startup probe begins.
    """

    gib: float
    download: float
    rate: float
    load: float
    start: float
    said: int | None = None
    verb: str = "download"
    pull: float = 0

    @property
    def total(self) -> float:
        """The sum of all parts."""
        return self.download + self.load + self.start

    @property
    def seconds(self) -> int:
        """What the startup probe allows."""
        return self.said if self.said is not None else max(LEAST, math.ceil(self.total / 10) * 10)

    @property
    def reason(self) -> str:
        """Why the startup probe allows so much."""
        if self.said is not None:
            return "from server.startup.seconds"
        download = (
            f"{self.download:.0f} s to {self.verb} {self.gib:.1f} GiB at {self.rate:g} MiB/s + "
            if self.download
            else ""
        )
        load = f"{self.load:.0f} s to load + " if self.load else ""
        end = ", rounded up" if self.seconds > LEAST else f"; {LEAST} at least"
        return f"{download}{load}{self.start:.0f} s to compile and start = {self.total:.0f} s{end}"

    @property
    def deadline(self) -> int:
        """progressDeadlineSeconds: the startup probe, and what comes before it."""
        return INITIAL_DELAY + self.seconds + BEFORE + math.ceil(self.pull)

    @property
    def deadline_reason(self) -> str:
        """Why a roll-out may take so long."""
        pull = f" + {math.ceil(self.pull)} s to pull {self.gib:.1f} GiB at {self.rate:g} MiB/s" if self.pull else ""
        return (
            f"{INITIAL_DELAY + self.seconds} s of the startup probe + {BEFORE} s to get a node and pull the image{pull}"
        )


def without_download(gib: float, layers: int | None) -> Startup:
    """Return the least of a start: `gib` of weights that lie on the node, compiled for one size of graph."""
    return Startup(gib, 0, 0, gib * 1024 / LOAD_RATE, PROCESSES + _compiled(layers))


def _compiled(layers: int | None) -> float:
    return _COMPILE * max(1.0, (layers or _LAYERS) / _LAYERS)


def startup(
    sizing: Sizing,
    gib: float,
    download: float | None,
    load: float,
    said: int | None,
    compile_seconds: float = 0,
    scheme: str = "",
) -> Startup:
    """Return the start of a server: `gib` of weights, rates in MiB/s; no `download` where they lie in the cluster.

    `compile_seconds` are those of a backend that compiles for longer than a GPU's. `scheme` is that of the volume which
    has the weights, "" for the hub.
    """
    lora = sizing.demand.loras > 0
    graphs = (_GRAPHS_WITH_LORA if lora else _GRAPHS) * graph_sizes(sizing.sequences) / _SIZES
    start = PROCESSES + _compiled(sizing.demand.model.layers) + graphs + (_LORA if lora else 0) + compile_seconds
    if scheme in ("gs", "s3") and download:
        rate = min(download, load)
        return Startup(gib, gib * 1024 / rate, rate, 0, start, said, "read")
    if scheme == "oci" and download:
        return Startup(gib, 0, download, gib * 1024 / load, start, said, pull=gib * 1024 / download)
    return Startup(gib, gib * 1024 / download if download else 0, download or 0, gib * 1024 / load, start, said)
