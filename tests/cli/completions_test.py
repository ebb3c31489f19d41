# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The completions in bash, zsh and fish themselves. PATD_PATCTL names the program."""
import os
import pty
import re
import select
import subprocess
import tempfile
import unittest

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../cli/completions")
SECONDS = 60
BASH = """. "$1"; COMP_LINE=$2; COMP_POINT=${#2}; complete -p patctl >/dev/null
_patctl patctl; printf '%s\\n' "${COMPREPLY[@]}" """
ZSH_START = ("PROMPT=ready; fpath=({folder} $fpath); autoload -U compinit; "
             "compinit -u -d {scratch}/dump; print o''k\n")


def environment():
    program = os.path.dirname(os.environ["PATD_PATCTL"])
    return {"PATH": f"{program}:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb",
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"}


def run(*command, cwd=None, **more):
    done = subprocess.run(command, env=environment() | more, cwd=cwd, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=SECONDS, check=False)
    assert done.stderr == "", done.stderr
    return done.stdout


def commands_of_help():
    listed = run("patctl", "--help").split("\nOptions:\n")[0]
    return sorted(re.findall(r"(?m)^  ([a-z-]+)(?: |$)", listed))


class Completions(unittest.TestCase):
    """What each shell must offer, whatever its way to show it."""

    def test_in_bash(self):
        def complete(line, cwd=None):
            return run("bash", "--norc", "-c", BASH, "bash", f"{FOLDER}/bash/patctl", line,
                       cwd=cwd).split()
        self.assertEqual(sorted(complete("patctl ")), commands_of_help())
        self.assertEqual(complete("patctl create x -t https://h.example --out"), ["--output-fd"])
        self.assertEqual(complete("patctl show "), [])
        self.assertEqual(complete("patctl admin passwd roo"), ["root"])

    def test_in_bash_a_value_with_colons_goes_on_after_the_last_one(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/patctl", "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\nprintf 'vcs:repository:ro\\tx\\nvcs:repository:rw\\tx\\n'\n")
            os.chmod(f"{folder}/patctl", 0o755)
            found = run("bash", "--norc", "-c", BASH, "bash", f"{FOLDER}/bash/patctl",
                        "patctl create x -p vcs:repository:r", PATH=f"{folder}:/usr/bin:/bin")
        self.assertEqual(found.split(), ["ro", "rw"])

    def test_in_fish(self):
        def complete(line):
            script = f"source {FOLDER}/fish/patctl.fish; complete -C '{line}'"
            with tempfile.TemporaryDirectory() as home:
                found = run("fish", "--no-config", "-c", script, HOME=home)
            return dict(part.partition("\t")[::2] for part in found.splitlines())
        self.assertEqual(sorted(complete("patctl ")), commands_of_help())
        self.assertEqual(complete("patctl expl"),
                         {"explain": "Show which token a request for a URL would get, and why"})
        self.assertEqual(list(complete("patctl create x --out")), ["--output-fd"])
        self.assertEqual(complete("patctl show "), {})
        self.assertIn("root", complete("patctl admin passwd roo"))

    def test_in_zsh(self):
        with tempfile.TemporaryDirectory() as scratch:
            leader, follower = pty.openpty()
            shell = subprocess.Popen(["setsid", "--ctty", "zsh", "-f", "-i"], stdin=follower,
                                     stdout=follower, stderr=follower,
                                     env=environment() | {"HOME": scratch})
            os.close(follower)
            self.addCleanup(shell.kill)
            os.write(leader, ZSH_START.format(folder=f"{FOLDER}/zsh", scratch=scratch).encode())
            self.wait_for(leader, rb"\nok")
            os.write(leader, b"patctl expl\t")
            self.wait_for(leader, rb"patctl explain ")
            os.write(leader, b"\x15patctl create x --out\t")
            self.wait_for(leader, rb"--output-fd ")
            os.write(leader, b"\x15patctl admin passwd roo\t")
            self.wait_for(leader, rb"roo\W*t ")
            os.write(leader, b"\x15exit\n")
            shell.wait(SECONDS)
            os.close(leader)

    def wait_for(self, leader, pattern):
        shown = b""
        while not re.search(pattern, shown):
            self.assertTrue(select.select([leader], [], [], SECONDS)[0], shown)
            shown += os.read(leader, 4096)


if __name__ == "__main__":
    unittest.main()
