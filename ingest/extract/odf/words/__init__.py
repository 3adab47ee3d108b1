"""What stands in a paragraph: its words with their looks, the styles behind these, lists and how they count."""
