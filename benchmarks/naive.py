"""What many scripts do: load the stream with PyYAML's C classes, and dump it."""

import sys

import yaml

if __name__ == "__main__":
    yaml.dump(yaml.load(sys.stdin, Loader=yaml.CSafeLoader), sys.stdout, Dumper=yaml.CSafeDumper, sort_keys=False)
