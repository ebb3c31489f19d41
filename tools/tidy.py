#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rules of CONTRIBUTING.md that a machine can check, as a test over the source tree.

Each rule is one function whose docstring gives the reason. It yields a Finding for each place that
breaks it, printed as `file:line: rule: what is wrong, and the fix`. Run it as CTest `tidy`, or
`tools/tidy.py [RULE...]`. Limits and exceptions are in tools/tidy_tables.py, each with its reason.
Those about references are in tools/tidy_references.py. tests/tidy/tidy_test.py tests the rules.
"""

import ast
import fnmatch
import functools
import os
import pathlib
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import tidy_references
from attack_table import Tests, read_rows
from layers import is_allowed, layer_of
from tidy_tables import (BANNED, COLUMNS_MAX, REVEALERS, FILE_LINES_MAX, FILE_LINES_MEDIAN_MAX,
                         FIREWALLS, FUNCTION_LINES_MAX, HEADER_LINES_MAX, HOME_PATHS, LAYERS, PARTS,
                         SCRIPT_LINES_MAX, SIGNALS, SYSTEM_HEADERS)


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


class File:
    """One text file of the tree; `path` is relative to its root, with slashes."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.name = path.rsplit("/", 1)[-1]
        self.suffix = pathlib.PurePosixPath(path).suffix
        self.lines = text.split("\n")

    @property
    def is_cpp(self) -> bool:
        return self.suffix in (".cc", ".h", ".c", ".def")

    @property
    def is_script(self) -> bool:
        """Of the token page, or of its test: TypeScript or JavaScript."""
        return self.suffix in (".ts", ".tsx", ".js", ".mjs")

    @property
    def is_test(self) -> bool:
        return self.path.startswith("tests/")

    @property
    def is_cmake(self) -> bool:
        return self.name == "CMakeLists.txt" or self.suffix == ".cmake"

    @functools.cached_property
    def is_shell(self) -> bool:
        return self.suffix == ".sh" or bool(re.match(r"#!.*\b(ba)?sh\b", self.text))

    @functools.cached_property
    def code(self) -> str:
        """C++ with comments and the insides of literals blanked; lines and columns stay."""
        return blank(self.text, literals=True)

    @functools.cached_property
    def code_and_literals(self) -> str:
        return blank(self.text, literals=False)

    def line_at(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1

    def below(self, folder: str) -> bool:
        return self.path.startswith(folder + "/")


class Tree:
    """The files of a checkout, or of a test."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = {path: File(path, text) for path, text in sorted(files.items())}

    @staticmethod
    def read(root: pathlib.Path) -> "Tree":
        files = {}
        for path in list_files(root):
            try:
                files[path] = (root / path).read_text(encoding="utf-8")
            except UnicodeDecodeError:  # a picture: documents may point to it
                files[path] = ""
            except (FileNotFoundError, IsADirectoryError):
                continue  # deleted but still in the index
        return Tree(files)

    def cpp(self) -> Iterator[File]:
        return (file for file in self.files.values() if file.is_cpp)


def list_files(root: pathlib.Path) -> Iterable[str]:
    """What git tracks or would track; all of an unpacked archive."""
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z", "--cached",
             "--others", "--exclude-standard"], check=True, capture_output=True)
        return {path for path in listed.stdout.decode().split("\0") if path}
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in ("build", ".git")]
        found += [(pathlib.Path(folder) / name).relative_to(root).as_posix() for name in names]
    return found


TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^(\s]{0,16})\(.*?\)(?P=mark)")
      | (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<char>(?<![0-9A-Za-z_])'(?:[^'\\\n]|\\.)+')""",
    re.VERBOSE | re.DOTALL)


def blank(text: str, literals: bool) -> str:
    def replace(match: re.Match[str]) -> str:
        found = match.group(0)
        if match.group("comment") is None and not literals:
            return found
        blanks = re.sub(r"[^\n]", " ", found)
        # Quotes stay, so that a literal still reads as one.
        return blanks if match.group("comment") else found[0] + blanks[1:-1] + found[-1]

    # An include's quotes are not a literal.
    protected = re.sub(r'(?m)^(\s*#\s*include\s+)"([^"\n]*)"', r"\1<\2>", text)
    return TOKEN.sub(replace, protected)


Rule = Callable[[Tree], Iterator[tuple[str, int, str]]]
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    RULES[function.__name__.replace("_", "-")] = function
    return function


def matches(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def search(file: File, pattern: str, text: str) -> Iterator[int]:
    return (file.line_at(match.start()) for match in re.finditer(pattern, text, re.MULTILINE))


# ---- layering


@rule
def includes(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Folders depend downwards only (ARCHITECTURE.md); from-the-root includes show the layer."""
    for file in tree.cpp():
        own = layer_of(file.path, LAYERS)
        for number, line in enumerate(file.lines, 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            target = match.group(1)
            other = layer_of(target, LAYERS)
            if target not in tree.files:
                yield file.path, number, f'"{target}" is no file; include from the root'
            elif own is None or (other != own and not is_allowed(own, other)):
                yield file.path, number, f"{own or 'this folder'} may not use {other}"


@rule
def unnamed_folders(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """A folder that LAYERS does not name passes for the one above, which may use far more."""
    first: dict[str, str] = {}
    for file in tree.cpp():
        if not file.is_test:
            first.setdefault(file.path.rpartition("/")[0], file.path)
    for folder, path in first.items():
        if folder not in LAYERS and folder not in PARTS:
            yield path, 1, (f"LAYERS has no folder {folder or '(the root)'}; name it there, or in "
                            "PARTS with the reason")
    if "tools/tidy_tables.py" in tree.files:
        for folder in PARTS:
            if folder not in first:
                yield "tools/tidy_tables.py", 1, f"PARTS names {folder}, which is gone; drop it"


@rule
def system_headers(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Each library stays behind one folder, so that it can be audited and replaced there."""
    for file in tree.cpp():
        if file.is_test or file.below("bench"):
            continue
        for number, line in enumerate(file.lines, 1):
            match = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            for header, places, reason in SYSTEM_HEADERS if match else []:
                if fnmatch.fnmatchcase(match.group(1), header) and not matches(file.path, places):
                    yield file.path, number, f"<{match.group(1)}> does not belong here: {reason}"


# ---- the size and shape of files


@rule
def file_length(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """A file that does not fit in a head takes on a second job; split it before it does."""
    lengths = []
    for file in tree.files.values():
        count = file.text.count("\n")
        is_interface = file.suffix == ".h" and not file.is_test
        limit = (HEADER_LINES_MAX if is_interface else
                 SCRIPT_LINES_MAX if file.is_script and not file.is_test else FILE_LINES_MAX)
        if file.is_cpp:
            lengths.append(count)
        if (file.is_cpp or file.suffix == ".py" or file.is_shell or file.is_script) and \
                count > limit:
            yield file.path, count, f"{count} lines; split it (limit {limit})"
    median = statistics.median(lengths) if lengths else 0
    if median > FILE_LINES_MEDIAN_MAX:
        yield "CONTRIBUTING.md", 1, (f"the median file has {median:.0f} lines; keep files small "
                                     f"(budget {FILE_LINES_MEDIAN_MAX})")


@rule
def columns(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Two files fit side by side. Tables in Markdown cannot be broken and are left out."""
    for file in tree.files.values():
        if file.is_cpp or file.is_cmake or file.is_shell or file.is_script or \
                file.suffix in (".py", ".xml"):
            for number, line in enumerate(file.lines, 1):
                if len(line) > COLUMNS_MAX:
                    yield file.path, number, f"{len(line)} columns; break it at {COLUMNS_MAX}"


@rule
def whitespace(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Differences show what changed, and nothing invisible."""
    for file in tree.files.values():
        # The licence's own text, and what parsers are given: byte for byte.
        if file.path == "LICENSE" or file.path.startswith("tests/fuzz/corpus/"):
            continue
        for number, line in enumerate(file.lines, 1):
            if "\t" in line and file.name != "Makefile":
                yield file.path, number, "tab; use spaces"
            if line != line.rstrip():
                yield file.path, number, "space at the end of the line; remove it"
        if file.text and not file.text.endswith("\n"):
            yield file.path, len(file.lines), "no newline at the end; add it"


def functions(file: File) -> Iterator[tuple[str, int, int]]:
    """Name, first line and length of each outermost function body, by its braces."""
    code = re.sub(r"(?m)^\s*#.*$", lambda m: " " * len(m.group(0)), file.code)
    stack: list[tuple[str, int] | None] = []
    start = 0
    for match in re.finditer(r"[{};]", code):
        head, offset = code[start:match.start()], match.start()
        start = match.end()
        if match.group(0) == "{":
            inside = any(entry is not None for entry in stack)
            name = None if inside else function_name(head)
            stack.append((name, offset - len(head.lstrip())) if name else None)
        elif match.group(0) == "}" and stack:
            entry = stack.pop()
            if entry is not None:
                first = file.line_at(entry[1])
                yield entry[0], first, file.line_at(offset) - first + 1


def function_name(head: str) -> str | None:
    if re.match(r"\s*(namespace|class|struct|enum|union|extern)\b", head):
        return None
    match = re.match(r"[^=(]*?([\w~:]+|operator\W+)\s*\(.*\)[^=]*$", head, re.DOTALL)
    return match.group(1) if match else None


@rule
def function_length(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """A function must be readable at one look."""
    for file in tree.cpp():
        for name, first, count in functions(file):
            if count > FUNCTION_LINES_MAX:
                yield file.path, first, f"{name} has {count} lines; split it"
    for file in tree.files.values():
        if file.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(file.text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                count = (node.end_lineno or node.lineno) - node.lineno + 1
                if count > FUNCTION_LINES_MAX:
                    yield file.path, node.lineno, f"{node.name} has {count} lines; split it"


@rule
def licence(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Every file names its licence in a form that programs can read (REUSE)."""
    tag = "SPDX-License-Identifier: LGPL-2.1-or-later"
    two_lines = f"// {tag}\n// SPDX-FileCopyrightText: patd contributors\n"
    for file in tree.files.values():
        if (file.is_cpp or file.is_script) and not file.text.startswith(two_lines):
            yield file.path, 1, "does not begin with the two SPDX lines of common/base/result.h"
        elif file.suffix in (".py", ".xml", ".conf") or file.is_shell or file.is_cmake:
            if not any(tag in line for line in file.lines[:3]):
                yield file.path, 1, f"no `{tag}` in its first three lines"


@rule
def pragma_once(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """An include guard's name can be taken twice; the pragma cannot."""
    for file in tree.cpp():
        if file.suffix == ".h" and "#pragma once" not in file.lines[:3]:
            yield file.path, 3, "no `#pragma once` after the licence; add it"


@rule
def dead_files(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """A source that nothing builds is not tested, and misleads its readers."""
    named = set()
    for file in tree.files.values():
        if not file.is_cmake:
            continue
        folder = os.path.dirname(file.path) if file.name == "CMakeLists.txt" else ""
        for word in re.findall(r"[\w./${}-]+", re.sub(r"#.*", "", file.text)):
            word = re.sub(r"\$\{CMAKE_CURRENT_(SOURCE|FUNCTION_LIST|LIST)_DIR\}/", "", word)
            base = "" if word.startswith("${PROJECT_SOURCE_DIR}/") else folder
            word = word.replace("${PROJECT_SOURCE_DIR}/", "")
            path = os.path.normpath(os.path.join(base, word))
            named |= {path, path + ".cc", path + ".c"}
    for file in tree.cpp():
        if file.suffix not in (".h", ".def") and file.path not in named:
            yield file.path, 1, "no CMakeLists.txt names this file; add it there or delete it"


@rule
def mirror(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """A contributor knows where a file's test is: tests/<same path>/<name>_test.cc."""
    for file in tree.cpp():
        if file.suffix in (".h", ".def") or file.is_test or file.below("bench"):
            continue
        if file.name in ("main.cc", "pam_entry.cc"):
            continue  # no logic of their own: the tests run the programs and the module
        test = f"tests/{file.path[: -len(file.suffix)]}_test.cc"
        if test not in tree.files:
            yield file.path, 1, f"has no test; write {test}"


# ---- what code may say

@rule
def banned(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Calls with a history of holes, each with what to use instead."""
    for file in tree.cpp():
        for pattern, places, fix in BANNED:
            excluded = [place[1:] for place in places if place.startswith("!")]
            if matches(file.path, places) and not matches(file.path, excluded):
                for number in search(file, pattern, file.code):
                    yield file.path, number, fix


@rule
def default_identity(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Row A1 (CVE-2021-3560): a look-up that fails must not leave uid 0 behind."""
    pattern = (r"\b(uid_t|gid_t)\s+\w+\s*(;|=\s*0U?\s*;|\{\s*0?U?\s*\}|\(\s*0U?\s*\))"
               r"|\bUid\s+\w+\s*(=\s*Uid)?[({]\s*0U?\s*[)}]")
    for file in tree.cpp():
        if not file.is_test:
            for number in search(file, pattern, file.code):
                yield file.path, number, "an identity with a default; begin with -1"


@rule
def built_sql(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Row S13: text that meets SQL by concatenation becomes SQL; bind it instead."""
    verb = r'"\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|PRAGMA|ATTACH|WITH)\b'
    for file in tree.cpp():
        if not matches(file.path, ["daemon/store/*", "auth/*"]):
            continue
        offset = 0
        for statement in re.split(r"(?<=[;{}])", file.code):
            literal = file.code_and_literals[offset:offset + len(statement)]
            found = re.search(verb, literal)
            if found and re.search(r"\+|\bappend\s*\(|\bs(n)?printf\s*\(|<<", statement):
                yield file.path, file.line_at(offset + found.start()), (
                    "SQL put together from parts; write it whole and bind the values")
            offset += len(statement)


@rule
def firewalls(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Exceptions are bugs; only where C calls us may one be caught, so that none is hidden."""
    for file in tree.cpp():
        if not file.is_test and not file.below("bench") and file.path not in FIREWALLS:
            for number in search(file, r"\bcatch\s*\(", file.code):
                yield file.path, number, "catch outside the firewalls; return a Result"


@rule
def revealers(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Every place that sees secret bytes is known; a new one is a decision (REVEALERS)."""
    for file in tree.cpp():
        if file.is_test or file.below("bench") or file.path in REVEALERS:
            continue
        first = next(search(file, r"\b(reveal(_c_str)?|free_space)\s*\(", file.code), None)
        if first:
            yield file.path, first, "shows secret bytes; list the file in REVEALERS with the reason"


@rule
def stale_exceptions(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """An exception for a deleted file would be inherited by the next one of that name."""
    if "tools/tidy_tables.py" not in tree.files:
        return
    for table in (FIREWALLS, REVEALERS, HOME_PATHS):
        for path in table:
            if path not in tree.files:
                yield "tools/tidy_tables.py", 1, f"names {path}, which is gone; remove it"


@rule
def nolint(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """A silenced check needs its name and a reason."""
    for file in tree.cpp():
        for number, line in enumerate(file.lines, 1):
            if "NOLINT" in line and not re.search(
                    r"NOLINT(NEXTLINE|BEGIN)?\([\w.,* -]+\): \S|NOLINTEND\(", line):
                yield file.path, number, "write NOLINT(check): reason"


@rule
def todo(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """A note without an issue is never done."""
    for file in tree.files.values():
        if not (file.is_cpp or file.is_cmake or file.is_shell or file.is_script):
            continue
        for number, line in enumerate(file.lines, 1):
            if re.search(r"\b(FIXME|XXX|HACK)\b|\bTODO\b(?!\(#\d+\))", line):
                yield file.path, number, "write TODO(#issue): what, or do it now"


# ---- the bus


@rule
def access_level(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Row A2: no bus method without its access level, readable in its row."""
    for file in tree.cpp():
        if file.is_test or not file.name.endswith("_bus.cc"):
            continue
        for match in re.finditer(r"\bSD_BUS_(METHOD\w*|PROPERTY|WRITABLE_PROPERTY|SIGNAL\w*)\s*\(",
                                 file.code):
            row = balanced(file.code, match.end() - 1)
            name = re.match(r'\(\s*"(\w+)"', file.text[match.end() - 1:])
            if match.group(1).startswith("SIGNAL") and name and name.group(1) in SIGNALS:
                continue
            if not match.group(1).startswith("METHOD"):
                yield file.path, file.line_at(match.start()), (
                    "properties and signals tell of tokens to those who did not ask; use a method")
            elif not re.search(r"\bAccess::\w+", row):
                yield file.path, file.line_at(match.start()), (
                    "row without an access level; write (bus::method<Access::..., &...>)")


def balanced(text: str, start: int) -> str:
    depth = 0
    for offset in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[offset], 0)
        if depth == 0:
            return text[start:offset + 1]
    return text[start:]


@rule
def interface(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Rows A5, A11: no caller says who they are, and nobody is told what they did not ask for."""
    for file in tree.files.values():
        if not matches(file.path, ["systemd/dbus/*.xml"]):
            continue
        current = ""
        text = re.sub(r"<!--.*?-->", lambda m: re.sub(r"[^\n]", " ", m.group(0)), file.text,
                      flags=re.DOTALL)
        for number, line in enumerate(text.split("\n"), 1):
            opened = re.search(r'<interface name="([^"]+)"', line)
            current = opened.group(1) if opened else current
            argument = re.search(r'<arg name="([^"]*)".*direction="in"', line)
            names = re.split(r"[-_]", argument.group(1).lower()) if argument else []
            if set(names) & {"uid", "pid", "user", "username", "owner"}:
                if not current.endswith(".Admin"):
                    yield file.path, number, "identity as an argument; it comes from the bus"
            told = re.search(r'<(?:property|signal)\b(?: name="(\w+)")?', line)
            if told and ("<signal" not in line or told.group(1) not in SIGNALS):
                yield file.path, number, "no properties and no other signals; use a method"


# ---- documents


@rule
def links(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """A document that points nowhere was never read by its author."""
    folders = {parent for path in tree.files for parent in
               (p.as_posix() for p in pathlib.PurePosixPath(path).parents)}
    for file in tree.files.values():
        if file.suffix != ".md":
            continue
        for match in re.finditer(r"\]\(([^)\s]+)\)", file.text):
            target = match.group(1).split("#")[0]
            if not target or re.match(r"[a-z]+:", target):
                continue
            path = os.path.normpath(os.path.join(os.path.dirname(file.path), target))
            if path not in tree.files and path not in folders:
                yield file.path, file.line_at(match.start()), f"{target} is not there; fix it"


# How many attacks of each kind are known; more may be entered, none may be left out.
ATTACKS = {"A": 21, "P": 25, "C": 16, "S": 20, "M": 10, "D": 18, "L": 5, "O": 7, "R": 7}
ATTACK_ROWS = [f"{kind}{number}" for kind, count in ATTACKS.items()
               for number in range(1, count + 1)]


@rule
def attack_table(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """A promise without a test is a hope: the table and the tests name each other, both ways."""
    table = tree.files.get("docs/attack-table.md")
    if table is None:
        return
    tests = Tests({path: file.text for path, file in tree.files.items()})
    claimed = {(claim.row, claim.test) for claim in tests.claims}
    rows = {row.name: row for row in read_rows(table.lines)}
    for row in rows.values():
        for test in row.tests:
            if test not in tests.names | tests.registered:
                yield table.path, row.line, f"there is no test {test}; name one that is there"
            elif test in tests.names and (row.name, test) not in claimed:
                yield table.path, row.line, f"{test} does not say `Row {row.name}`; say it there"
        if not row.tests and len(row.excuse.split()) < 5:
            yield table.path, row.line, f"row {row.name} names no test; add it, or `not ours: WHY`"
    for claim in tests.claims:
        if claim.row not in rows:
            yield claim.path, claim.line, f"there is no row {claim.row} in the table; enter it"
        elif claim.test and claim.test not in rows[claim.row].tests:
            yield claim.path, claim.line, f"row {claim.row} lacks `{claim.test}`; enter it"
    for name in ATTACK_ROWS:
        if name not in rows:
            yield table.path, 1, f"there is no row {name}; add it"


@rule
def home_paths(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """The tree works on every machine; a path of one developer's does not."""
    pattern = r"(?<![\w.$})])/(" + "work|home|root" + r")/"
    for file in tree.files.values():
        if not file.is_test and file.path not in HOME_PATHS:
            for number in search(file, pattern, file.text):
                yield file.path, number, "a path of one machine; make it relative or a parameter"


for function in tidy_references.RULES:
    rule(function)


def check(tree: Tree, names: Iterable[str] = ()) -> list[Finding]:
    found = []
    for name in names or RULES:
        found += [Finding(path, line, name, text) for path, line, text in RULES[name](tree)]
    return sorted(found)


def main(arguments: list[str]) -> int:
    unknown = [name for name in arguments if name not in RULES]
    if unknown:
        print(f"tidy: no rule {unknown[0]}; there are: {' '.join(RULES)}", file=sys.stderr)
        return 2
    tree = Tree.read(pathlib.Path(__file__).resolve().parent.parent)
    findings = check(tree, arguments)
    for finding in findings:
        print(finding)
    sizes = [file.text.count("\n") for file in tree.cpp()] or [0]
    print(f"tidy: {len(tree.files)} files, {len(sizes)} of them C or C++ with {sum(sizes)} lines "
          f"(median {statistics.median(sizes):.0f}); {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
