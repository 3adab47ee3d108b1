"""What Office draws: pictures with their descriptions, charts with their data, diagrams with their words."""
