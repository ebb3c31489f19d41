# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""failed_tests.py JUNIT: prints the name of each test that failed in CTest's JUnit file, and below
it the lines of its output that tell why, so that a summary can end with them."""
import re
import sys
import xml.etree.ElementTree

TESTS = 20  # of whom one reads; the file has the others
LINES = 8
WIDTH = 160
# Of GoogleTest, cmocka, unittest, the sanitizers and CTest itself.
REASON = re.compile(r"Failure$|Error\b|ERROR|FAIL:|runtime error|Assertion|Which is:|Expected|"
                    r"Actual|[Tt]imeout|terminate called|passed, \d+ failed")


def reasons(output):
    """The lines that tell why; the last ones where none does."""
    lines = [line.rstrip()[:WIDTH] for line in output.splitlines() if line.strip()]
    return [line for line in lines if REASON.search(line)][:LINES] or lines[-LINES:]


def failed_tests(root):
    """(name, lines) of each test that failed or could not be run. CTest 3.25 calls the latter
    skipped too, and names its own setting where a test skips itself."""
    for case in root.iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or (
                skipped is not None and not skipped.get("message", "").startswith("SKIP_")):
            yield case.get("name"), reasons("".join(
                part.text or "" for part in case.iter("system-out")))


def main():
    failed = list(failed_tests(xml.etree.ElementTree.parse(sys.argv[1]).getroot()))
    for name, lines in failed[:TESTS]:
        print(f"    {name}")
        for line in lines:
            print(f"        {line}")
    if len(failed) > TESTS:
        print(f"    and {len(failed) - TESTS} more: {sys.argv[1]}")


if __name__ == "__main__":
    main()
