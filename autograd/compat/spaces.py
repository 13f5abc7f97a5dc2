"""HIPS autograd's vector spaces: zero, sum, inner product and basis for arrays and nests of arrays."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

from .. import numpy as anp
from ..graph import Tensor
from ..tree import flatten, leaves_like


class VSpace:
    """The vector space that a value lives in; two are equal if structure, shapes and dtypes are."""

    mappings: ClassVar[dict[type, Callable[[Any], "VSpace"]]] = {}
    iscomplex = False
    size: int
    shape: Any

    def __init__(self, value: Any) -> None:
        pass

    def zeros(self) -> Any:
        """The zero vector."""
        raise NotImplementedError

    def ones(self) -> Any:
        """The sum of the standard basis."""
        raise NotImplementedError

    def standard_basis(self) -> Iterator[Any]:
        """Unit vectors, one a real dimension."""
        raise NotImplementedError

    def randn(self) -> Any:
        """A vector of standard normal numbers, from NumPy's global generator."""
        raise NotImplementedError

    def add(self, x: Any, y: Any) -> Any:
        """x + y."""
        return self._add(x, y)

    def mut_add(self, x: Any, y: Any) -> Any:
        """x + y, where x may be None; nothing is changed in place."""
        return self._mut_add(self.zeros() if x is None else x, y)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """a x for a number a."""
        return self._scalar_mul(x, a)

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The real inner product."""
        return self._inner_prod(x, y)

    def covector(self, x: Any) -> Any:
        """The complex conjugate."""
        return self._covector(x)

    def _add(self, x: Any, y: Any) -> Any:
        return x + y

    def _mut_add(self, x: Any, y: Any) -> Any:
        return self._add(x, y)

    def _scalar_mul(self, x: Any, a: Any) -> Any:
        return x * a

    def _inner_prod(self, x: Any, y: Any) -> Any:
        raise NotImplementedError

    def _covector(self, x: Any) -> Any:
        return x

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        public = {name: value for name, value in self.__dict__.items() if not name.startswith("_")}
        return f"{type(self).__name__}_{public}"

    @classmethod
    def register(cls, value_type: type, vspace_maker: Callable[[Any], "VSpace"] | None = None) -> None:
        """Say that values of a type live in this space."""
        VSpace.mappings[value_type] = vspace_maker or cls


class ArrayVSpace(VSpace):
    """Real arrays of one shape and dtype."""

    def __init__(self, value: Any) -> None:
        value = np.asarray(value)
        self.shape = value.shape
        self.dtype = value.dtype

    @property
    def size(self) -> int:  # type: ignore[override]
        return int(np.prod(self.shape))

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def zeros(self) -> Any:
        return np.zeros(self.shape, self.dtype)

    def ones(self) -> Any:
        return np.ones(self.shape, self.dtype)

    def standard_basis(self) -> Iterator[Any]:
        for index in np.ndindex(self.shape):
            unit = np.zeros(self.shape, self.dtype)
            unit[index] = 1
            yield unit

    def randn(self) -> Any:
        return np.asarray(np.random.randn(*self.shape)).astype(self.dtype)  # noqa: NPY002 - as seeded by clients

    def _inner_prod(self, x: Any, y: Any) -> Any:
        return anp.sum(x * y)


class ComplexArrayVSpace(ArrayVSpace):
    """Complex arrays, a space of twice as many real dimensions."""

    iscomplex = True

    @property
    def size(self) -> int:  # type: ignore[override]
        return 2 * int(np.prod(self.shape))

    def ones(self) -> Any:
        return np.full(self.shape, 1 + 1j, self.dtype)

    def standard_basis(self) -> Iterator[Any]:
        for unit in super().standard_basis():
            yield unit
            yield unit * self.dtype.type(1j)

    def randn(self) -> Any:
        return super().randn() + super().randn() * self.dtype.type(1j)

    def _inner_prod(self, x: Any, y: Any) -> Any:
        return anp.real(anp.sum(anp.conj(x) * y))

    def _covector(self, x: Any) -> Any:
        return anp.conj(x)


class ContainerVSpace(VSpace):
    """Lists, tuples and dicts: the direct sum of their items' spaces, kept in a nest of the same form in `shape`."""

    def __init__(self, value: Any) -> None:
        leaves, self._rebuild = flatten(value)
        self._spaces = [vspace(leaf) for leaf in leaves]
        self.shape = self._rebuild(self._spaces)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.shape == other.shape

    __hash__ = None

    def _leaves(self, nest: Any) -> list[Any]:
        return leaves_like(nest, self.shape, "vector")

    def _map(self, method: str, *nests: Any) -> Any:
        columns = [self._leaves(nest) for nest in nests]
        return self._rebuild([getattr(s, method)(*items) for s, *items in zip(self._spaces, *columns, strict=True)])

    @property
    def size(self) -> int:  # type: ignore[override]
        return sum(s.size for s in self._spaces)

    def zeros(self) -> Any:
        return self._map("zeros")

    def ones(self) -> Any:
        return self._map("ones")

    def randn(self) -> Any:
        return self._map("randn")

    def standard_basis(self) -> Iterator[Any]:
        for i, space in enumerate(self._spaces):
            for unit in space.standard_basis():
                leaves, rebuild = flatten(self.zeros())
                leaves[i] = unit
                yield rebuild(leaves)

    def _add(self, x: Any, y: Any) -> Any:
        return self._map("_add", x, y)

    def _mut_add(self, x: Any, y: Any) -> Any:
        return self._map("_mut_add", x, y)

    def _scalar_mul(self, x: Any, a: Any) -> Any:
        return self._rebuild([s._scalar_mul(item, a) for s, item in zip(self._spaces, self._leaves(x), strict=True)])

    def _inner_prod(self, x: Any, y: Any) -> Any:
        columns = self._leaves(x), self._leaves(y)
        return sum(s._inner_prod(a, b) for s, a, b in zip(self._spaces, *columns, strict=True))

    def _covector(self, x: Any) -> Any:
        return self._map("_covector", x)


class SequenceVSpace(ContainerVSpace):
    """Lists and tuples."""


class ListVSpace(SequenceVSpace):
    """Lists."""


class TupleVSpace(SequenceVSpace):
    """Tuples."""


class NamedTupleVSpace(SequenceVSpace):
    """Named tuples, such as the results of eigh and svd."""


class DictVSpace(ContainerVSpace):
    """Dicts."""


class SparseObject:
    """A cotangent in HIPS's sparse form: `mut_add` adds it to an array."""

    __slots__ = ("mut_add", "vs")

    def __init__(self, vs: VSpace, mut_add: Callable[[Any], Any]) -> None:
        self.vs = vs
        self.mut_add = mut_add


def vspace(value: Any) -> VSpace:
    """The space that a value lives in.

    Raises:
        TypeError: values of this type (integers, strings) are not vectors.
    """
    if isinstance(value, Tensor):
        value = value._value
    maker = VSpace.mappings.get(type(value))
    if maker is None and isinstance(value, tuple):
        maker = NamedTupleVSpace
    if maker is None:
        raise TypeError(f"Can't find vector space for value {value} of type {type(value)}")
    return maker(value)


VSpace.register(np.ndarray, lambda x: ComplexArrayVSpace(x) if np.iscomplexobj(x) else ArrayVSpace(x))
for _type in (float, np.longdouble, np.float64, np.float32, np.float16):
    ArrayVSpace.register(_type)
for _complex in (complex, np.clongdouble, np.complex64, np.complex128):
    ComplexArrayVSpace.register(_complex)
ListVSpace.register(list)
TupleVSpace.register(tuple)
DictVSpace.register(dict)
VSpace.register(SparseObject, lambda x: x.vs)
