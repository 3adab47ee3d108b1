"""The HTTP face: routers, problems, limits and static files around one `Service`; nothing of the answer flow."""
