"""What was asked: small talk told apart, a follow-up made to stand alone, names and figures taken out of it."""
