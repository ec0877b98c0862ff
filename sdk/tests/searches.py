"""How many examples hypothesis tries: as many as CI does, or fewer near by, as the repository's conftest.py says."""

import os

EXAMPLES = 30 if os.environ.get("SEARCH") == "near" else 100
