"""From a question to typed events; the flow is in `answer`, a room for each of its steps."""
