# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""README.md's examples for D-Bus clients, those of patctl's manual pages, and the live interface
compared with its file, with the real daemons in tools/play.sh. Needs root. PATD_BUILD_DIR names the
build."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
SECONDS = 100


SHOWN = ("docs/examples", "docs/man", "systemd/dbus", "tests/docs")
directory = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with


def setUpModule():  # pylint: disable=invalid-name
    """The checkout may be where alice has no access."""
    for folder in SHOWN:
        shutil.copytree(f"{ROOT}/{folder}", f"{directory.name}/{folder}")
    subprocess.run(["chmod", "-R", "a+rX", directory.name], check=True)


def tearDownModule():  # pylint: disable=invalid-name
    directory.cleanup()


def play(script, *arguments):
    """Runs a script as alice in a folder with what the checkout has to show her."""
    done = subprocess.run(
        [f"{ROOT}/tools/play.sh", "--as", "alice", "--", "bash", "-euc", script, "bash",
         *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, timeout=SECONDS, check=False, cwd=directory.name)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def commands_of_readme():
    """The shell commands below `## For programs`, one per line."""
    with open(f"{ROOT}/README.md", encoding="utf-8") as file:
        section = file.read().split("\n## For programs\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [re.sub(r"\s+#.*", "", line) for line in lines if line]


class Readme(unittest.TestCase):
    def test_shows_a_client_that_makes_a_token(self):
        (create,) = [line for line in commands_of_readme() if "create_token.py" in line]
        # Without a terminal the password is read from standard input.
        out = play(f"""
            secret=$(setsid --wait {create} <<< "$PATD_PLAY_PASSWORD" 2>/dev/null)
            patctl --json verify <<< "$secret"; patctl --json list""")
        verdict, tokens = (json.loads(line) for line in out.splitlines())
        self.assertTrue(verdict["valid"])
        self.assertEqual([verdict["id"]], [token["id"] for token in tokens])

    def test_shows_a_client_that_says_why_not(self):
        out = play("""
            docs/examples/create_token.py x 2>&1 || echo "$?"
            setsid --wait docs/examples/create_token.py x not:a:permission 2>&1 || echo "$?"
            setsid --wait docs/examples/create_token.py x no:such:rw 2>&1 || echo "$?"
            setsid --wait docs/examples/create_token.py x vcs <<< wrong 2>&1 || echo "$?"
            patctl --json list""")
        self.assertTrue(out.startswith("usage: create_token.py DESCRIPTION PERMISSION"), out)
        self.assertIn("org.patd.Tokens1.Error.InvalidPermission: Give 1 to 64", out)
        self.assertIn("org.patd.Tokens1.Error.UnknownPermission: This machine's permission", out)
        self.assertIn("org.patd.Tokens1.Error.WrongPassword: The password was wrong", out)
        self.assertTrue(out.endswith("\n1\n[]\n"), out)

    def test_shows_a_program_that_speaks_no_d_bus(self):
        (create,) = [line for line in commands_of_readme() if "converse.py" in line]
        out = play(f"""
            secret=$(setsid --wait {create} <<< "$PATD_PLAY_PASSWORD" 2>/dev/null)
            patctl --json verify <<< "$secret"
            setsid --wait docs/examples/converse.py x vcs <<< wrong 2>&1 || echo "$?"
            docs/examples/converse.py x not:a:permission 2>&1 || echo "$?"
            docs/examples/converse.py x 2>&1 || echo "$?" """)
        verdict, *why = out.splitlines()
        self.assertTrue(json.loads(verdict)["valid"])
        self.assertIn("The password was wrong; nothing was changed.", why)
        self.assertIn("not:a:permission: write a permission as area", out)
        self.assertTrue(out.endswith("[TARGET]...: makes a token and prints its secret.\n1\n"), out)

    def test_shows_busctl_for_list_and_show(self):
        calls = [line for line in commands_of_readme() if line.startswith("busctl ")]
        self.assertEqual(len(calls), 2)
        script = """patctl create x -p vcs:repository:ro --password-fd 8 --output-fd 1 \\
            8<<< "$PATD_PLAY_PASSWORD" >/dev/null 2>&1
            ID=$(patctl --json list | grep -o '"id":"[^"]*"' | cut -d'"' -f4)
            for call; do eval "${call//ID/$ID}"; done"""
        listed, shown = play(script, *calls).splitlines()
        self.assertRegex(listed, r'^a\(oa\{sv\}\) 1 "/org/patd/Tokens1/token/\w{10}" ')
        self.assertRegex(shown, r'^a\{sv\} \d+ ')
        self.assertIn('"permissions" as 1 "vcs:repository:ro"', shown)


class Watching(unittest.TestCase):
    def test_tells_the_owner_that_a_dead_secret_was_shown_and_nobody_else(self):
        out = play("""
            secret=$(patctl create x -p git --password-fd 8 --output-fd 1 \
                8<<< "$PATD_PLAY_PASSWORD" 2>/dev/null)
            coproc watch { exec /usr/bin/python3 -u docs/examples/watch_tokens.py; }
            read -r line <&"${watch[0]}"; echo "$line"
            ID=$(cut -d_ -f2 <<< "$secret")
            patctl delete "$ID" --password-fd 8 8<<< "$PATD_PLAY_PASSWORD" >/dev/null 2>&1
            patctl verify <<< "$secret" >/dev/null 2>&1 || echo "$?"
            read -r line <&"${watch[0]}"; echo "${line/$ID/ID}"
            kill "$watch_PID" """)
        self.assertEqual(out, "watching\n4\nSecretReused ID verify\n")


class ManualPages(unittest.TestCase):
    def test_show_commands_that_run_as_printed(self):
        play("/usr/bin/python3 -B tests/docs/recipes.py docs/man 2>&1")


class LiveInterface(unittest.TestCase):
    def test_is_what_the_interface_file_says(self):
        play("""setsid --wait /usr/bin/python3 -B tests/docs/live_interface.py \
            <<< "$PATD_PLAY_PASSWORD" 2>&1""")


if __name__ == "__main__":
    unittest.main()
