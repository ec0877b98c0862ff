"""The same with ruamel.yaml, which keeps comments."""

import sys

from ruamel.yaml import YAML  # type: ignore[import-not-found]  # it is in build/ruamel, for this script only

if __name__ == "__main__":
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.dump(yaml.load(sys.stdin), sys.stdout)
