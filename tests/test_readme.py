"""The README's code runs, and the commands it names exist."""

import doctest
import importlib.util
import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
SHELL = [code for language, code in BLOCKS if language in ("", "sh", "bash", "console")]
INDENTED = re.findall(r"(?:^ {4}.+\n)+", re.sub(r"^```.*?^```", "", TEXT, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
COMMANDS = "\n".join([*SHELL, *INDENTED, *re.findall(r"`([^`\n]+)`", TEXT)])


def test_python_blocks_run(tmp_path, monkeypatch):
    """In order and in one namespace, as a reader would type them."""
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "readme"}
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for language, code in BLOCKS:
        if language not in ("python", "pycon"):
            continue
        if ">>>" in code:
            runner.run(parser.get_doctest(code, namespace, "README", "README.md", 0), clear_globs=False)
        else:
            exec(compile(code, "README.md", "exec"), namespace)
    assert runner.summarize(verbose=False).failed == 0
    assert textwrap.indent(str(namespace["derivation"].text), "    ") in map(str.rstrip, INDENTED)


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"\bmake ([a-z]+)\b", COMMANDS))
    assert {t for t in named if not re.search(rf"^{t}:", makefile, re.MULTILINE)} == set()


def test_modules_exist():
    named = set(re.findall(r"python -m ([\w.]+)", COMMANDS))
    assert {module for module in named if importlib.util.find_spec(module) is None} == set()
