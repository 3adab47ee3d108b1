"""Tools of other packages that an agent may call beside its search: entry points of the group `ragchat_tools`.

An installed package offers, the operator chooses (`RAGCHAT_AGENT_TOOLS`). What a tool returns is no source: a sentence
that rests on it alone has no citation, is told as not verified, and is left out where grounding is strict.
"""

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Final

from ragchat.errors import NotReady, UsageError

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

GROUP: Final = "ragchat_tools"
SETTING: Final = "RAGCHAT_AGENT_TOOLS"


def own_tools(names: Sequence[str]) -> "tuple[BaseTool, ...]":
    """The tools of these names: LangChain tools, or functions with a docstring.

    UsageError for a name that no package offers, NotReady for one that cannot be loaded.
    """
    if not names:
        return ()
    offered = {one.name: one for one in entry_points(group=GROUP)}
    for name in names:
        if name not in offered:
            known = ", ".join(sorted(offered)) or "none"
            raise UsageError(
                f"{SETTING}: no installed package offers the tool {name!r}.",
                hint=f"Offered as entry points of {GROUP}: {known}.",
                code="unknown_tool",
            )
    return tuple(_loaded(name, offered[name]) for name in names)


def _loaded(name: str, offer: EntryPoint) -> "BaseTool":
    from langchain_core.tools import BaseTool, StructuredTool  # langchain: 200 ms

    try:
        found = offer.load()
        if isinstance(found, BaseTool):
            return found
        made = {"coroutine": found} if iscoroutinefunction(found) else {"func": found}
        return StructuredTool.from_function(name=name, **made)
    except Exception as error:  # boundary: a package of somebody else's raises what it likes
        raise NotReady(
            f"The tool {name!r} cannot be loaded: {type(error).__name__}: {error}",
            hint=f"Mend or upgrade the package that offers it, or take it out of {SETTING}.",
            code="tool_not_loaded",
        ) from error
