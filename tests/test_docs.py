"""What the documents show is run as written."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import icsflow
import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(module.name for module in pkgutil.iter_modules(icsflow.__path__, "icsflow."))


@pytest.mark.parametrize("name", ["icsflow", *(n for n in MODULES if not n.endswith("__main__"))])
def test_docstrings(name):
    if name != "icsflow._core":
        failed, _ = doctest.testmod(importlib.import_module(name))
        assert failed == 0


def test_everything_public_is_explained():
    for name in icsflow.__all__:
        thing = getattr(icsflow, name)
        if callable(thing):
            assert thing.__doc__, name
            assert len(thing.__doc__) > 20, name


@pytest.mark.parametrize("document", ["README.md"])
def test_python_blocks_of_documents(document, tmp_path):
    """The blocks of a document are one program, run in a folder of their own."""
    text = (ROOT / document).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    files = re.findall(r"^`([\w.-]+\.toml)`.*?^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert blocks
    for name, toml in files:
        (tmp_path / name).write_text(toml, encoding="utf-8")
        icsflow.Model.from_toml(toml).check()
    program = "\n".join(blocks)
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, timeout=120)


def test_the_stub_tells_what_the_binary_has():
    """Signatures; that the stub is the generated one is checked where the binary is built."""
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy.stubtest", "icsflow._core"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
