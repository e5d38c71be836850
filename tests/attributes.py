"""Attributes as the sources read and write them, found in their trees."""

import ast
import re


def is_own(attribute):
    """Whether it is read of the object itself: `self.x`, `cls.x`, `super().x`."""
    of = attribute.value
    if isinstance(of, ast.Call):
        of = of.func
    return isinstance(of, ast.Name) and of.id in ("self", "cls", "super")


def private_attributes(nodes):
    """Nodes that read an attribute with one leading underscore."""
    for node in nodes:
        if isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr):
            yield node


def spelt(nodes):
    """Calls that ask for an attribute by its name as text, and that name."""
    for node in nodes:
        match node:
            case ast.Call(
                func=ast.Name(id="getattr" | "setattr" | "hasattr"),
                args=[_, ast.Constant(value=str(name)), *_],
            ):
                yield node, name


def own_attributes(nodes):
    """Names that classes define or give themselves."""
    for node in nodes:
        match node:
            case ast.Attribute(ctx=ast.Store()) if is_own(node):
                yield node.attr
            case ast.ClassDef(body=body):
                for part in body:
                    match part:
                        case ast.FunctionDef(name=name):
                            yield name
                        case ast.Assign(targets=[*_, ast.Name(id=name)]):
                            yield name
                        case ast.AnnAssign(target=ast.Name(id=name)):
                            yield name
