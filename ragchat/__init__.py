"""ragchat: answers questions from your documents only, and proves every citation.

Nothing is imported here: `import ragchat` costs nothing, and every part is imported from the module it lives in.
"""

__version__ = "0.1.0"
