"""Many streams at once: ragchat over a scripted model's service, beside a bare streamer, client and server on one
machine."""
