"""The corpus floor: the storage contract and the stores that keep it.

`contract` and `values` are what the floors above know of storage; `opening` alone knows which stores there are. Beside
them stands what all stores share, so that none decides it anew: what filters mean, which words a chunk is found by,
what is refused and in which words. `local` keeps collections in a folder, `memory` shows the contract in few lines.
"""
