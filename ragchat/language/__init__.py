"""Everything that depends on a language: one table each (tables/CODE.toml), and code that is alike for all.

Values and their reading (language, reading, tables), index terms (analysis), sentence boundaries (sentences,
full_stops), figures and dates (figures, numbers, bounds), and which language a text is in (detection). No word of a
language stands in code.
"""
