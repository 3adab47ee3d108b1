"""How the streams of chat models are read, where the way of their libraries costs too much or gives up too early."""
