"""The answer with a model: prompt, upstream call, what comes back as sentences and markers, agent mode."""
