"""What a run of validate-inference says to CI and to people: formats, what fails it, and what is known already.

Holds the command line of a check, the formats, and baselines. May import: the SDK, the rules, and the function itself.
"""
