#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""tests/discover.py finds a test's source also by the relative path that ccache gives compilers."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

DISCOVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../discover.py")


def discover(directory, named):
    """What becomes of a test whose program says that `named` is its source."""
    program = os.path.join(directory, "program")
    tests = {"testsuites": [{"name": "Suite", "testsuite": [{"name": "Test", "file": named}]}]}
    with open(program, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nfor last; do :; done\n"
                   f"cat >\"${{last#--gtest_output=json:}}\" <<'END'\n{json.dumps(tests)}\nEND\n")
    os.chmod(program, 0o755)
    rules = os.path.join(directory, "rules")
    with open(rules, "w", encoding="utf-8") as file:
        file.write("/source/tests/one/same_test.cc unit \n/source/tests/two/same_test.cc bus \n")
    output = os.path.join(directory, "output")
    subprocess.run([sys.executable, "-B", DISCOVER, program, rules, output], check=True)
    with open(output, encoding="utf-8") as file:
        return file.read()


class Discover(unittest.TestCase):
    def test_takes_absolute_and_relative_paths(self):
        with tempfile.TemporaryDirectory() as directory:
            for path in ("/source/tests/two/same_test.cc", "../../tests/two/same_test.cc"):
                self.assertIn("LABELS bus", discover(directory, path))


unittest.main()
