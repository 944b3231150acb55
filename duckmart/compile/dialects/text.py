"""Text as the dialects have it: patterns, prefixes and suffixes, lowercase, order, quoted names."""

from collections.abc import Callable

from sqlglot import exp

from duckmart.compile.dialects.calls import call
from duckmart.compile.dialects.windows import sort_keys


def without_escape(node: exp.Like) -> exp.Expr:
    """A LIKE in which a backslash is a plain character, where it would escape by default."""
    if "\\" not in node.expression.name:
        return node
    like = exp.Like(this=node.this, expression=node.expression)
    return exp.Escape(this=like, expression=exp.Literal.string(""))


def with_doubled_backslashes(node: exp.Like) -> exp.Expr:
    """The same where the dialect has no way to turn escapes off."""
    node.set("expression", exp.Literal.string(node.expression.name.replace("\\", "\\\\")))
    return node


def prefix_is(node: exp.StartsWith) -> exp.Expr:
    return exp.EQ(
        this=exp.Left(this=node.this, expression=_length(node.expression)), expression=node.expression
    )


def suffix_is(node: exp.EndsWith) -> exp.Expr:
    return exp.EQ(
        this=exp.Right(this=node.this, expression=_length(node.expression)), expression=node.expression
    )


def substring_from_end_is(node: exp.EndsWith) -> exp.Expr:
    """A suffix compared in a dialect without RIGHT."""
    suffix = exp.Substring(this=node.this, start=exp.Neg(this=_length(node.expression)))
    return exp.EQ(this=suffix, expression=node.expression)


def prefix(node: exp.Substring) -> exp.Expr:
    return exp.Left(this=node.this, expression=node.args["length"])


def _length(text: exp.Expr) -> exp.Expr:
    """How many characters a text has: as a number where the text is a literal."""
    if isinstance(text, exp.Literal):
        return exp.Literal.number(len(text.name))
    return exp.Length(this=text.copy())


def order_by_code_point(node: exp.Order) -> exp.Expr:
    for key in sort_keys(node):
        if _is_text(key):
            key.replace(_by_code_point(key.copy()))
    return node


def extreme_by_code_point(node: exp.Min | exp.Max) -> exp.Expr:
    if _is_text(node.this):
        node.set("this", _by_code_point(node.this))
    return node


def md5_by_code_point(node: exp.MD5) -> exp.Expr:
    return _by_code_point(exp.MD5(this=node.this))


def _by_code_point(text: exp.Expr) -> exp.Expr:
    return exp.Collate(this=text, expression=exp.to_identifier("C", quoted=True))


def _is_text(node: exp.Expr) -> bool:
    """Whether the compiler marked the node as text: a tree alone does not tell, only the catalog does."""
    return node.type is not None and node.is_type(*exp.DataType.TEXT_TYPES)


def lower_one_to_one(node: exp.Lower) -> exp.Expr:
    return exp.Lower(this=_simply_lowered(node.this, "TRANSLATE"))


def lower_utf8(node: exp.Lower) -> exp.Expr:
    return call("lowerUTF8", _simply_lowered(node.this, "translateUTF8"))


def _simply_lowered(text: exp.Expr, translate: str) -> exp.Expr:
    """The text with Σ and İ lowered: engines give these two another letter in context, or two letters."""
    if isinstance(text, exp.Literal) and not {"İ", "Σ"} & set(text.name):
        return text
    return call(translate, text, exp.Literal.string("İΣ"), exp.Literal.string("iσ"))


def quote(reserved: str) -> Callable[[exp.Identifier], exp.Expr]:
    """A change that quotes the names among these words."""
    words = frozenset(reserved.split())

    def change(node: exp.Identifier) -> exp.Expr:
        node.set("quoted", node.args.get("quoted") or node.name in words)
        return node

    return change
