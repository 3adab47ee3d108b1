"""Numbers, dates, units and bounds in one spelling, whatever language they are written in."""
