# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""failed_tests.py JUNIT: prints the name of each test that failed in CTest's JUnit file, and below
it the lines of its output that tell why, so that a summary can end with them.
failed_tests.py --again JUNIT: prints a regular expression of ctest -R that names them, if they are
few enough that the machine may be the reason; otherwise its exit status is 1."""
import re
import sys
import xml.etree.ElementTree

TESTS = 20  # of whom one reads; the file has the others
LINES = 8
WIDTH = 160
AGAIN = 3  # more than a loaded machine explains
# What these find, they may not find again.
ONCE = re.compile(r"(hostile|fuzz)-")
FOUND = re.compile(r"Sanitizer|runtime error")
# Of GoogleTest, cmocka, unittest, the sanitizers and CTest itself.
REASON = re.compile(r"Failure$|Error\b|ERROR|FAIL:|runtime error|Assertion|Which is:|Expected|"
                    r"Actual|[Tt]imeout|terminate called|passed, \d+ failed")


def reasons(output):
    """The lines that tell why; the last ones where none does."""
    lines = [line.rstrip()[:WIDTH] for line in output.splitlines() if line.strip()]
    return [line for line in lines if REASON.search(line)][:LINES] or lines[-LINES:]


def failed_tests(root):
    """(name, output) of each test that failed or could not be run. CTest 3.25 calls the latter
    skipped too, and names its own setting where a test skips itself."""
    for case in root.iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or (
                skipped is not None and not skipped.get("message", "").startswith("SKIP_")):
            yield case.get("name"), "".join(
                part.text or "" for part in case.iter("system-out"))


def print_again(failed):
    if len(failed) > AGAIN or any(ONCE.match(name) or FOUND.search(output)
                                  for name, output in failed):
        sys.exit(1)
    print(f"^({'|'.join(re.escape(name) for name, _ in failed)})$")


def print_reasons(failed, path):
    for name, output in failed[:TESTS]:
        print(f"    {name}")
        for line in reasons(output):
            print(f"        {line}")
    if len(failed) > TESTS:
        print(f"    and {len(failed) - TESTS} more: {path}")


def main():
    path = sys.argv[-1]
    failed = list(failed_tests(xml.etree.ElementTree.parse(path).getroot()))
    if sys.argv[1] == "--again":
        print_again(failed)
    else:
        print_reasons(failed, path)


if __name__ == "__main__":
    main()
