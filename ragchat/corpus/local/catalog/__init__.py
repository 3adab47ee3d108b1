"""The rows: schema, connections, values to rows and back, which rows live in a generation."""
