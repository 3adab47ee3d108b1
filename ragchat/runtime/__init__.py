"""Settings to a running service: builds everything once, and nothing before it is entered."""
