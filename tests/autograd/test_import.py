"""`import autograd` is light, and what is loaded later is there."""

import builtins
import subprocess
import sys

import pytest

import autograd


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that a fresh Python loads for `statement`, beside those it starts with."""
    code = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return {name.split(".")[0] for name in done.stdout.split()}


def third_party(modules: set[str]) -> set[str]:
    return {m for m in modules if m not in sys.stdlib_module_names and not m.startswith("_")}


def test_import_loads_numpy_and_nothing_heavier():
    assert third_party(loaded_by("import autograd")) == {"autograd", "numpy"}


def test_grad_and_the_namespace_load_nothing_heavier():
    statement = "import autograd.numpy as anp; from autograd import grad; grad(lambda x: anp.sin(x) ** 2)(1.0)"
    assert third_party(loaded_by(statement)) == {"autograd", "numpy"}


@pytest.mark.parametrize("package", ["scipy", "sympy"])
def test_the_test_above_can_fail(package):
    assert package in third_party(loaded_by(f"import autograd, {package}"))


def test_readers_of_the_graph_and_inner_names_of_hips_are_not_loaded_until_asked_for():
    code = "import sys, autograd; print(*[m for m in sys.modules if m.startswith('autograd.')])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "autograd.graph" in loaded
    for reader in set(autograd._LATER.values()):
        assert f"autograd.{reader.lstrip('.')}" not in loaded


@pytest.mark.parametrize("name", sorted(autograd.__all__))
def test_every_public_name_resolves(name):
    assert getattr(autograd, name) is not None


@pytest.mark.parametrize("name", sorted(autograd._LATER))
def test_every_lazy_name_is_what_its_module_holds(name):
    assert name in autograd.__all__ or hasattr(builtins, name)
    room = autograd._LATER[name]
    code = f"import autograd; got = autograd.{name}; from autograd import {room} as m; print(got in (m, m.{name}))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("True\n", "")


@pytest.mark.parametrize("name", [*sorted(autograd._MODULES), "numpy.fft", "numpy.linalg", "numpy.numpy_boxes"])
def test_modules_loaded_later_are_there_as_attributes(name):
    code = f"import autograd; print(autograd.{name}.__name__)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"autograd.{name}\n"


def test_linear_algebra_is_loaded_when_numpys_own_is_called_on_a_tensor():
    code = "import numpy as np, autograd; assert np.linalg.inv(autograd.Tensor(np.eye(2), True)).requires_grad"
    assert subprocess.run([sys.executable, "-W", "error", "-c", code], check=True).returncode == 0


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"^module 'autograd' has no attribute 'gradd'$"):
        autograd.gradd  # noqa: B018


def test_a_graph_alive_at_exit_makes_no_noise():
    code = "import numpy as np; from autograd import Tensor; y = Tensor(np.ones(3), requires_grad=True) * 2"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_numpy_need_not_have_what_came_after_2_0():
    newer = ["cumulative_prod", "cumulative_sum", "unstack", "matvec", "vecmat"]
    code = f"""
import numpy as np
for name in {newer}:
    if hasattr(np, name):
        delattr(np, name)
import autograd, autograd.numpy as anp
print(autograd.grad(lambda x: anp.sum(anp.cumulative_sum(x)))(np.ones(3)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[3. 2. 1.]\n", "")
