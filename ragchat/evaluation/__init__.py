"""Measuring with golden questions: what they hold, one pass over them, measures, figures, gates and calibration.

What is measured is what is served (product); results are printed by the command line and `reporting`."""
