"""What a verification finds wrong."""

# A journal that is wrong everywhere would fill the memory with sentences.
_MOST_NAMED = 100


class Findings:
    """Sentences about what is not as it must be: all counted, the first ones kept."""

    def __init__(self) -> None:
        self.count = 0
        self.named: list[str] = []

    def add(self, difference: str) -> None:
        """Notes one difference."""
        self.count += 1
        if len(self.named) < _MOST_NAMED:
            self.named.append(difference)
