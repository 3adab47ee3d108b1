"""The answer without a model: units of the documents, the choice among them, the quotes that are said."""
