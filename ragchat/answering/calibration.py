"""placeholder"""

DEFAULT_THRESHOLD = 0.44
THRESHOLD = "refusal_threshold"


def calibrate(generation: object, embedder: object) -> dict[str, float]:
    return {}
