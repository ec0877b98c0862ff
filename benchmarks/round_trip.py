"""The same with ruamel.yaml, which keeps comments."""

import sys

from ruamel.yaml import YAML

if __name__ == "__main__":
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.dump(yaml.load(sys.stdin), sys.stdout)
