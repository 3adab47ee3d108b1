"""Lists whose items hold more than one paragraph, also below a list inside of them."""

from ingest.extract.assembly.levels import LevelledLists


class NestedLists(LevelledLists):
    """Levelled lists that an item of an outer list can go on in."""

    def go_on(self, level: int, text: str) -> None:
        """A further paragraph of the item that is open at a level."""
        while len(self._open) > 1 and self._open[-1].place > level:
            self._leave()
        self.listing.paragraph(text)
