"""What many scripts do: load the stream with PyYAML's C classes, and dump it."""

import sys

import yaml

if __name__ == "__main__":
    documents = yaml.load_all(sys.stdin, Loader=yaml.CSafeLoader)
    yaml.dump_all(documents, sys.stdout, Dumper=yaml.CSafeDumper, sort_keys=False)
