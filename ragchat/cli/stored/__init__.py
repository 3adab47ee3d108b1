"""Commands about what the server stores beside the indexes."""
