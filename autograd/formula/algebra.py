"""Simplifying the elementwise regions: cancel, factor, and write old values through later ones the user named."""

from collections.abc import Iterator
from itertools import combinations
from math import lcm, prod
from typing import Any

from .conditions import Conditions, Fact
from .index import Atom, Value, is_eye
from .lazy import sympy
from .picking import one_of_each_row
from .table import Table

FACTORABLE = 24  # terms of a polynomial that is still to be factored
LARGEST = 80  # terms when multiplied out; an expression of more is left as it is, for cancelling would take long


class Algebra(Conditions):
    """Rewrites expressions of one table to the ones that are shortest to read.

    What it may use: the laws of fractions and polynomials (SymPy's `cancel` and `factor`), that a condition squared is
    itself, and the definitions of the named values.
    """

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self.facts: dict[Atom, list[Fact]] = {}
        self.done: dict[Any, Any] = {}
        self.open_sums: set[Any] = set()

    def learn(self, name: Value, definition: Value, rewrite: bool = True) -> None:
        """Remember how a named value was made, so that its parts can be written through it."""
        if definition.expr.is_Number or definition.expr == name.expr:
            return
        fact = Fact(name.expr, definition.expr)
        self.defined.append(fact)
        for atom in dict.fromkeys(a for a, _ in self.table.views_of(definition.expr)) if rewrite else ():
            self.facts.setdefault(atom, []).append(fact)
        self.done.clear()

    def reduce(self, expr: Any) -> Any:
        """The simplest form found."""
        if expr not in self.done:
            result = list(self.moves(expr))[-1][1]
            self.done[expr] = self.done[result] = result
        return self.done[expr]

    def moves(self, expr: Any) -> Iterator[tuple[str, Any]]:
        """The way from an expression to its simplest form: what was done, and what it then reads."""
        yield "chain rule", expr
        if expr.is_Number:
            return
        best = expr
        while True:
            shorter = ((name, new) for name, new in self.through_names(best) if self.better(new, best))
            name, new = next(shorter, ("", None))
            if new is None:
                break
            best = new
            yield f"by the definition of {name}", best
        one = self.joined(best)
        if one != best:
            best = one
            yield "sums over the same axis taken together", best
        yield from self.fractions(best)

    def joined(self, expr: Any) -> Any:
        """Two sums over an axis of the same length as one, where that is shorter: Xᵀ a - Xᵀ b is Xᵀ (a - b)."""
        for a, b in combinations(expr.args, 2) if expr.is_Add else ():
            one = self.one_sum(a, b)
            if one is not None and self.table.size(one) < self.table.size(a + b):
                return self.joined(expr - a - b + one)
        return expr

    def one_sum(self, a: Any, b: Any) -> Any:
        """The sum of two terms, each a number or scalar times a sum over one label, as one such sum of a product."""
        parts = []
        for term in (a, b):
            sums = [
                s for s in sympy().Mul.make_args(term) if s in self.table.views and self.table.views[s][0].kind == "sum"
            ]
            if len(sums) != 1 or len(self.table.views[sums[0]][0].bound) != 1:
                return None
            (body,), bound = self.table.open(*self.table.views[sums[0]])
            parts.append((term / sums[0], body, bound))
        (scale, body, bound), (other, more, own) = parts
        if not (other / scale).is_Number or list(bound.values()) != list(own.values()):
            return None
        whole = self.reduce(body + other / scale * self.table.relabel(more, dict(zip(own, bound, strict=True))))
        mixed = any(len(self.table.labels(f) - set(bound)) > 1 for f in sympy().Mul.make_args(whole))
        return None if mixed or whole.is_Add else scale * self.table.sum_product(whole, bound)

    def better(self, new: Any, old: Any) -> bool:
        """Whether there is less to read, and nothing to divide by that was no divisor before.

        A divisor may also come from the making of a named value: x = p S after p = x / S has been computed.
        """
        simple, simple_old = self.tidy(new), self.tidy(old)
        if self.table.size(simple) >= self.table.size(simple_old):
            return False
        allowed = self.divisors(old) | self.divisors(simple_old)
        for fact in self.defined:
            allowed |= self.divisors(fact.definition)
            if fact.definition.is_Pow and fact.definition.exp.is_negative:  # 1 / x is never 0
                allowed.add(frozenset([self.table.views[fact.name][0]]))
        return self.divisors(simple) <= allowed

    def divisors(self, expr: Any) -> set[frozenset[Atom]]:
        """What an expression divides by, as the atoms in each divisor."""
        found: set[frozenset[Atom]] = {frozenset()}
        for power in expr.atoms(sympy().Pow):
            if power.exp.is_negative:
                factors = sympy().Mul.make_args(power.base)
                found |= {frozenset(self.source(atom) for atom, _ in self.table.views_of(f)) for f in factors}
        return found

    def source(self, atom: Atom) -> Atom:
        """What an atom only gives a name to, as w does to the first result of eigh(S); or itself."""
        for fact in self.defined:
            if fact.definition.is_Symbol and self.table.views[fact.name][0] is atom:
                return self.table.views[fact.definition][0]
        return atom

    def tidy(self, expr: Any) -> Any:
        """The shortest of the forms that cancelling and factoring give."""
        if ("tidy", expr) not in self.done:
            self.done["tidy", expr] = list(self.fractions(expr))[-1][1]
        return self.done["tidy", expr]

    def picked_sum(self, body: Any, bound: dict[int, int]) -> Any:
        """The sum over columns of P ∘ one_hot(y) is P[arange(m), y]."""
        for f in body.args if body.is_Mul and len(body.args) == 2 else ():
            (hot, labels), (atom, own) = self.table.views.get(f, (None, ())), self.table.views.get(body / f, (None, ()))
            if hot and atom and hot.op == "one_hot" and own == labels and list(labels[1:]) == list(bound):
                made = one_of_each_row(self.table, self.table.whole(atom), hot.parts[0])
                return self.table.relabel(made.expr, {-1: labels[0]})
        return None

    def known_sum(self, body: Any, bound: dict[int, int]) -> Any:
        """A value may add up to a number by what it was computed from, as (x - mean) / sigma does to 0."""
        if body in self.open_sums:
            return None
        picked = self.picked_sum(body, bound)
        if picked is not None:
            return picked
        atom, labels = self.table.views.get(body, (None, ()))
        if atom is not None and atom.kind == "call" and atom.op == "softmax":
            return sympy().Integer(1) if [labels[atom.options["axis"]]] == list(bound) else None
        definition = self.meaning(body)
        if (definition == body and not body.is_Add) or terms(definition) > LARGEST:
            return None
        self.open_sums.add(body)
        try:
            parts = sympy().Add.make_args(sympy().expand(definition))
            sums = [self.table.sum_product(p, bound) for p in parts]
            total = self.reduce(sympy().Add(*sums))
        finally:
            self.open_sums.discard(body)
        return total if total.is_Number else None

    def fractions(self, expr: Any) -> Iterator[tuple[str, Any]]:
        """One denominator, cancelled; products multiplied out; common factors taken out: each if it is a step on."""
        sp = sympy()
        if expr.is_Atom or terms(expr) > LARGEST or expr.has(sp.oo, -sp.oo, sp.nan, sp.I):
            yield "simplified", expr
            return
        once = self.conditions(expr)
        if any(map(self.guarded, once.atoms(sp.Add))):
            parts = [list(self.fractions(part))[-1][1] for part in once.args]
            yield "part by part", once.func(*parts) if once.is_Add or once.is_Mul else once
            return
        hidden, back = without_shifts(once)
        joined = sp.together(hidden)
        yield "one common denominator", joined.xreplace(back)
        cancelled = self.conditions(sp.cancel(hidden))
        yield "cancelled and multiplied out", cancelled.xreplace(back)
        whole = self.conditions(joined)
        number, rest = self.content(hidden)
        apart = hidden if number == 1 else sp.Mul(number, rest, evaluate=False)  # 2 (a / n + b), not 2 (a + n b) / n
        forms = [hidden, apart, sp.factor_terms(whole), whole, cancelled, sp.factor_terms(cancelled)]
        if terms(cancelled) <= FACTORABLE:
            forms.append(sp.factor(cancelled))
        if hidden.is_Add and len(hidden.args) == 2:  # 2 (x - s / n) / n rather than 2 (n x - s) / n²
            small, scale = sorted((t.as_coeff_Mul()[0] for t in hidden.args), key=abs)
            if scale.is_Rational and scale.q > 1 and abs(scale / small).is_Integer and abs(scale / small) > 2:
                forms.append(sp.Mul(scale, sp.expand_mul(hidden / scale), evaluate=False))
        shortest = min((form.xreplace(back) for form in reversed(forms)), key=self.table.size)
        if any(is_eye(atom) for atom, _ in self.table.views_of(expr)):
            shortest = sp.expand(cancelled).xreplace(back)  # diag(p) - p pᵀ rather than p (I - p)
        yield "common factors taken out", shortest

    def content(self, expr: Any) -> tuple[Any, Any]:
        """The number that all terms of a sum share, named sizes in it, and the rest."""
        number, rest = expr.as_content_primitive() if expr.is_Add else (sympy().Integer(1), expr)
        for size in (s for s in expr.free_symbols if s.name in self.table.sizes_named and s not in self.table.views):
            exponents = {t.as_powers_dict().get(size, 0) for t in sympy().Add.make_args(rest)}
            if len(exponents) == 1 and rest.is_Add:
                power = size ** exponents.pop()
                number, rest = number * power, sympy().expand_mul(rest / power)
        return number, rest

    def guarded(self, expr: Any) -> bool:
        """Whether a term under a condition divides by what another term does not: there that might be 0."""
        held = [any(map(self.zero_or_one, t.args)) for t in expr.args]
        return any(held) and len({frozenset(self.divisors(t)) for t in expr.args}) > 1

    def through_names(self, expr: Any) -> Iterator[tuple[str, Any]]:
        """The expression with a part replaced by means of a named value, in each way there is."""
        for atom, labels in reversed(self.table.views_of(expr)):
            for fact in self.facts.get(atom, []):
                for own in [own for a, own in self.table.views_of(fact.definition) if a is atom]:
                    changed = self.replaced(expr, atom, labels, fact, own)
                    if changed is not None:
                        yield self.table.views[fact.name][0].op, changed

    def replaced(self, expr: Any, atom: Atom, labels: tuple, fact: Fact, own: tuple) -> Any:
        """Solve name = definition for the view of `atom` in it, where that is linear, and put the solution in."""
        change = {k: new for k, new in zip(own, labels, strict=True) if k is not None}
        known = self.table.labels(fact.definition) | self.table.labels(fact.name)
        if not known <= set(change) or len(set(change.values())) < len(change):
            return None
        park = {k: next(self.table.fresh) for k in change}
        name, definition = (
            self.table.relabel(self.table.relabel(e, park), {park[k]: n for k, n in change.items()})
            for e in (fact.name, fact.definition)
        )
        sp, symbol = sympy(), self.table.view(atom, labels)
        if definition == symbol:
            return expr.xreplace({symbol: name})
        swap = {definition: name}
        if definition.is_Pow and definition.exp.is_Rational:
            powers = [p for p in expr.atoms(sp.Pow) if p.base == definition.base and p.exp.is_Rational]
            swap |= {p: name ** (p.exp / definition.exp) for p in powers}
        whole = expr.xreplace(swap)
        if whole != expr:
            return whole
        hidden, back = without_shifts(definition)
        top, bottom = (part.xreplace(back) for part in sp.fraction(sp.together(hidden)))
        equation = sp.expand(top - name * bottom)
        slope = sp.diff(equation, symbol)
        if slope == 0 or slope.has(symbol):
            return None
        rest = sp.expand(equation - slope * symbol)
        return expr.xreplace({symbol: -rest / slope})


def without_shifts(expr: Any) -> tuple[Any, dict[Any, Any]]:
    """The expression with a symbol for each root of x + 1 / 100, and what it stands for.

    A common denominator would make sqrt(1 + 100 x) / 10 of it.
    """
    roots: dict[Any, int] = {}
    for power in expr.atoms(sympy().Pow):
        number = power.base.as_coeff_Add()[0] if power.base.is_Add else None
        exponent = power.exp if power.exp.is_Rational else sympy().Integer(1)
        if number is not None and number.is_Rational and number.q > (12 if exponent.q == 1 else 1):
            roots[power.base] = lcm(roots.get(power.base, 1), exponent.q)
    symbols = {base: sympy().Dummy(positive=True) for base in roots}
    hidden = expr.xreplace({base: symbols[base] ** q for base, q in roots.items()})
    return hidden, {symbols[base]: base ** sympy().Rational(1, q) for base, q in roots.items()}


def terms(expr: Any) -> int:
    """How many terms an expression has when multiplied out."""
    if expr.is_Add:
        return sum(map(terms, expr.args))
    if expr.is_Mul:
        return prod(map(terms, expr.args))
    if expr.is_Pow:
        count = terms(expr.base)
        return count ** min(int(abs(expr.exp)), 8) if expr.exp.is_Integer and count > 1 else count
    return 1


def collected(table: Table, expr: Any) -> Any:
    """Numbers and scalars that all terms of a sum share, and the sign of its shortest term, taken out in front."""
    sp = sympy()
    if expr.is_Mul:
        return sp.Mul(*[collected(table, f) for f in expr.args])
    if not expr.is_Add:
        return expr
    parts = [_scalars(table, t) for t in expr.args]
    shared = dict(parts[0][1])
    for _, powers in parts[1:]:
        shared = {b: e for b, e in shared.items() if powers.get(b) == e}
    lengths = {abs(number) for number, _ in parts}
    shortest = min(expr.args, key=lambda t: (table.size(t), t.as_coeff_Mul()[0].is_negative))
    sign = -1 if shortest.as_coeff_Mul()[0].is_negative else 1
    number = sign * (lengths.pop() if len(lengths) == 1 else 1)
    scale = number * sp.Mul(*[b**e for b, e in shared.items()])
    return sp.Mul(scale, sp.Add(*[t / scale for t in expr.args]), evaluate=scale.is_Number is not True)


def _scalars(table: Table, term: Any) -> tuple[Any, dict[Any, Any]]:
    """The number in front of a term, and its scalar factors: base and exponent."""
    number, rest = term.as_coeff_Mul()
    powers = [f.as_base_exp() for f in sympy().Mul.make_args(rest) if not table.labels(f)]
    return number, {base: exponent for base, exponent in powers if not base.is_Number}
