"""From a question to passages and blocks: search, ranking, the second reader, windows; LangChain adapters beside it.

Nothing here knows how an answer is made, nor what keeps the index."""
