"""One module per resource. Routers validate, call the service or the store, and shape the reply; nothing else."""
