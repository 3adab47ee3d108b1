"""Fetching from addresses that others may have a say in (links, redirects, sitemaps): one fetcher, safe by default.

What is fetched and what is made of it is not decided here (see ingest.remote).
"""

from ingest.fetching.fetcher import Fetched, Fetcher, FetchFailed, Limits

__all__ = ["FetchFailed", "Fetched", "Fetcher", "Limits"]
