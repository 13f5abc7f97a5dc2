"""What tests of pictures share: networks, DOT read back, keys, and the numbers that the page shows."""

import re

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, annotate, mark_scope, scope_start

SCRIPT = '<script>document.title = "broken"</script>'


def article(m=12):
    """The article's network on images of 8 x 8 pixels, with layers as boxes; its hand-derived gradients."""
    rng = np.random.default_rng(5)
    X, y = rng.random((m, 64)), np.eye(3)[rng.integers(0, 3, m)]
    theta1, b1 = Tensor(rng.standard_normal((64, 5)) / 4, True), Tensor(rng.standard_normal(5), True)
    theta2, b2 = Tensor(rng.standard_normal((5, 3)), True), Tensor(rng.standard_normal(3), True)
    with annotate():
        start = scope_start()
        z1 = X @ theta1 + b1
        a1 = 1 / (1 + anp.exp(-z1))
        mark_scope(a1, "hidden", start)
        start = scope_start()
        z2 = a1 @ theta2 + b2
        a2 = 1 / (1 + anp.exp(-z2))
        mark_scope(a2, "outer", start)
        J = -(y * anp.log(a2) + (1 - y) * anp.log(1 - a2)).sum() / m
    names = {k: v for k, v in locals().items() if k not in ("m", "start", "rng")}
    delta3 = a2.data - y
    delta2 = delta3 @ theta2.data.T * a1.data * (1 - a1.data)
    hand = {
        "theta2": a1.data.T @ delta3 / m,
        "b2": delta3.sum(0) / m,
        "theta1": X.T @ delta2 / m,
        "b1": delta2.sum(0) / m,
    }
    return J, names, hand


def press(browser, *keys):
    from selenium.webdriver.common.keys import Keys

    body = browser.find_element("tag name", "body")
    for key in keys:
        body.send_keys(getattr(Keys, key, key))


def settle(browser):
    """Let the page see a new address or message."""
    browser.execute_script("return new Promise((done) => setTimeout(done, 50))")


def numbers(browser, css):
    """The exact statistics shown inside the first element that matches."""
    script = """return Object.fromEntries([...document.querySelector(arguments[0]).querySelectorAll("[data-stat]")]
        .map((e) => [e.dataset.stat, Number(e.dataset.exact)]).reverse())"""
    return browser.execute_script(script, css)


def same(shown, value):
    """Whether shown statistics are those of an array."""
    value = np.asarray(value)
    if value.size == 1:
        assert shown["value"] == pytest.approx(float(value), rel=1e-7)
    else:
        expected = {"min": value.min(), "mean": value.mean(), "max": value.max(), "norm": np.linalg.norm(value)}
        assert {k: shown[k] for k in expected} == pytest.approx(expected, rel=1e-7, abs=1e-15)


def text(browser, css):
    return browser.find_element("css selector", css).text


rng = np.random.default_rng(3)


def network(m=6):
    """A small network of the article's form, as a user would write it."""
    X, y = rng.random((m, 4)), np.eye(3)[rng.integers(0, 3, m)]
    theta1, b1 = Tensor(rng.standard_normal((4, 5)), True), Tensor(np.zeros(5), True)
    theta2, b2 = Tensor(rng.standard_normal((5, 3)), True), Tensor(np.zeros(3), True)
    start = scope_start()
    z1 = X @ theta1 + b1
    a1 = anp.tanh(z1)
    mark_scope(a1, "hidden", start)
    start = scope_start()
    z2 = a1 @ theta2 + b2
    mark_scope(z2, "outer", start)
    J = ((z2 - y) ** 2).sum() / m
    return J, {k: v for k, v in locals().items() if k not in ("m", "start")}


def parse(dot):
    """Nodes {id: attributes} and edges [(tail, head, attributes)] of DOT text, by reading it as a grammar would."""
    token = r'"(?:[^"\\]|\\.)*"|<(?:[^<>]|<[^<>]*>)*>|[\w.]+|->|[{}\[\],;=]'
    tokens = re.findall(token, dot)
    assert re.sub(rf"{token}|\s", "", dot) == ""
    nodes, edges, i, depth = {}, [], 0, 0

    def attributes(i):
        found = {}
        while tokens[i] != "]":
            found[tokens[i]] = tokens[i + 2]
            i += 4 if tokens[i + 3] == "," else 3
        return found, i + 1

    while i < len(tokens):
        depth += {"{": 1, "}": -1}.get(tokens[i], 0)
        if re.fullmatch(r"n\d+", tokens[i]):
            tail, head = tokens[i], None
            if tokens[i + 1] == "->":
                head, i = tokens[i + 2], i + 2
            if tokens[i + 1] != "[":  # a row of equals
                i += 1
                continue
            found, i = attributes(i + 2)
            edges.append((tail, head, found)) if head else nodes.__setitem__(tail, found)
        else:
            i += 1
    assert depth == 0
    return nodes, edges


def leaf(data, name="x"):
    return Tensor(np.asarray(data), requires_grad=True, name=name)


def has_dot():
    graphviz = pytest.importorskip("graphviz")
    try:
        graphviz.version()
    except graphviz.ExecutableNotFound:
        pytest.skip("Graphviz's dot program is not installed")
