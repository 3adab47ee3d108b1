"""The storage contract: values, the protocols that every store keeps, and `open_stores`, which alone knows the implementations."""
