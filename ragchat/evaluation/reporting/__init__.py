"""Results for people: tables, the HTML report, the difference between two runs. Nothing is measured here."""
