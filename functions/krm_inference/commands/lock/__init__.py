"""krmfn lock: write the digests of a package's images into its ImageLock, as their registries have them.

May import: the SDK, the domain and `command.py`.
"""

from __future__ import annotations

USAGE = """\
usage: krmfn lock [--update] [--check] [--image IMAGE]... PACKAGE...

Write the digest of each image that the LLMServices of a package run into its ImageLock, so that a tag that becomes
another image changes nothing. Without a lock, image-lock.yaml is made. Registries are asked over HTTPS, those on the
loopback address over HTTP, with the logins of Docker's config.json. Digests that are there stay; comments and order
do. Where an image has no digest to be had, all of them are said and no file is changed.

  --update        ask again for images that have a digest, and write what their tags are now
  --check         write nothing; the exit status is 1 where something would be written
  --image IMAGE   lock this one too, such as one that only an overlay runs; may be given again"""


def main(arguments: list[str]) -> int:
    """Be the command and return its exit status: 1 where a digest is missing, 2 for misuse."""
    import sys

    from krm_functions_sdk.function.command_line import Misuse

    from krm_inference.commands.lock import locking

    if {"--help", "-h"} & {*arguments}:
        print(USAGE)
        return 0
    try:
        output, errors, status = locking.lock(_read(arguments))
    except Misuse as misuse:
        print(f"krmfn lock: {misuse}", file=sys.stderr)
        return 2
    print(errors, end="", file=sys.stderr)
    print(output, end="")
    return status


def _read(arguments: list[str]) -> locking.Order:
    """Return what is asked for. Raises Misuse."""
    from krm_functions_sdk.function.command_line import Misuse

    from krm_inference.commands.command import taken
    from krm_inference.commands.lock import locking, registry

    images: list[str] = []
    while True:
        image, arguments = taken(arguments, ("--image",))
        if image is None:
            break
        if registry.fault(image):
            raise Misuse(f"--image: found {image or 'nothing'}, {registry.fault(image)}")
        images.append(image)
    flags = {one for one in arguments if one.startswith("-")}
    if wrong := sorted(flags - {"--update", "--check"}):
        raise Misuse(f"unknown option {wrong[0]!r}; see --help")
    paths = [one for one in arguments if not one.startswith("-")]
    if not paths:
        raise Misuse("expected a PACKAGE")
    return locking.Order(paths, images, is_update="--update" in flags, is_check="--check" in flags)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_inference.commands.lock import locking
