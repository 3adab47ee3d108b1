"""Addresses and bodies of older services, so that their clients need no change; outside the schema. Each is the same
answer, store or job as under /v1, in other words; what is new is built there and not here.
"""
