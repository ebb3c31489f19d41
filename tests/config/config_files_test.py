#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patd's table of options, patd.conf(5) and the shipped example agree, and `patd --check-config`
and a start with a broken configuration do what the man page says."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).parents[2]
PATD = os.environ["PATD_BINARY"]
MAN_PAGE = (SOURCE / "docs/man/patd.conf.5.md").read_text(encoding="utf-8")
EXAMPLE = (SOURCE / "systemd/patd.conf").read_text(encoding="utf-8")
EX_CONFIG = 78


def run(root, *arguments):
    return subprocess.run([PATD, f"--config-root={root}", *arguments], capture_output=True,
                          text=True, check=False, timeout=60)


def options_of(text):
    """{option: value} of the lines of a configuration file."""
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def documented():
    """{option: default} of the man page, in its order."""
    body = MAN_PAGE.split("# OPTIONS\n")[1].split("\n# ")[0]
    entries = re.findall(r"^\*\*(\w+)=\*\*\n:((?:.|\n(?!\*\*))*)", body, re.MULTILINE)
    defaults = {name: re.search(r"Default\s+\*\*([^*]+)\*\*|Default:\s+none", text)
                for name, text in entries}
    return {name: found[1] or "" for name, found in defaults.items()}


class ConfigFilesTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
        path.parent.chmod(0o755)
        return path

    def defaults(self):
        result = run(self.root, "--check-config")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return options_of(result.stdout)

    def test_the_man_page_lists_each_option_with_its_default(self):
        self.assertGreater(len(documented()), 5)
        self.assertEqual(list(documented().items()), list(self.defaults().items()))

    def test_the_man_page_names_the_bounds_that_a_bad_value_is_answered_with(self):
        self.write("etc/patd/patd.conf",
                   "[Patd]\n" + "".join(f"{name}=?\n" for name in documented()))
        faults = run(self.root, "--check-config").stderr.splitlines()
        self.assertEqual(len(faults), len(documented()))
        body = re.sub(r"\s+", " ", MAN_PAGE)
        for name, fault in zip(documented(), faults):
            entry = body.split(f"**{name}=**")[1].split("=**")[0]
            for bound in re.findall(r"from (\w+) to (\w+)", fault):
                self.assertIn(f"{bound[0]} to {bound[1]}", entry)

    def test_the_example_shows_each_option_with_its_default_as_a_comment(self):
        shown = options_of(EXAMPLE.replace("\n#", "\n"))
        self.assertEqual(list(shown.items()), list(self.defaults().items()))
        self.assertEqual(options_of(EXAMPLE), {})

    def test_the_example_is_a_good_configuration_also_without_its_comments(self):
        for text in (EXAMPLE, re.sub(r"^#(?=\w+=)", "", EXAMPLE, flags=re.MULTILINE)):
            self.write("etc/patd/patd.conf", text)
            self.assertEqual(self.defaults(), documented())

    def test_the_example_of_the_man_page_is_a_good_configuration(self):
        block = MAN_PAGE.split("# EXAMPLE")[1].split("# SEE ALSO")[0]
        lines = [line[4:] for line in block.splitlines() if line.startswith("    ")]
        self.write("etc/patd/patd.conf.d/50-site.conf", "\n".join(lines) + "\n")
        self.assertEqual(self.defaults(), documented() | {"TokenLifetimeMax": "90d",
                                                          "AcceptStore": "no"})

    def test_a_check_names_file_and_line_of_every_fault(self):
        main = self.write("etc/patd/patd.conf", "[Patd]\nAcceptStore=maybe\nFoo=1\n")
        drop_in = self.write("usr/lib/patd/patd.conf.d/10.conf", "TokensPerUser=1\n")
        result = run(self.root, "--check-config")
        self.assertEqual((result.returncode, result.stdout), (EX_CONFIG, ""))
        self.assertEqual([line.split(": ")[0] for line in result.stderr.splitlines()],
                         [f"{main}:2", f"{main}:3", f"{drop_in}:1"])

    def test_a_check_looks_at_the_permission_catalogue_too(self):
        for shipped in (SOURCE / "systemd/permissions.d").iterdir():
            self.write(f"usr/lib/patd/permissions.d/{shipped.name}", shipped.read_text())
        self.assertIn(f"# {self.root}/usr/lib/patd/permissions.d/coding.conf",
                      run(self.root, "--check-config").stdout.splitlines())
        page = (SOURCE / "docs/man/patd.permissions.5.md").read_text(encoding="utf-8")
        block = page.split("# EXAMPLE")[1].split("# SEE ALSO")[0]
        lines = [line[4:] for line in block.splitlines() if line.startswith("    ")]
        self.write("etc/patd/permissions.d/50-site.conf", "\n".join(lines) + "\n")
        example = (SOURCE / "docs/examples/permissions.d/services.conf").read_text()
        self.write("etc/patd/permissions.d/services.conf", example)
        self.defaults()
        broken = self.write("etc/patd/permissions.d/60-site.conf", "[wiki:page]\nAccess=all\n")
        result = run(self.root, "--check-config")
        self.assertEqual((result.returncode, result.stdout), (EX_CONFIG, ""))
        self.assertEqual(result.stderr, f"{broken}:2: Access= takes ro, or ro rw\n")
        self.assert_quiet(EX_CONFIG)
        broken.unlink()
        self.assert_quiet(0)

    def assert_quiet(self, status):
        """As a reload asks: the exit status says it, and the journal is not filled."""
        quiet = run(self.root, "--check-config", "--quiet")
        self.assertEqual((quiet.returncode, quiet.stdout, quiet.stderr), (status, "", ""))

    def test_a_service_with_a_broken_catalogue_serves_nothing(self):
        self.write("etc/patd/permissions.d/10.conf", "[wiki:page]\nAccess=all\n")
        self.expect_no_service(faults=1)

    def test_a_service_with_a_broken_configuration_serves_nothing(self):
        self.write("etc/patd/patd.conf", "[Patd]\nAcceptStore=maybe\nFoo=1\n")
        self.expect_no_service(faults=2)

    def expect_no_service(self, faults):
        state = self.root / "state"
        state.mkdir(mode=0o700)
        result = run(self.root, f"--state-dir={state}", f"--socket={self.root}/socket",
                     "--bus-address=none", f"--master-key={self.root}/key")
        self.assertEqual(result.returncode, EX_CONFIG)
        self.assertEqual(result.stderr.count("the configuration is wrong ["), faults)
        self.assertRegex(result.stderr,
                         r"<3>patd cannot serve: .*run: patctl admin check-config\)\n$")
        self.assertEqual(list(state.iterdir()), [])
        self.assertFalse((self.root / "socket").exists())


if __name__ == "__main__":
    sys.exit(unittest.main())
