"""The directives of docutils and Sphinx by what they are for a reader."""

from typing import Final


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


CODE: Final = _names(
    "code code-block sourcecode parsed-literal doctest prompt testcode productionlist ipython jupyter-execute"
)
DROPPED: Final = _names(
    """toctree contents include raw index meta highlight currentmodule module py:module py:currentmodule automodule
    autoclass autofunction automethod autosummary sectnum section-numbering default-role role testsetup testcleanup
    literalinclude header footer title graphviz digraph graph inheritance-diagram mermaid uml plot date replace unicode
    default-domain ifconfig restructuredtext-test-directive target-notes bibliography acks-none"""
)
NOTES: Final = {
    "attention": "Attention", "caution": "Caution", "danger": "Danger", "error": "Error", "hint": "Hint",
    "important": "Important", "note": "Note", "tip": "Tip", "warning": "Warning", "seealso": "See also",
    "todo": "To do",
}  # fmt: skip
CHANGES: Final = {
    "versionadded": "New in version {}", "versionchanged": "Changed in version {}",
    "deprecated": "Deprecated since version {}",
    "versionremoved": "Removed in version {}",
}  # fmt: skip
QUOTED: Final = _names("admonition topic sidebar epigraph highlights pull-quote card grid-item-card")
"""Their argument is a title, their content is set apart."""
UNFOLDED: Final = _names("tab tab-item dropdown details collapse group-tab code-tab tab-set-code faq")
OBJECTS: Final = _names(
    """function class method attribute data exception decorator staticmethod classmethod property module-function option
    cmdoption confval envvar describe object setting event macro type enum member var struct namespace directive role
    rst:directive rst:role http:get http:post http:put http:delete http:patch program-option"""
)
"""Descriptions of something by its signature."""
PICTURES: Final = _names("image figure")


def plain_name(name: str) -> str:
    """A directive's name without its domain: "py:function" is "function"."""
    return name.lower().rpartition(":")[2]
