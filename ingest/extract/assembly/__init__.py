"""What every extractor puts a document together with: the builder, inline marks, lists, what paragraphs tell."""
