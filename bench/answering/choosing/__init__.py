"""Fitting and measuring the choice of quotes: candidates of questions with known answers, judged, learned from."""
