"""Answers in the words of OpenAI's API, as far as its own client reads them: completions, responses, errors.

Encoders of the one event stream; what only we know (quotes, spans, refusals) goes along as `ragchat`, a field that
clients ignore.
"""
