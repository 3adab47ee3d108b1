"""Sources that are no folders: a web site, a git repository. Each is brought into a folder of its own (a mirror), which
is then ingested like any other; what is gone at the source is gone from the mirror, and so from the index.

A remote brings a mirror in line and knows nothing of documents; the address is the root's identity. `bringing.bring`
does it and is imported where it is used: it needs an HTTP client.
"""

from ingest.remote.addresses import is_address
from ingest.remote.brought import Brought, SiteOptions

__all__ = ["Brought", "SiteOptions", "is_address"]
