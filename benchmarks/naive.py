"""What many scripts do: load the stream with PyYAML's C classes, and dump it; with `load` they only load it."""

import sys

import yaml

if __name__ == "__main__":
    documents = yaml.load_all(sys.stdin, Loader=yaml.CSafeLoader)
    if sys.argv[1:] == ["load"]:
        for _ in documents:
            pass
    else:
        yaml.dump_all(documents, sys.stdout, Dumper=yaml.CSafeDumper, sort_keys=False)
