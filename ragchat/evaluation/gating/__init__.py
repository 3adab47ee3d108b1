"""What must hold before a generation is published: requirements as a person writes them, and the gate that asks."""
