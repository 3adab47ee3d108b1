"""The proof that rows and files agree: verify."""
