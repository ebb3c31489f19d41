# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A reader of README.md who has git set up already: gh, Git Credential Manager, .git-credentials,
.netrc. She types what its section `With git` shows, with the names of her own servers. Runs inside
of tools/play.sh: reader_test.py README"""
import os
import pty
import re
import select
import shutil
import ssl
import subprocess
import sys
import tempfile
import unittest

from git_server import GitServer

SECONDS = 60
PASSWORD = os.environ["PATD_PLAY_PASSWORD"]
CREATE = 'patctl create "laptop" -p vcs:repository:rw -t https://git.example -e 90d'
GITCONFIG = """[user]
\tname = Zoe
\temail = zoe@example.org
[credential]
\thelper =
\thelper = {bin}/git-credential-manager
\tcredentialStore = cache
[credential "https://dev.azure.com"]
\tuseHttpPath = true
[credential]
\thelper = store
[credential "https://github.com"]
\thelper =
\thelper = !{bin}/gh auth git-credential
[credential "https://gist.github.com"]
\thelper =
\thelper = !{bin}/gh auth git-credential
"""
# Another helper's answer; when it is asked, it records that.
HELPER = """#!/bin/sh
echo "$0 $*" >>'{home}/asked'
[ "$1" != auth ] || shift 2
[ "$1" = get ] && printf 'username=gh\\npassword=of-gh\\n'
exit 0
"""
with open(sys.argv.pop(1), encoding="utf-8") as readme:
    SECTION = readme.read().split("\n## With git\n")[1].split("\n## ")[0]


class HttpsGitServer(GitServer):
    def __init__(self, folder, accepts, certificate):
        super().__init__(folder, accepts)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # Nobody has connected yet.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True,
                                                  do_handshake_on_connect=False)
        self.url = f"https://{self.host}"


class Reader(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = folder.name
        self.environment = os.environ | {
            "HOME": self.home, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_SSL_CAINFO": f"{self.home}/site.pem"}
        for name in ("XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "SSH_ASKPASS", "GIT_ASKPASS"):
            self.environment.pop(name, None)
        self.bash(f"""
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
                -keyout key -out site.pem -subj /CN=localhost \
                -addext subjectAltName=DNS:localhost 2>/dev/null
            cat key >>site.pem
            git init -q --bare site/team/tool.git
            git -C site/team/tool.git -c user.name=a -c user.email=a@b commit-tree -m one \
                $(git -C site/team/tool.git hash-object -wt tree /dev/null) >commit
            git -C site/team/tool.git update-ref HEAD $(cat commit)
            mkdir bin; cat >bin/gh <<'END'\n{HELPER.format(home=self.home)}END
            cp bin/gh bin/git-credential-manager; chmod +x bin/*""")
        self.new, self.old = (HttpsGitServer(f"{self.home}/site", accepts, f"{self.home}/site.pem")
                              for accepts in (self.is_valid, self.is_old))
        self.addCleanup(self.new.close)
        self.addCleanup(self.old.close)
        self.write(".gitconfig", GITCONFIG.format(bin=f"{self.home}/bin"))
        self.write(".git-credentials", f"https://zoe:s3cret@{self.old.host}\n"
                                       "https://zoe:hub@github.com\n")
        self.write(".netrc", "machine other.example\n    login zoe\n    password of-netrc\n")

    def write(self, name, text):
        with open(f"{self.home}/{name}", "w", encoding="utf-8",
                  opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(text)

    def read(self, name):
        path = f"{self.home}/{name}"
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8") as file:
            return file.read()

    def is_valid(self, user, secret):
        return self.is_old(user, secret) or subprocess.run(
            ["patctl", "verify", "--user", user], input=secret, text=True, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    @staticmethod
    def is_old(user, secret):
        return (user, secret) == ("zoe", "s3cret")

    def bash(self, script, status=0):
        done = subprocess.run(["bash", "-ec", script], cwd=self.home, env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
        self.assertEqual(done.returncode, status, f"{script}\n{done.stdout}")
        return done.stdout

    def type(self, shown, *answers, **names):
        """Types a command that README shows at a terminal; `names` are put in the place of its own.
        Every prompt gets the next of `answers`. What she saw."""
        self.assertIn(shown, SECTION)
        command = shown
        for name, own in names.items():
            self.assertIn(NAMES[name], command)
            command = command.replace(NAMES[name], own)
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.home)
            os.execvpe("bash", ["bash", "-c", command], self.environment)
        screen, unanswered, answers = "", "", list(answers)
        while select.select([terminal], [], [], SECONDS)[0]:
            try:
                data = os.read(terminal, 4096)
            except OSError:  # she has no terminal any more: the command ended
                break
            screen, unanswered = screen + data.decode(), unanswered + data.decode()
            if re.search(r"(password for \w+|Secret from \S+|Password|\[Y/n\]):? $", unanswered):
                self.assertTrue(answers, screen)
                os.write(terminal, answers.pop(0).encode() + b"\n")
                unanswered = ""
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(terminal)
        self.assertEqual((status, answers), (0, []), f"{command}\n{screen}")
        return screen

    def clone(self, url, into):
        return self.bash(f"git clone -q {url} {into}; git -C {into} log --oneline")

    def test_gets_what_the_first_page_promises(self):
        screen = self.type(CREATE, PASSWORD, git=self.new.url)
        self.assertIn("pat1_", screen)
        screen = self.type("patctl setup git ")
        self.assertIn("For https://github.com git asks gh alone, as before", screen)
        self.assertNotIn("warning", screen)
        self.type("git clone https://git.example/team/tool.git",
                  tool=f"{self.new.url}/smart/team/tool.git")
        self.assertEqual(self.read("asked"), "", "git asked whom patd has replaced")
        self.assertNotIn(self.new.host, self.read(".git-credentials"))

        # Her own file comes in, and is removed.
        screen = self.type("patctl import --from ~/.git-credentials", PASSWORD)
        self.assertIn("2 tokens imported", screen)
        self.assertRegex(screen, r"Let git ask patd:\r?\n    patctl setup git 'https://github.com'")
        removal = re.search(r"rm -- [^\r\n]+", screen).group()
        self.bash(removal)
        self.assertFalse(os.path.exists(f"{self.home}/.git-credentials"))
        self.clone(f"{self.old.url}/smart/team/tool.git", "old")
        self.assertEqual(self.read(".git-credentials") + self.read("asked"), "")
        screen = self.type("patctl explain https://git.example/team/tool.git",
                           tool=f"{self.new.url}/smart/team/tool.git")
        self.assertIn("gets a token", screen)
        self.assertNotIn("note:", screen)

        # What gh answers for stays gh's until she decides otherwise.
        ask = "printf 'url=https://github.com/a/b\\n\\n' | git credential fill"
        self.assertIn("password=of-gh", self.bash(ask))
        doctor = self.bash("patctl doctor || :")
        self.assertIn("for https://github.com git asks gh alone instead of patd", doctor)
        self.type("patctl setup git https://github.com")
        self.assertIn("password=hub", self.bash(ask))
        self.assertNotIn("git asks", self.bash("patctl doctor || :"))

        # The other file.
        screen = self.bash(f"patctl import --from ~/.netrc --password-fd 8 8<<< {PASSWORD!r}")
        self.bash(re.search(r"rm -- [^\r\n]+", screen).group())
        self.assertIn("password=of-netrc", self.bash(
            "printf 'url=https://other.example/x\\n\\n' | git credential fill"))

    def test_can_narrow_what_git_asks_for(self):
        self.type(CREATE, PASSWORD, git=self.new.url)
        lines = re.search(r"```ini\n(.*?)```", SECTION, re.DOTALL).group(1)
        with open(f"{self.home}/.gitconfig", "a", encoding="utf-8") as file:
            file.write(lines.replace("https://git.example", self.new.url)
                       .replace("/usr/bin/git-credential-pat", shutil.which("git-credential-pat")))
        answer = self.bash(f"printf 'url={self.new.url}\\n\\n' | git credential fill")
        secret = re.search("^password=(patc1_.*)$", answer, re.MULTILINE).group(1)
        for permission, status in (("ro", 0), ("rw", 4)):
            self.bash(f"patctl verify -p vcs:repository:{permission} <<< {secret}", status)

    def test_keeps_a_token_that_another_service_made(self):
        self.type('patctl import "work forge" -t https://forge.example/team -u alice', "s3cret",
                  PASSWORD, forge=f"{self.old.url}/smart/team", user="zoe")
        self.type("patctl setup git ")
        self.clone(f"{self.old.url}/smart/team/tool.git", "kept")
        self.assertEqual(self.read("asked"), "")


NAMES = {"git": "https://git.example", "tool": "https://git.example/team/tool.git",
         "forge": "https://forge.example/team", "user": "alice"}

if __name__ == "__main__":
    unittest.main()
