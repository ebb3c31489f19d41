#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""tools/coverage.py [BUILD]: which lines the tests ran, by folder, from a build of the preset
`coverage` (build/coverage) after `ctest --preset coverage`. A process that is killed or ends by
_exit(2) is not counted."""

import collections
import json
import pathlib
import subprocess
import sys

from layers import layer_of
from tidy_tables import LAYERS

ROOT = pathlib.Path(__file__).resolve().parent.parent


def count_lines(build: pathlib.Path) -> dict[str, dict[int, bool]]:
    """Source file -> line -> whether any test ran it."""
    lines: dict[str, dict[int, bool]] = collections.defaultdict(dict)
    for notes in build.rglob("*.gcno"):  # what no test ran at all has no .gcda
        shown = subprocess.run(["gcov", "--json-format", "--stdout", str(notes)], cwd=build,
                               check=False, capture_output=True, text=True)
        if shown.returncode != 0:  # from an interrupted compiler, or another version
            sys.exit(f"coverage: gcov cannot read {notes}; build it anew")
        for report in map(json.loads, shown.stdout.splitlines()):
            for file in report["files"]:
                path = (pathlib.Path(report["current_working_directory"]) / file["file"]).resolve()
                if not path.is_relative_to(ROOT):
                    continue
                ran = lines[path.relative_to(ROOT).as_posix()]
                for line in file["lines"]:
                    number = line["line_number"]
                    ran[number] = ran.get(number, False) or line["count"] > 0
    return lines


def main() -> int:
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/coverage").resolve()
    folders: dict[str, list[bool]] = collections.defaultdict(list)
    for path, ran in count_lines(build).items():
        layer = layer_of(path, LAYERS)
        if layer not in (None, "tests", "bench"):
            folders[layer] += ran.values()
    if not folders:
        print(f"coverage: {build} was not built with the preset coverage", file=sys.stderr)
        return 1
    everything = [ran for lines in folders.values() for ran in lines]
    for name, ran in [*((name, folders[name]) for name in LAYERS if name in folders),
                      ("all", everything)]:
        print(f"{name:18} {sum(ran):6} of {len(ran):6} lines  {100 * sum(ran) / len(ran):5.1f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
