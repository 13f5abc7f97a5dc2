"""HIPS autograd's old spellings, `fun.defvjp(...)`, which it still takes with a warning; and its table of rules."""

import warnings
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any

from .. import extend
from ..errors import NoRuleError
from ..graph import Primitive
from ..numpy.registry import primitives
from .spaces import vspace


def _warn(name: str) -> None:
    warnings.warn(f"The {name} method is deprecated: write autograd.extend.defvjp(fun, ...).", stacklevel=3)


def primitive(fun: Callable[..., Any]) -> Callable[..., Any]:
    """`extend.primitive`, with the old methods `defvjp`, `defgrad` and `defvjp_is_zero` on what it returns."""
    made = extend.primitive(fun)
    makers: dict[int, Callable[..., Any] | None] = {}

    def define() -> None:
        extend.defvjp(made, *makers.values(), argnums=makers.keys())

    def defvjp(rule: Callable[..., Any], argnum: int = 0) -> None:
        _warn("defvjp")

        def maker(out: Any, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
            return lambda g: rule(g, out, vspace(args[argnum]), vspace(g), *args, **kwargs)

        makers[argnum] = maker
        define()

    def defgrad(maker: Callable[..., Any], argnum: int = 0) -> None:
        _warn("defgrad")
        makers[argnum] = maker
        define()

    def defvjp_is_zero(argnums: Iterable[int] = (0,)) -> None:
        _warn("defvjp_is_zero")
        makers.update(dict.fromkeys(argnums))
        define()

    made.defvjp = defvjp  # type: ignore[attr-defined]
    made.defgrad = defgrad  # type: ignore[attr-defined]
    made.defvjp_is_zero = defvjp_is_zero  # type: ignore[attr-defined]
    return made


primitive_with_deprecation_warnings = primitive


class PrimitiveVjps(MutableMapping[Any, Callable[..., Any]]):
    """HIPS's table from primitives to `maker(argnums, out, args, kwargs)`, read from and written to our rules."""

    def __getitem__(self, fun: Any) -> Callable[..., Any]:
        made = getattr(fun, "primitive", fun)
        if not isinstance(made, Primitive) or not _has_rules(made):
            raise KeyError(fun)

        def maker(argnums: Iterable[int], out: Any, args: Any, kwargs: Any) -> Callable[[Any], Any]:
            return lambda g: tuple(made.rules[i](g, out, *args, **kwargs) for i in argnums)

        return maker

    def __setitem__(self, fun: Any, maker: Callable[..., Any]) -> None:
        extend.defvjp_argnums(fun, maker)

    def __delitem__(self, fun: Any) -> None:
        self[fun]
        extend.defvjp(fun)

    def __iter__(self) -> Iterator[Any]:
        return (p for p in primitives.values() if _has_rules(p))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _has_rules(made: Primitive) -> bool:
    try:
        return made.differentiable and made.rules[0] is not Ellipsis
    except (IndexError, NoRuleError):
        return bool(getattr(made, "rules", None))


primitive_vjps = PrimitiveVjps()
