"""Single calls of a model: streamed and retried (upstream), without its thoughts (thinking), and what one is asked for
beside the answer: a question in words of its own, a verdict on a message, an answer once more.
"""
