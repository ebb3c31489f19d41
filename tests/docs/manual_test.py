# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The manual pages render without a warning, and agree with the programs' own help.
PATD_BUILD_DIR names the build."""
import glob
import itertools
import os
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PAGES = sorted(glob.glob(f"{ROOT}/docs/man/*.md"))
BUILD = os.environ["PATD_BUILD_DIR"]
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*[a-z]")
SECONDS = 60


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def page(name):
    return read(f"{ROOT}/docs/man/{name}.md")


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=SECONDS, check=False, env=os.environ | {"LC_ALL": "C.UTF-8"})


def ask(program, *arguments):
    done = run(f"{BUILD}/{program}", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def render(path):
    """(text, complaints) of a page as `man` shows it."""
    with tempfile.NamedTemporaryFile(suffix=".man") as file:
        made = run(f"{ROOT}/tools/manual_page.sh", path, file.name)
        shown = run("man", "--warnings", "-E", "UTF-8", "-l", file.name)
    return shown.stdout, made.stderr + shown.stderr


def usages_of(help_text):
    """What `Usage:` says of each command; its ways of use with | between, as in a page."""
    for block in re.findall(r"^Usage: (.*(?:\n {7,}.*)*)$", help_text, re.MULTILINE):
        first, *others = re.sub(r"\n {11}", " ", block).split("\n       ")
        words = first.split()[1:]
        command = " ".join(itertools.takewhile(re.compile("[a-z][a-z-]*").fullmatch, words))
        if not first.endswith("COMMAND [ARGUMENT...]") or command == "exec":
            ways = [way.removeprefix(f"patctl {command} ") for way in others]
            yield " | ".join([" ".join(words), *ways])


class Version(unittest.TestCase):
    """The number in CMakeLists.txt, wherever it can be read."""
    version = run(f"{ROOT}/tools/version.sh").stdout.strip()

    def test_stands_at_the_foot_of_every_page(self):
        self.assertRegex(self.version, r"^\d+\.\d+\.\d+$")
        for path in PAGES:
            self.assertRegex(render(path)[0].rstrip().rsplit("\n", 1)[-1],
                             rf"^patd {re.escape(self.version)}\s", path)

    def test_is_what_every_program_says(self):
        for program in ("daemon/patd", "daemon/user/patd-user", "cli/patctl",
                        "credential_helper/git-credential-pat"):
            self.assertEqual(ask(program, "--version").split()[-1], self.version, program)


class Rendering(unittest.TestCase):
    def test_gives_no_warning(self):
        self.assertGreaterEqual(len(PAGES), 5)
        for path in PAGES:
            text, complaints = render(path)
            self.assertEqual(complaints, "", path)
            name, section = os.path.basename(path)[:-len(".md")].rsplit(".", 1)
            self.assertTrue(text.startswith(f"{name}({section})"), text[:80])
            for heading in ("NAME", "DESCRIPTION", "SEE ALSO"):
                self.assertIn(f"\n{heading}\n", text, path)

    def test_would_notice_one(self):
        with tempfile.NamedTemporaryFile("w", suffix=".md") as file:
            file.write("% x(1) x | x\n\n# NAME\n\nx\n\n```{=man}\n.foo\n```\n")
            file.flush()
            self.assertIn("foo", render(file.name)[1])

    def test_names_no_page_that_is_not_there(self):
        own = {os.path.basename(path)[:-len(".md")] for path in PAGES}
        for path in PAGES:
            for name, section in re.findall(r"\*\*((?:pat|org\.patd|git-credential-pat)[\w.-]*)\*\*"
                                            r"\((\d)\)", read(path)):
                self.assertIn(f"{name}.{section}", own | {"patd.conf.5"}, path)


class Gateway(unittest.TestCase):
    def test_is_found_from_the_pages_that_people_read_first(self):
        for name in ("patctl.1", "patd.8", "patd.conf.5"):
            also = page(name).split("\n# SEE ALSO\n")[1]
            for section in "58":
                self.assertIn(f"**patd-gateway**({section})", also, name)

    def test_is_set_up_before_the_first_clone(self):
        """git asks patd only after `setup git`, and goes to the gateway after `setup gateway`."""
        section = page("patd-gateway.8").split("\n# SETTING UP\n")[1].split("\n# ")[0]
        steps = [line.strip() for line in section.splitlines() if line.startswith("    ")]
        clone = [step.startswith("git clone ") for step in steps].index(True)
        self.assertEqual(steps[clone - 2:clone], ["patctl setup git", "patctl setup gateway"])

    def test_is_within_a_containers_reach_where_git_is_sent_to_it(self):
        """A container's own loopback is not the host's."""
        section = read(f"{ROOT}/README.md").split("\n## In a container\n")[1].split("\n## ")[0]
        self.assertIn("`--network host -e GIT_CONFIG_GLOBAL=/run/patd/gitconfig`", section)


class Programs(unittest.TestCase):
    def same_options(self, name, help_text):
        # A page's own options are bold; other programs' appear in examples.
        named = set(re.findall(r"\*\*(--[a-z][a-z-]*)\*\*", page(name)))
        known = set(OPTION.findall(help_text))
        self.assertEqual(named - known, set(), f"{name} has what the program does not know")
        self.assertEqual(known - named, set(), f"{name} does not explain what the program knows")

    def test_patctl_has_the_options_commands_and_exit_codes_of_its_page(self):
        help_text = ask("cli/patctl", "--help-all")
        self.same_options("patctl.1", help_text)
        text = page("patctl.1")
        entries = re.findall(r"(?m)^(\*\*[a-z-]+(?: [a-z-]+)?\*\*.*)$",
                             text.split("\n# COMMANDS")[1].split("\n# OPTIONS")[0])
        self.assertGreater(len(entries), 15)
        self.assertEqual(sorted(entry.replace("*", "") for entry in entries),
                         sorted(usages_of(help_text)))
        codes = re.findall(r"^  (\d)  ", ask("cli/patctl", "--help"), re.MULTILINE)
        statuses = re.findall(r"^\*\*(\d)\*\*", text.split("\n# EXIT STATUS")[1], re.MULTILINE)
        self.assertEqual(codes, statuses)

    def test_patd_has_the_options_of_its_page(self):
        self.same_options("patd.8", ask("daemon/patd", "--help"))

    def test_patd_user_has_the_options_of_its_page(self):
        self.same_options("patd-user.8", ask("daemon/user/patd-user", "--help"))

    def test_the_helper_has_the_options_and_verbs_of_its_page(self):
        help_text = ask("credential_helper/git-credential-pat", "--help")
        self.same_options("git-credential-pat.1", help_text)
        verbs = re.search(r"\[--show\]\s+([a-z|]+)", help_text).group(1).split("|")
        section = page("git-credential-pat.1").split("\n# VERBS")[1].split("\n# ")[0]
        self.assertEqual(re.findall(r"^\*\*(\w+)\*\*$", section, re.MULTILINE), verbs)

    def test_patd_http_takes_the_options_that_its_page_names(self):
        source = read(f"{ROOT}/http/http_settings.cc")
        taken = set(re.findall(r'line\.key [!=]= "(\w+)"', source))
        section = page("patd-http.8").split("\n# CONFIGURATION\n")[1].split("\n# ")[0]
        self.assertEqual(taken, set(re.findall(r"^\*\*(\w+)=", section, re.MULTILINE)))

    def test_the_pam_module_takes_what_its_page_names(self):
        source = read(f"{ROOT}/pam_module/module_options.cc")
        known = set(re.findall(r'word (?:==|!=) "(\w+)"', source))
        known |= {f"{key}=" for key in re.findall(r'key == "(\w+)"', source)}
        text = page("pam_pat.8")
        sections = text.split("\n# MODES")[1].split("\n# MODULE TYPES")[0]
        terms = " ".join(re.findall(r"^\*\*.*$", sections, re.MULTILINE))
        named = set(re.findall(r"\*\*([a-z_]+=?)", terms))
        self.assertEqual(named, known)


class Json(unittest.TestCase):
    def test_names_every_error_that_is_patctls_own(self):
        sources = "".join(read(path) for path in glob.glob(f"{ROOT}/cli/**/*.cc", recursive=True))
        section = page("patctl-json.7").split("\n# ERRORS")[1].split("\n# ")[0]
        named = set(re.findall(r"\*\*([A-Z]\w+)\*\*", section))
        of_the_bus = set(re.findall(r"PATD_ERRC\((\w+),", read(f"{ROOT}/common/base/errc.def")))
        told = set(re.findall(r'\bfail\(\s*"(\w+)"', sources))
        self.assertEqual(told - of_the_bus, named)


class BusPage(unittest.TestCase):
    def test_is_what_the_interface_file_says(self):
        done = run(sys.executable, "-B", f"{ROOT}/tools/dbus_page.py", "--check")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_names_every_error(self):
        rows = read(f"{ROOT}/common/base/errc.def")
        errors = re.findall(r"^PATD_ERRC\((\w+),", rows, re.MULTILINE)
        section = page("org.patd.Tokens1.5").split("\n# ERRORS")[1]
        self.assertEqual(re.findall(r"^\*\*(\w+)\*\*$", section, re.MULTILINE), errors)


if __name__ == "__main__":
    unittest.main()
