"""Special functions: one row each, with its derivatives by argument (DLMF, dlmf.nist.gov, has the formulas).

Ellipsis says that a derivative has no closed form and is left out: asking for it raises NoRuleError.
"""

import math
from typing import Any

import numpy as np
import scipy.special as theirs

from .. import numpy as anp
from ..graph import Primitive
from ..numpy.registry import registry
from ._exponentials import log_softmax, logsumexp, softmax  # noqa: F401 - SciPy has them here
from ._formula import formula, passed_on, recorded

Array = Any
_SQRT_PI = math.sqrt(math.pi)


def _row(name: str, *rules: Any) -> Primitive:
    """SciPy's function as a primitive. It keeps the dtype float32 of its arguments if SciPy does."""
    made = recorded(getattr(theirs, name), *rules, name=f"scipy.special.{name}", elementwise=True)
    made.__doc__ = getattr(theirs, name).__doc__
    return made


# Gamma and beta
gamma: Primitive = _row("gamma", lambda g, out, x: g * out * psi(x))
gammaln: Primitive = _row("gammaln", lambda g, out, x: g * psi(x))
loggamma: Primitive = _row("loggamma", lambda g, out, x: g * psi(x))
rgamma: Primitive = _row("rgamma", lambda g, out, x: g * _rgamma_slope(x, out))
gammasgn: Primitive = _row("gammasgn", None)
psi: Primitive = _row("psi", lambda g, out, x: g * polygamma(1, x))
digamma = psi
polygamma: Primitive = _row("polygamma", None, lambda g, out, n, x: g * polygamma(n + 1, x))
zeta: Primitive = _row("zeta", ..., lambda g, out, x, q: -g * x * zeta(x + 1, q))
poch: Primitive = _row(
    "poch",
    lambda g, out, x, m: g * out * _psi_step(x, m),
    lambda g, out, x, m: g * out * psi(x + m),
)
beta: Primitive = _row(
    "beta",
    lambda g, out, a, b: -g * out * _psi_step(a, b),
    lambda g, out, a, b: -g * out * _psi_step(b, a),
)
betaln: Primitive = _row(
    "betaln",
    lambda g, out, a, b: -g * _psi_step(a, b),
    lambda g, out, a, b: -g * _psi_step(b, a),
)
binom: Primitive = _row(
    "binom",
    lambda g, out, n, k: g * out * _psi_step(n - k + 1, k),
    lambda g, out, n, k: g * out * (psi(n - k + 1) - psi(k + 1)),
)


def _psi_step(x: Array, h: Array) -> Array:
    """psi(x + h) - psi(x); for large x, where that is a difference of near equals, by the asymptotic series."""
    far = (x > 100) & (x + h > 100)
    start, end = anp.where(far, x, 100.0), anp.where(far, x + h, 100.0)
    series = anp.log1p(anp.where(far, h, 0.0) / start) + _log_over_psi(start) - _log_over_psi(end)
    return anp.where(far, series, psi(x + h) - psi(x))


def _log_over_psi(x: Array) -> Array:
    """log(x) - psi(x), for x above 100."""
    square = x**-2.0
    return 0.5 / x + square * (1 / 12 - square * (1 / 120 - square / 252))


def _rgamma_slope(x: Array, out: Array) -> Array:
    """-psi(x) rgamma(x), by reflection where psi has poles: rgamma(x) = gamma(1 - x) sin(pi x) / pi."""
    left = anp.real(x) < 0.5
    y, x = anp.where(left, x, 0.5), anp.where(left, 0.5, x)
    turned = gamma(1 - y) * (anp.cos(math.pi * y) - psi(1 - y) * anp.sin(math.pi * y) / math.pi)
    return anp.where(left, turned, -psi(x) * out)


def _gamma_density(a: Array, x: Array) -> Array:
    return anp.exp(xlogy(a - 1, x) - x - gammaln(a))


def _beta_density(a: Array, b: Array, x: Array) -> Array:
    return anp.exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b))


gammainc: Primitive = _row("gammainc", ..., lambda g, out, a, x: g * _gamma_density(a, x))
gammaincc: Primitive = _row("gammaincc", ..., lambda g, out, a, x: -g * _gamma_density(a, x))
gammaincinv: Primitive = _row("gammaincinv", ..., lambda g, out, a, p: g / _gamma_density(a, out))
gammainccinv: Primitive = _row("gammainccinv", ..., lambda g, out, a, q: -g / _gamma_density(a, out))
betainc: Primitive = _row("betainc", ..., ..., lambda g, out, a, b, x: g * _beta_density(a, b, x))
betaincc: Primitive = _row("betaincc", ..., ..., lambda g, out, a, b, x: -g * _beta_density(a, b, x))
betaincinv: Primitive = _row("betaincinv", ..., ..., lambda g, out, a, b, p: g / _beta_density(a, b, out))
betainccinv: Primitive = _row("betainccinv", ..., ..., lambda g, out, a, b, q: -g / _beta_density(a, b, out))

# Error function, normal distribution and Student's
erf: Primitive = _row("erf", lambda g, out, x: g * 2 / _SQRT_PI * anp.exp(-(x**2)))
erfc: Primitive = _row("erfc", lambda g, out, x: -g * 2 / _SQRT_PI * anp.exp(-(x**2)))
erfcx: Primitive = _row("erfcx", lambda g, out, x: g * _erfcx_slope(x, out))
erfi: Primitive = _row("erfi", lambda g, out, x: g * 2 / _SQRT_PI * anp.exp(x**2))
dawsn: Primitive = _row("dawsn", lambda g, out, x: g * hyp1f1(1.0, 0.5, -(x**2)))  # 1 - 2 x out, to all digits
erfinv: Primitive = _row("erfinv", lambda g, out, x: g * _SQRT_PI / 2 * anp.exp(out**2))
erfcinv: Primitive = _row("erfcinv", lambda g, out, x: -g * _SQRT_PI / 2 * anp.exp(out**2))
ndtr: Primitive = _row("ndtr", lambda g, out, x: g * _normal_density(x))
ndtri: Primitive = _row("ndtri", lambda g, out, p: g / _normal_density(out))
log_ndtr: Primitive = _row("log_ndtr", lambda g, out, x: g * _log_ndtr_slope(x, out))
ndtri_exp: Primitive = _row("ndtri_exp", lambda g, out, y: g / _log_ndtr_slope(out, y))
owens_t: Primitive = _row(
    "owens_t",
    lambda g, out, h, a: -g / 2 * _normal_density(h) * erf(a * h / math.sqrt(2)),
    lambda g, out, h, a: g / (2 * math.pi) * anp.exp(-(h * h) * (1 + a**2) / 2) / (1 + a**2),
)
stdtr: Primitive = _row("stdtr", ..., lambda g, out, df, x: g * anp.exp(_student_log_density(df, x)))
stdtrit: Primitive = _row("stdtrit", ..., lambda g, out, df, p: g / anp.exp(_student_log_density(df, out)))


def _normal_density(x: Array) -> Array:
    return anp.exp(-(x * x) / 2) / math.sqrt(2 * math.pi)


def _student_log_density(df: Array, x: Array) -> Array:
    return anp.log(poch(df / 2, 0.5)) - anp.log(math.pi * df) / 2 - (df + 1) / 2 * anp.log1p(x**2 / df)


def _erfcx_slope(x: Array, out: Array) -> Array:
    """2 x erfcx(x) - 2 / sqrt(pi), which for large x is a difference of equals: there it is Kummer's function."""
    slope = 2 * x * out - 2 / _SQRT_PI
    if x.dtype.kind == "c":
        return slope
    far = x > 10
    x = anp.where(far, x, 10)
    top = anp.minimum(x, 1e8)  # whose square does not overflow; from there on the slope falls with 1 / x**2
    return anp.where(far, -hyperu(1.0, 0.5, top**2) * (top / x) ** 2 / _SQRT_PI, slope)


def _log_ndtr_slope(x: Array, out: Array) -> Array:
    """Density over probability, by whichever form keeps its digits: their logarithms grow with x**2 on the left."""
    left = anp.real(x) < -5
    ratio = math.sqrt(2 / math.pi) / erfcx(anp.where(left, x, -5) / -math.sqrt(2))
    return anp.where(left, ratio, anp.exp(-(x**2) / 2 - out - math.log(2 * math.pi) / 2))


# Bessel functions
j0: Primitive = _row("j0", lambda g, out, x: -g * j1(x))
j1: Primitive = _row("j1", lambda g, out, x: g * (j0(x) - jv(2, x)) / 2)
y0: Primitive = _row("y0", lambda g, out, x: -g * y1(x))
y1: Primitive = _row("y1", lambda g, out, x: g * (y0(x) - yn(2, x)) / 2)
i0: Primitive = _row("i0", lambda g, out, x: g * i1(x))
i1: Primitive = _row("i1", lambda g, out, x: g * (i0(x) + iv(2, x)) / 2)
k0: Primitive = _row("k0", lambda g, out, x: -g * k1(x))
k1: Primitive = _row("k1", lambda g, out, x: -g * (k0(x) + kv(2, x)) / 2)
i0e: Primitive = _row("i0e", lambda g, out, x: -g * anp.sign(x) * hyp1f1(1.5, 2.0, -2 * anp.abs(x)))
i1e: Primitive = _row("i1e", lambda g, out, x: g * _i1e_slope(anp.abs(x)))
jv: Primitive = _row("jv", ..., lambda g, out, n, x: g * (jv(n - 1, x) - jv(n + 1, x)) / 2)
jn = jv
yn: Primitive = _row("yn", None, lambda g, out, n, x: g * (yn(n - 1, x) - yn(n + 1, x)) / 2)
yv: Primitive = _row("yv", ..., lambda g, out, n, x: g * (yv(n - 1, x) - yv(n + 1, x)) / 2)
iv: Primitive = _row("iv", ..., lambda g, out, n, x: g * (iv(n - 1, x) + iv(n + 1, x)) / 2)
kn: Primitive = _row("kn", None, lambda g, out, n, x: -g * (kv(n - 1, x) + kv(n + 1, x)) / 2)
kv: Primitive = _row("kv", ..., lambda g, out, n, x: -g * (kv(n - 1, x) + kv(n + 1, x)) / 2)
k0e: Primitive = _row("k0e", lambda g, out, x: g * _k0e_slope(x, out))
k1e: Primitive = _row("k1e", lambda g, out, x: g * _k1e_slope(x, out))
kve: Primitive = _row("kve", ..., lambda g, out, n, x: g * (out - (kve(n - 1, x) + kve(n + 1, x)) / 2))
ive: Primitive = _row(  # scaled by exp(-|Re x|), which moves along the real axis only
    "ive",
    ...,
    lambda g, out, n, x: g * (ive(n - 1, x) + ive(n + 1, x)) / 2 - anp.sign(anp.real(x)) * anp.real(g * out),
)


def _i1e_slope(x: Array) -> Array:
    """For x >= 0: i1e is i0e with its slope added."""
    return 1.5 * hyp1f1(2.5, 3.0, -2 * x) - hyp1f1(1.5, 2.0, -2 * x)


def _k0e_slope(x: Array, out: Array) -> Array:
    """out - k1e(x), which for large x is a difference of near equals: there it is Tricomi's function."""
    far = x > 30
    return anp.where(far, -_SQRT_PI * hyperu(1.5, 2.0, anp.where(far, 2 * x, 60)), out - k1e(x))


def _k1e_slope(x: Array, out: Array) -> Array:
    """For large x as above: k1e is k0e less its slope."""
    far = x > 30
    twice = anp.where(far, 2 * x, 60)
    series = -_SQRT_PI * (hyperu(1.5, 2.0, twice) + 3 * hyperu(2.5, 3.0, twice))
    return anp.where(far, series, out - k0e(x) - out / x)


# Integrals
exp1: Primitive = _row("exp1", lambda g, out, x: -g * anp.exp(-x) / x)
expi: Primitive = _row("expi", lambda g, out, x: g * anp.exp(x) / x)
expn: Primitive = _row("expn", None, lambda g, out, n, x: -g * _lower_expn(n, x, out))
spence: Primitive = _row("spence", lambda g, out, x: -g * _log_ratio(x))
ellipk: Primitive = _row("ellipk", lambda g, out, m: g * _ellipk_slope(m, out))
ellipe: Primitive = _row("ellipe", lambda g, out, m: -g * (math.pi / 8) * hyp2f1(0.5, 1.5, 2.0, m))


def _lower_expn(n: Any, x: Array, out: Array) -> Array:
    """expn(n - 1, x), which SciPy has not for n = 0."""
    return anp.where(n == 0, out * (1 + 1 / x), expn(anp.maximum(n - 1, 0), x))


def _ellipk_slope(m: Array, out: Array) -> Array:
    """(E / (1 - m) - K) / 2m; near 0, where that is 0 / 0, as the hypergeometric function it is."""
    near = anp.abs(m) < 0.5
    quotient = (ellipe(m) / (1 - m) - out) / anp.where(near, 1, 2 * m)
    return anp.where(near, math.pi / 8 * hyp2f1(1.5, 1.5, 2.0, anp.where(near, m, 0)), quotient)


def _log_ratio(x: Array) -> Array:
    """log(x) / (x - 1); near 1, where that is 0 / 0, as the hypergeometric function it is."""
    near = anp.abs(x - 1) < 0.5
    quotient = anp.log(x) / anp.where(near, 1, x - 1)
    return anp.where(near, hyp2f1(1.0, 1.0, 2.0, anp.where(near, 1 - x, 0)), quotient)


# Hypergeometric functions, in their last argument
hyp2f1: Primitive = _row(
    "hyp2f1", ..., ..., ..., lambda g, out, a, b, c, x: g * (a * b / c) * hyp2f1(a + 1, b + 1, c + 1, x)
)
hyp1f1: Primitive = _row("hyp1f1", ..., ..., lambda g, out, a, b, x: g * (a / b) * hyp1f1(a + 1, b + 1, x))
hyp0f1: Primitive = _row("hyp0f1", ..., lambda g, out, b, x: g / b * hyp0f1(b + 1, x))
hyperu: Primitive = _row("hyperu", ..., ..., lambda g, out, a, b, x: -g * a * hyperu(a + 1, b + 1, x))

# Logistic, entropy and their kin. Zeros of the form 0 * log 0 are exact, and the slope there is 0.
expit = anp.sigmoid
log_expit = anp.log_sigmoid
logit: Primitive = _row("logit", lambda g, out, x: g / (x * (1 - x)))
xlogy: Primitive = _row(
    "xlogy",
    lambda g, out, x, y: g * anp.log(anp.where((x == 0) & (y <= 0), 1.0, y)),
    lambda g, out, x, y: g * anp.where((x == 0) & (y <= 0), 0, x / y),
)
xlog1py: Primitive = _row(
    "xlog1py",
    lambda g, out, x, y: g * anp.log1p(anp.where((x == 0) & (y <= -1), 0.0, y)),
    lambda g, out, x, y: g * anp.where((x == 0) & (y <= -1), 0, x / (1 + y)),
)
entr: Primitive = _row("entr", lambda g, out, x: -g * (anp.log(x) + 1))
rel_entr: Primitive = _row(
    "rel_entr",
    lambda g, out, x, y: g * anp.where((x == 0) & (y == 0), 0, anp.log(x / y) + 1),
    lambda g, out, x, y: -g * anp.where((x == 0) & (y == 0), 0, x / y),
)
kl_div: Primitive = _row(
    "kl_div",
    lambda g, out, x, y: g * anp.where((x == 0) & (y == 0), 0, anp.log(x / y)),
    lambda g, out, x, y: g * (1 - anp.where((x == 0) & (y == 0), 0, x / y)),
)

# Losses, and transformations of data
huber: Primitive = _row(
    "huber",
    lambda g, out, delta, r: g * anp.maximum(anp.abs(r) - delta, 0),
    lambda g, out, delta, r: g * anp.clip(r, -delta, delta),
)
pseudo_huber: Primitive = _row(
    "pseudo_huber",
    lambda g, out, delta, r: g * _excess(delta, r) * (_excess(delta, r) / anp.hypot(delta, r)),
    lambda g, out, delta, r: g * delta * r / anp.hypot(delta, r),
)
boxcox: Primitive = _row(
    "boxcox",
    lambda g, out, x, power: g * x ** (power - 1),
    lambda g, out, x, power: g * _boxcox_slope(x, power),
)
inv_boxcox: Primitive = _row(
    "inv_boxcox",
    lambda g, out, y, power: g * out ** (1 - power),
    lambda g, out, y, power: -g * out ** (1 - power) * _boxcox_slope(out, power),
)
lambertw: Primitive = _row("lambertw", lambda g, out, z, k=0, tol=1e-8: g / (anp.exp(out) * (1 + out)))


def _excess(delta: Array, r: Array) -> Array:
    """hypot(delta, r) - delta, to all digits."""
    return r * (r / (anp.hypot(delta, r) + delta))


def _boxcox_slope(x: Array, power: Array) -> Array:
    """That of (x**power - 1) / power in the power: log(x)**2 times the slope of (exp(t) - 1) / t, t = power log(x)."""
    return anp.log(x) ** 2 * hyp1f1(2.0, 3.0, power * anp.log(x)) / 2


expm1, log1p, exp2, cbrt = anp.expm1, anp.log1p, anp.exp2, anp.cbrt
for _name in ("expit", "log_expit", "expm1", "log1p", "exp2", "cbrt"):
    registry.setdefault(getattr(theirs, _name), globals()[_name])


@formula(theirs.multigammaln)
def multigammaln(a: Array, d: int) -> Array:
    """log of the multivariate gamma function: the sum of gammaln(a - j/2) for j below d, and a constant."""
    return d * (d - 1) / 4 * math.log(math.pi) + anp.sum(gammaln(anp.expand_dims(a, -1) - np.arange(d) / 2), -1)


__getattr__ = passed_on(theirs)
