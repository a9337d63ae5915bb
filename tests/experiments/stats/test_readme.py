import doctest
import re
import subprocess
import sys
from pathlib import Path

import experiments.stats

README = Path(__file__).resolve().parents[3] / "experiments" / "README.md"


def read_section() -> str:
    section = README.read_text().split("\n## Statistics\n", 1)[1].split("\n## ", 1)[0]
    return re.sub(r"^```.*$", "", section, flags=re.MULTILINE)


def test_examples_of_the_readme_run_as_printed() -> None:
    examples = doctest.DocTestParser().get_doctest(read_section(), {}, "README", str(README), 0)

    told: list[str] = []
    result = doctest.DocTestRunner().run(examples, out=told.append)

    assert result.attempted > 40
    assert result.failed == 0, "".join(told)


def test_readme_names_every_function_of_the_package() -> None:
    section = read_section()

    functions = [name for name in experiments.stats.__all__ if name.islower()]
    assert [name for name in functions if name not in section] == []


def test_import_of_the_package_loads_neither_django_nor_scipy() -> None:
    code = "import sys, experiments.stats; print([m for m in ('django', 'numpy', 'scipy') if m in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert loaded.strip() == "[]"
