# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rules of tools/tidy.py about references in comments and documents: their targets must exist."""

import ast
import fnmatch
import functools
import io
import re
import tokenize
from collections.abc import Iterator
from typing import TYPE_CHECKING

import layers
from attack_table import Tests, read_rows
from tidy_tables import FOREIGN_FILES, LAYERS, NO_DOCUMENTS, NO_ROWS

if TYPE_CHECKING:
    from tidy import File, Tree

Findings = Iterator[tuple[str, int, str]]
TABLE = "docs/attack-table.md"
SUFFIXES = "cc|h|c|def|py|sh|md|xml|cmake"


# ---- what a file says in prose


@functools.cache
def prose(file: "File") -> list[str]:
    """Its lines with all but comments (Python: docstrings too) blanked; a document unchanged."""
    if file.suffix == ".md":
        return file.lines
    if file.is_cpp:
        kept = "".join(char if char == "\n" or blank != char else " "
                       for char, blank in zip(file.text, file.code_and_literals))
        return re.sub(r'(#\s*include\s+)"[^"\n]*"', "", kept).split("\n")
    if file.suffix == ".py":
        return python_prose(file)
    if file.suffix == ".xml":
        return keep(file, re.finditer(r"<!--.*?-->", file.text, re.DOTALL))
    return keep(file, re.finditer(r"(?m)(?:^|(?<=\s))#.*$", file.text))


def keep(file: "File", spans: Iterator[re.Match[str]]) -> list[str]:
    kept = list(re.sub(r"[^\n]", " ", file.text))
    for span in spans:
        kept[span.start():span.end()] = span.group(0)
    return "".join(kept).split("\n")


def python_prose(file: "File") -> list[str]:
    kept = [""] * len(file.lines)
    for token in tokenize.generate_tokens(io.StringIO(file.text).readline):
        if token.type == tokenize.COMMENT:
            kept[token.start[0] - 1] += token.string
    for node in ast.walk(ast.parse(file.text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if ast.get_docstring(node) is not None and first is not None:
                for number in range(first.lineno, (first.end_lineno or first.lineno) + 1):
                    kept[number - 1] = file.lines[number - 1]
    return kept


# ---- paths


def named_paths(tree: "Tree") -> Findings:
    """A reference to a missing path sends readers searching."""
    folders = {path[:match.start()] for path in tree.files for match in re.finditer("/", path)}
    # The end of a file's path is enough, and a decision's number (docs/adr/0018).
    ends = {path[start:] for path in tree.files
            for start in [0, *(match.end() for match in re.finditer("/", path))]}
    stems = {end[:match.start()] for end in ends for match in re.finditer(r"[.-]", end)}
    top = "|".join(re.escape(folder) for folder in sorted(folders) if "/" not in folder)
    before = r"(?<![\w./$}~:<>@*-])"
    from_root = re.compile(rf"{before}((?:{top})/[\w./*-]*[\w*])") if top else None
    by_name = re.compile(rf"{before}((?:[\w-][\w.-]*/)*[\w-]+\.(?:{SUFFIXES}))\b(?![./(-])")

    def is_there(name: str) -> bool:
        return (name in tree.files or name in folders or name in ends or name in stems
                or "NAME" in name or name in FOREIGN_FILES
                or ("*" in name and bool(fnmatch.filter(tree.files, name))))

    for file in tree.files.values():
        for number, line in enumerate(prose(file), 1):
            found = set(by_name.findall(line)) | set(from_root.findall(line) if from_root else ())
            for name in sorted(found):
                if not is_there(name):
                    yield file.path, number, f"{name} is not there; name what is"


# ---- rows of the attack table


def cited_rows(tree: "Tree") -> Findings:
    """Each row's id leads from a promise to its test and back; an unknown id misleads."""
    table = tree.files.get(TABLE)
    if table is None:
        return
    excused = {row.name for row in read_rows(table.lines) if row.excuse}
    rows = {row.name: row.line for row in read_rows(table.lines)}
    tests = Tests({path: file.text for path, file in tree.files.items()})
    cited = {claim.row for claim in tests.claims}
    for file in tree.files.values():
        for number, line in enumerate(prose(file), 1):
            for name in set(re.findall(r"(?<![\w.:/#\"'-])([A-Z]\d{1,2})(?![\w\"'-])", line)):
                if name not in rows and name not in NO_ROWS:
                    yield file.path, number, f"{name} is no row of {TABLE}; enter it or say what"
                elif file is not table:
                    cited.add(name)
    for name, number in rows.items():
        if name not in cited | excused:
            yield table.path, number, f"nothing cites row {name}; let what keeps it say so"


# ---- documents


def documents(tree: "Tree") -> Findings:
    """Readers who are sent to a page, a section or a decision must find it."""
    if not any(path.startswith("docs/") for path in tree.files):
        return
    decisions = set(re.findall(r"docs/adr/(\d{4})-", "\n".join(tree.files)))
    section = re.compile(r"(?<![\w-])([A-Z]{4,})(?:\.md)?[`),]* (?:§ ?|section )(\d+)")
    page = re.compile(r"(?<![\w./-])((?:patd|patctl|pam_pat|git-credential-pat|org\.patd)[\w.-]*)"
                      r"\((\d)\)")
    for file in tree.files.values():
        for number, line in enumerate(prose(file), 1):
            for found in re.findall(r"\bADRs? (\d{4})\b", line):
                if found not in decisions:
                    yield file.path, number, f"there is no ADR {found} in docs/adr"
            for name, found in page.findall(line):
                if f"docs/man/{name}.{found}.md" not in tree.files:
                    yield file.path, number, f"there is no manual page {name}({found})"
            for name, found in section.findall(line):
                there = tree.files.get(f"{name}.md")
                if there is None or not re.search(rf"(?m)^#+ {found}\.", there.text):
                    yield file.path, number, f"there is no section {found} of {name}"
            for pattern, fix in NO_DOCUMENTS:
                if re.search(pattern, line):
                    yield file.path, number, fix


# ---- the map


def unused_edges(tree: "Tree") -> Findings:
    """An edge that nobody needs would let the next include through unnoticed."""
    table = tree.files.get("tools/tidy_tables.py")
    if table is not None:
        sources = {file.path: file.text for file in tree.cpp()}
        for own, allowed in layers.unused_edges(sources):
            line = next((number for number, text in enumerate(table.lines, 1)
                         if text.startswith(f'    "{own}": [')), 1)
            yield table.path, line, f"nothing in {own} uses {allowed}; take it out of LAYERS"


def drawn_layers(tree: "Tree") -> Findings:
    """The map shows the table that is checked: the picture and the list of folders."""
    page = tree.files.get("ARCHITECTURE.md")
    if page is None:
        return
    begin = page.text.find(layers.BEGIN)
    if begin < 0 or not page.text.startswith(layers.picture() + layers.END,
                                             begin + len(layers.BEGIN)):
        yield page.path, page.line_at(max(begin, 0)), (
            "the picture is not that of LAYERS; run tools/layers.py --write")
    told = {match[1]: page.line_at(match.start())
            for match in re.finditer(r"(?m)^\| `([a-z][\w/]*)` \|", page.text)}
    for folder in LAYERS:
        if folder not in told and folder not in ("tests", "bench"):
            yield page.path, 1, f"the table of folders lacks {folder}"
    for folder, line in told.items():
        if folder not in LAYERS:
            yield page.path, line, f"LAYERS has no folder {folder}"


# ---- the version


def version(tree: "Tree") -> Findings:
    """A release changes one line; a copy of the number would be forgotten."""
    top = tree.files.get("CMakeLists.txt")
    found = re.search(r"project\(\w+ VERSION ([\d.]+)", top.text) if top else None
    if found is None:
        return
    number = re.compile(rf"(?<![\w.]){re.escape(found.group(1))}(?![\w])")
    for file in tree.files.values():
        if file.is_test or file.path in ("CMakeLists.txt", "CHANGELOG.md"):
            continue
        for match in number.finditer(file.text):
            yield file.path, file.line_at(match.start()), (
                "the version stands in CMakeLists.txt alone; take it from there")


RULES = [named_paths, cited_rows, documents, unused_edges, drawn_layers, version]
