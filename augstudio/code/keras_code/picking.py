"""Take from a file of code only what is needed of it."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def picked(source: str, wanted: Iterable[str]) -> tuple[str, str]:
    """The imports and the definitions that some names of a module need, in its own order.

    Parameters
    ----------
    source : str
        A module of imports, functions and classes, whose names are all different.
    wanted : iterable of str
        Names; those that the module does not define may be there as well, and need its imports.

    Returns
    -------
    (str, str)
        Import statements, in blocks as they stood, and definitions with two blank lines between; either may be empty.
    """
    tree = ast.parse(source)
    lines = source.splitlines()
    definitions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    needed: set[str] = set()
    ahead = list(wanted)
    while ahead:
        name = ahead.pop()
        if name not in needed:
            needed.add(name)
            ahead += _names(definitions[name]) if name in definitions else []
    texts = []
    for name, node in definitions.items():
        if name in needed:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            texts.append("\n".join(lines[first - 1 : node.end_lineno]))
    return _imports(tree, needed), "\n\n\n".join(texts)


def _names(node: ast.AST) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


def _imports(tree: ast.Module, needed: set[str]) -> str:
    """The imports of needed names: the standard library's, then the others."""
    blocks: tuple[list[str], list[str]] = ([], [])
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            if needed.isdisjoint(alias.asname or alias.name for alias in node.names):
                continue
            module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            blocks[module not in _STANDARD].append(ast.unparse(node))
    return "\n\n".join("\n".join(block) for block in blocks if block)


_STANDARD = ("itertools", "math")
