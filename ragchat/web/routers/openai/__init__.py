"""OpenAI's API over our answers: a model is a collection. What its clients send that we have no use for is ignored;
what we cannot do is refused by name.
"""
