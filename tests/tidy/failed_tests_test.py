# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Tests of tools/lib/failed_tests.py, with files that the real CTest writes."""
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(os.path.dirname(os.path.dirname(HERE)), "tools", "lib", "failed_tests.py")


class FailedTests(unittest.TestCase):
    def run_program(self, *options: str, **commands: str) -> "subprocess.CompletedProcess[str]":
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/CTestTestfile.cmake", "w", encoding="utf-8") as file:
                for name, command in commands.items():
                    file.write(f"add_test({name} {command})\n")
            subprocess.run(["ctest", "-Q", "--test-dir", folder, "--output-junit",
                            f"{folder}/junit.xml"], check=False, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            return subprocess.run([sys.executable, "-B", PROGRAM, *options, f"{folder}/junit.xml"],
                                  check=False, stdout=subprocess.PIPE, text=True)

    def summary_of(self, **commands: str) -> str:
        done = self.run_program(**commands)
        self.assertEqual(done.returncode, 0)
        return done.stdout

    def again(self, **commands: str) -> str:
        done = self.run_program("--again", **commands)
        return done.stdout if done.returncode == 0 else ""

    def test_are_named_with_the_lines_that_tell_why(self) -> None:
        self.assertEqual(
            self.summary_of(
                passes='sh -c "echo ERROR nobody reads"',
                fails='sh -c "seq 20; echo a.cc:3: Failure; seq 20; exit 1"'),
            "    fails\n        a.cc:3: Failure\n")

    def test_show_their_last_lines_where_none_tells_why(self) -> None:
        self.assertEqual(self.summary_of(silent='sh -c "seq 20; exit 3"').split(),
                         ["silent", *map(str, range(13, 21))])

    def test_are_named_when_their_program_is_not_there(self) -> None:
        self.assertEqual(self.summary_of(absent="no-such-program"),
                         "    absent\n        Unable to find executable: no-such-program\n")

    def test_leave_nothing_to_say_when_all_passed(self) -> None:
        self.assertEqual(self.summary_of(passes="true"), "")

    def test_are_cut_where_nobody_reads_on(self) -> None:
        summary = self.summary_of(**{f"fails{number}": "false" for number in range(25)})
        self.assertEqual(summary.count("fails"), 20)
        self.assertIn("and 5 more", summary)

    def test_may_run_again_where_they_are_few(self) -> None:
        self.assertEqual(self.again(a="false", b="true", **{"Suite.c": "false"}),
                         "^(a|Suite\\.c)$\n")
        self.assertEqual(self.again(**{f"fails{number}": "false" for number in range(4)}), "")

    def test_run_once_where_they_look_for_faults(self) -> None:
        for name in ("hostile-line", "fuzz-json"):
            self.assertEqual(self.again(**{name: "false"}), "")
        for said in ("ERROR: AddressSanitizer: heap", "a.cc:3:1: runtime error: shift"):
            self.assertEqual(
                self.again(sees=f'sh -c "seq -f %gFailure 20; echo {said}; exit 1"'), "")


if __name__ == "__main__":
    unittest.main()
