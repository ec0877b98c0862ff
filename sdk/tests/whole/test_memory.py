"""A list of thousands of resources takes a few times its own size, whatever is done to it."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import pytest
from krm_functions_sdk import ResourceList
from krm_functions_sdk.function.call import execute
from krm_functions_sdk.function.run import collect_rarely

ITEM = """\
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: app-{0:03}
    annotations:
      internal.config.kubernetes.io/path: 'apps-{0:03}.yaml'
  spec:
    replicas: 2 # one for each zone
    template:
      spec:
        containers:
        - name: server
          image: example.com/server:1.2.3
          args:
          - --port=8080
          ports:
          - containerPort: 8080
"""
LIST = "kind: ResourceList\nitems:\n" + "".join(ITEM.format(number) for number in range(400))


def nothing(_: ResourceList) -> None:
    """Do nothing."""


def one(resources: ResourceList) -> None:
    """Edit one."""
    for resource in resources.where("Deployment", name="app-007"):
        resource.set("spec.replicas", 5)


def every(resources: ResourceList) -> None:
    """Edit every one."""
    for resource in resources.where("Deployment"):
        resource.set("spec.replicas", 5)


def peak(function: Callable[[ResourceList], None], data: bytes) -> int:
    """Return the most bytes that a run holds at once."""
    tracemalloc.start()
    try:
        execute(function, data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("function", [nothing, one, every])
def test_memory_is_a_small_multiple_of_the_input(function: Callable[[ResourceList], None]) -> None:
    """Texts are held once, pieces are written as they come, and the trees of edited resources are not kept."""
    data = LIST.encode()
    execute(function, data)
    # What another thread allocates meanwhile counts as well: the least of some runs is the function's own.
    assert min(peak(function, data) for _ in range(3)) <= 5 * len(data)


def test_cycles_are_still_collected() -> None:
    """The collector is asked less often, and never turned off."""
    before = gc.get_threshold()
    try:
        collect_rarely()
        assert gc.isenabled()
        assert 0 < gc.get_threshold()[0] <= 100_000
    finally:
        gc.set_threshold(*before)
