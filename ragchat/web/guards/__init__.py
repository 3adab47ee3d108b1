"""What every request passes before a route sees it: request ids and headers, the size of its body, its host."""
