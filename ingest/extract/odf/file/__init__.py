"""The file itself: its parts opened, its namespaces, what it says about itself, and what its body holds so far."""
