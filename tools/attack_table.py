# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/attack-table.md and the tests, as each refers to the other."""

import pathlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# `// Row A4: ...` or `# Rows A4, R1 and S2`, at the beginning of a comment.
_ROWS = re.compile(r"^[ \t]*(?://|#) Rows? ([A-Z]\d+(?:(?:, and |, | and )[A-Z]\d+)*)\b",
                   re.MULTILINE)
_CPP_TEST = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", re.MULTILINE)
_CHECK = re.compile(r"^def ([a-z]\w*)\(site\)", re.MULTILINE)
_PAGE_CHECK = re.compile(r"^(?:async function|const) ([a-z]\w*)(?: = )?\(site\)", re.MULTILINE)
_REGISTERED = re.compile(r"\b(?:add_test\(\s*NAME\s+|patd_integration_test\(\s*)([\w-]+)([^)]*)\)")


class Claim(NamedTuple):
    """`path`:`line` claims that `test` belongs to `row`; without a test it only names the row."""

    row: str
    test: str | None
    path: str
    line: int


class Row(NamedTuple):
    name: str
    tests: list[str]
    line: int
    excuse: str  # why it needs no test: it is not ours


class Tests:
    """The tests, as CTest or the system test names them, and the rows that they claim."""

    def __init__(self, files: dict[str, str]) -> None:
        self.names: set[str] = set()
        self.claims: list[Claim] = []
        self._registered: list[tuple[str, str]] = []
        tests = {path: text for path, text in files.items() if path.startswith("tests/")}
        for path, text in tests.items():
            if path.endswith(("CMakeLists.txt", ".cmake")):
                self._registered += _REGISTERED.findall(text)
        self.registered = {name for name, _ in self._registered}
        for path, text in tests.items():
            if path.endswith((".cc", ".h", ".c", ".py", ".mjs")):
                self._read(path, text)

    def _read(self, path: str, text: str) -> None:
        if path.startswith("tests/system/checks_"):
            found = [(match.start(), f"machine.{match[1]}") for match in _CHECK.finditer(text)]
        elif path.startswith("tests/page/checks_"):
            found = [(match.start(), f"page.{match[1]}") for match in _PAGE_CHECK.finditer(text)]
        else:
            found = [(match.start(), f"{match[1]}.{match[2]}")
                     for match in _CPP_TEST.finditer(text)]
        self.names |= {name for _, name in found}
        for start, name in found:
            prefix = re.match(r"[^.]*\.([A-Z]\d+)_", name)
            if prefix:
                self.claims.append(Claim(prefix[1], name, path, text.count("\n", 0, start) + 1))
        for match in _ROWS.finditer(text):
            test = self._owner(path, found, match)
            line = text.count("\n", 0, match.start(1)) + 1
            self.claims += [Claim(row, test, path, line)
                            for row in re.findall(r"[A-Z]\d+", match[1])]

    def _owner(self, path: str, found: list[tuple[int, str]], match: re.Match[str]) -> str | None:
        """A comment belongs to the test that follows it, an indented one to the test around it."""
        if not found:
            stem = pathlib.PurePosixPath(path).stem
            return next((name for name, command in self._registered
                         if name == stem or re.search(rf"\b{stem}\b", command)), None)
        if match[0].startswith((" ", "\t")):
            return next((name for start, name in reversed(found) if start < match.start()), None)
        return next((name for start, name in found if start > match.start()), None)


def read_rows(lines: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        match = re.match(r"\| ([A-Z]\d+) \|", line)
        if match:
            last = line.split("|")[-2].strip()
            yield Row(match[1], re.findall(r"`([^`]+)`", last), number,
                      last.removeprefix("not ours: ") if last.startswith("not ours: ") else "")
