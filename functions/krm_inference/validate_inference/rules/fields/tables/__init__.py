"""Fields of the custom kinds: their types, bounds and enums, one field a line.

`path type bounds format keys`: `!` after a path says that the field is required, `[]` is an item of a list, `{}` the
value of any key of a map. Bounds are those of the number, of the text's length or of the count of items; a `code` is
one of some numbers. `by:` says the fields by which a list is merged, `set` that its items differ. Of several releases
the widest holds. `make tables` writes the modules from the CRDs.

May import: one another.
"""

from __future__ import annotations

from krm_inference.validate_inference.rules.fields.tables import gateway, gke, inference, monitoring

TABLES = {**inference.TABLES, **gateway.TABLES, **gke.TABLES, **monitoring.TABLES}
