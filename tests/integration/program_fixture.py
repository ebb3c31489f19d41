# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The base of real_programs_test.py and mail_and_proxy_test.py, inside tools/play.sh: alice, her
home and her tokens, and the programs of two Debians."""
import json
import os
import pwd
import subprocess
import sys
import unittest

import newer_programs
from git_server import GitServer
from own_patd import PLAY, ask_as  # and finds tools/lib
from namespace import show_inside
from processes import said

SOCKET = "/run/patd/socket"
HELPER = f"{PLAY}/bin/git-credential-pat"
PASSWORD = "a password of this test"
HTTPD = 33  # any uid may verify
SECONDS = 120


def run(*argv, **options):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=SECONDS, check=False, **options)


class WithPrograms(unittest.TestCase):
    newer_tree = ""

    @classmethod
    def setUpClass(cls):
        cls.make_alice()
        show_inside(cls.newer_tree, "dev", "proc", "run/patd", PLAY[1:], "etc/passwd", "etc/hosts")
        os.chmod(f"{cls.newer_tree}/tmp", 0o1777)

    @classmethod
    def make_alice(cls):
        subprocess.run(["useradd", "--no-log-init", "-m", "-d", f"{PLAY}/home/alice", "alice"],
                       check=True, stderr=subprocess.DEVNULL)
        cls.uid = pwd.getpwnam("alice").pw_uid
        with cls.said(f"{PASSWORD}\n{PASSWORD}\n") as reader:
            subprocess.run(["patctl", "admin", "passwd", "alice", "--password-fd",
                            str(reader.fileno())], pass_fds=(reader.fileno(),), check=True,
                           stdout=subprocess.DEVNULL)

    def setUp(self):
        """A server of an earlier test may have had a port that this one's gets."""
        with self.said(f"{PASSWORD}\n") as reader:
            self.expect(run("patctl", "remove-all", "--yes", "--password-fd",
                            str(reader.fileno()), pass_fds=(reader.fileno(),),
                            **self.as_alice()))

    said = staticmethod(said)

    def serve(self, **options):
        folder = f"{PLAY}/home/site-{self._testMethodName}"
        subprocess.run(["bash", "-ec", f"""
            git init -q --bare {folder}/project.git && cd {folder}/project.git
            git config user.name a && git config user.email a@b
            blob=$(printf '[package]\\nname="private"\\nversion="0.1.0"\\n[lib]\\n' |
                git hash-object -w --stdin)
            lib=$(git hash-object -w --stdin </dev/null)
            src=$(printf '100644 blob %s\\tlib.rs\\n' $lib | git mktree)
            tree=$(printf '100644 blob %s\\tCargo.toml\\n040000 tree %s\\tsrc\\n' $blob $src |
                git mktree)
            git update-ref HEAD $(git commit-tree -m first $tree) && git update-server-info
            """], check=True)
        server = GitServer(folder, self.accepts, **options)
        self.addCleanup(server.close)
        return server

    def accepts(self, user, secret):
        """Asks as a service would whether it is a child of alice's."""
        verified = ask_as(SOCKET, HTTPD, "verify", f"token={secret}", f"user={user}")
        return verified.get("valid") == "1" and verified["kind"] == "child"

    def create(self, url):
        with self.said(f"{PASSWORD}\n") as reader, open("/dev/null", "wb") as output:
            done = run("patctl", "create", url, "-p", "vcs:repository:rw", "-t", url,
                       "--password-fd", str(reader.fileno()), "--output-fd",
                       str(output.fileno()), pass_fds=(reader.fileno(), output.fileno()),
                       **self.as_alice())
        self.expect(done)

    def ids_for(self, url):
        done = run("patctl", "--json", "list", **self.as_alice())
        self.expect(done)
        return [token["id"] for token in json.loads(done.stdout) if url in token["targets"]]

    def keep(self, url, user, secret):
        """alice imports a token that was made elsewhere."""
        with self.said(f"{PASSWORD}\n") as reader, self.said(f"{secret}\n") as secrets:
            done = run("patctl", "import", url, "-t", url, "-u", user, "--password-fd",
                       str(reader.fileno()), "--secret-fd", str(secrets.fileno()),
                       pass_fds=(reader.fileno(), secrets.fileno()), **self.as_alice())
        self.expect(done)

    @staticmethod
    def make_certificate():
        """A file with a certificate for localhost and its key."""
        path = f"{PLAY}/home/localhost.pem"
        if not os.path.exists(path):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                            "-keyout", path, "-out", f"{path}.crt"],
                           check=True, stderr=subprocess.DEVNULL)
            with open(path, "a", encoding="ascii") as file, \
                    open(f"{path}.crt", encoding="ascii") as certificate:
                file.write(certificate.read())
        return path

    def as_alice(self, **variables):
        """A new home, whose git asks only our helper, or what `helpers` says."""
        home = f"{PLAY}/home/alice/{self._testMethodName}"
        os.makedirs(home, exist_ok=True)
        os.chown(home, self.uid, self.uid)
        return {"user": self.uid, "group": self.uid, "extra_groups": [], "cwd": home,
                "env": os.environ | {"HOME": home, "GIT_TERMINAL_PROMPT": "0",
                                     "GIT_CONFIG_NOSYSTEM": "1", **variables}}

    def configure(self, *helpers):
        lines = "".join(f"\thelper = {helper}\n" for helper in helpers)
        with open(f"{self.as_alice()['cwd']}/.gitconfig", "w", encoding="utf-8") as file:
            file.write(f"[user]\n\tname = a\n\temail = a@b\n[credential]\n{lines}")

    def alice(self, script, *arguments, newer=False):
        options = self.as_alice()
        argv = ["/bin/sh", "-ec", script, "sh", *arguments]
        if newer:
            home = options.pop("cwd")
            argv = ["/usr/sbin/chroot", f"--userspec={self.uid}:{self.uid}", "--groups=",
                    self.newer_tree, "/bin/sh", "-ec", f"cd {home} && exec \"$@\"", "sh", *argv]
            for name in ("user", "group", "extra_groups"):
                del options[name]
            options["env"]["PATH"] = "/usr/bin:/bin"
        return run(*argv, **options)

    def kept(self):
        """What a helper that keeps passwords would have kept."""
        path = f"{self.as_alice()['cwd']}/.git-credentials"
        return os.path.exists(path)

    def expect(self, done, status=0):
        self.assertEqual(done.returncode, status, done.stdout)


def main():
    """unittest's, after the tree in the directory that the arguments name was made."""
    WithPrograms.newer_tree = newer_programs.ensure(sys.argv.pop(1))
    unittest.main()
