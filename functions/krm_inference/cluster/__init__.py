"""What a cluster does with our manifests: what a change does to what runs, and what a server fills in by itself.

`krmfn diff` finds both tables by their entry points. May import: the SDK, the domain and `manifests`.
"""
