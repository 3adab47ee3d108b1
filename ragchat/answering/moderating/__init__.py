"""What must not pass, on the way in and on the way out: secrets and identity numbers are taken out, configured words
flagged or blocked, and a model may be asked whether a message is to be answered at all. Here are no word lists.
"""
