"""The data of server-sent events, cut out of bytes as they come (WHATWG HTML, "Server-sent events").

Only what a model's stream needs: names, ids and comments are passed over, and lines are never made text of their own.
Each byte is looked at once, however the bytes are cut.
"""


class EventData:
    """Fed with bytes, gives the data of each event that has ended."""

    def __init__(self) -> None:
        self._unended: list[bytes] = []
        self._lines: list[bytes] = []
        self._returned = False

    def feed(self, data: bytes) -> list[bytes]:
        """What ended with these bytes, in order. An event without its empty line at the end of a stream is none."""
        if self._returned:  # with what comes now, it may have been half of a line's end
            data = data.removeprefix(b"\n")
        self._returned = data.endswith(b"\r")
        if b"\n" not in data and b"\r" not in data:
            self._unended.append(data)
            return []
        lines = b"".join((*self._unended, data)).splitlines(keepends=True)
        self._unended = [lines.pop()] if not lines[-1].endswith((b"\n", b"\r")) else []
        return [event for line in lines if (event := self._line(line.rstrip(b"\r\n"))) is not None]

    def _line(self, line: bytes) -> bytes | None:
        """The event's data where the line ends one that has some."""
        if not line:
            event, self._lines = self._lines, []
            return b"\n".join(event) if event else None
        name, _, value = line.partition(b":")
        if name == b"data":
            self._lines.append(value.removeprefix(b" "))
        return None
