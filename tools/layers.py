#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The folders in LAYERS of tools/tidy_tables.py: who may use whom, who does, and the picture.

tools/layers.py prints the picture of ARCHITECTURE.md; with --write it puts it there.
"""

import functools
import pathlib
import re
import sys
from collections.abc import Iterable, Mapping

from tidy_tables import LAYERS

Layers = Mapping[str, list[str]]
BEGIN = "<!-- what tools/layers.py --write puts here -->\n```\n"
END = "```\n<!-- end -->\n"
COLUMNS = 98


def layer_of(path: str, layers: Iterable[str]) -> str | None:
    fitting = [layer for layer in layers if path.startswith(layer + "/")]
    return max(fitting, key=len, default=None)


def covers(allowed: str, other: str) -> bool:
    return other == allowed or (allowed.endswith("/*") and other.startswith(allowed[:-1]))


def is_allowed(own: str, other: str | None, layers: Layers = LAYERS) -> bool:
    return other is not None and any(covers(allowed, other) for allowed in layers[own])


def unused_edges(files: Mapping[str, str], layers: Layers = LAYERS) -> list[tuple[str, str]]:
    """The allowed edges that no include of `files` (path: text) needs."""
    used = set()
    for path, text in files.items():
        if path.endswith((".cc", ".h", ".c")):
            for target in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.MULTILINE):
                used.add((layer_of(path, layers), layer_of(target, layers)))
    return [(own, allowed) for own in layers for allowed in layers[own]
            if not any(user == own and other not in (None, own) and covers(allowed, other)
                       for user, other in used)]


def picture(layers: Layers = LAYERS) -> str:
    """A line for each folder, the highest floor first, with the folders right below it.

    What those stand on in turn is left out; a folder is one floor above its highest support.
    """
    below = {own: {other for other in layers if other != own and is_allowed(own, other, layers)}
             for own in layers}

    @functools.cache
    def reach(own: str) -> set[str]:
        return below[own].union(*(reach(lower) for lower in below[own]))

    @functools.cache
    def floor(own: str) -> int:
        return max((floor(lower) + 1 for lower in below[own]), default=0)

    width = max(len(own) for own in layers)
    lines = []
    for own in sorted(layers, key=lambda name: (-floor(name), list(layers).index(name))):
        direct = [other for other in layers if other in below[own]
                  and not any(other in reach(lower) for lower in below[own])]
        first, rest = f"{floor(own):2} {own:{width}} ──► ", " " * (width + 8)
        line = first
        for number, other in enumerate(direct):
            word = other + (", " if number + 1 < len(direct) else "")
            if len(line + word.rstrip()) > COLUMNS:
                lines.append(line.rstrip())
                line = rest
            line += word
        lines.append(line if direct else line.split(" ──►")[0].rstrip())
    return "\n".join(lines) + "\n"


def main() -> int:
    if sys.argv[1:] == ["--write"]:
        page = pathlib.Path(__file__).resolve().parent.parent / "ARCHITECTURE.md"
        head, found, tail = page.read_text(encoding="utf-8").partition(BEGIN)
        if not found:
            print("layers: ARCHITECTURE.md lacks the line before the picture", file=sys.stderr)
            return 1
        page.write_text(head + BEGIN + picture() + END + tail.partition(END)[2], encoding="utf-8")
    else:
        print(picture(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
