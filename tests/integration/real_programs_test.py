# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The programs that speak git's credential protocol, of Debian 12 and of Debian 13, against a web
server that lets in whom patd verifies. Runs inside of tools/play.sh, as root.
real_programs_test.py CACHE"""
import os
import pwd
import subprocess
import sys
import unittest

import newer_programs
from git_server import GitServer
from own_patd import PLAY, ask_as

SOCKET = "/run/patd/socket"
HELPER = f"{PLAY}/bin/git-credential-pat"
PASSWORD = "a password of this test"
HTTPD = 33  # any uid may verify
SECONDS = 120
SCRIPT_LFS_PUSH = """
git init -q work && cd work
git lfs install --local >/dev/null && git lfs track '*.bin' >/dev/null
for name in 1 2 3; do echo $name >$name.bin; done
git add . && git commit -qm objects && exec timeout -k 1 20 git push -q "$1" HEAD:refs/heads/lfs
"""
SCRIPT_CARGO_FETCH = """
mkdir -p work/src && cd work && echo 'fn main() {}' >src/main.rs && printf '%s\\n' '[package]' \
    'name = "user"' 'version = "0.1.0"' 'edition = "2021"' '[dependencies]' \
    "private = { git = \\"$1\\" }" >Cargo.toml && exec cargo fetch
"""
SCRIPT_MANY = """
git init -q work && cd work
for number in $(seq 30); do git remote add "r$number" "$1"; done
exec git fetch -q --multiple -j 30 --all
"""
newer_tree = ""


def run(*argv, **options):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=SECONDS, check=False, **options)


class RealPrograms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run(["useradd", "--no-log-init", "-m", "-d", f"{PLAY}/home/alice", "alice"],
                       check=True, stderr=subprocess.DEVNULL)
        cls.uid = pwd.getpwnam("alice").pw_uid
        with cls.said(f"{PASSWORD}\n{PASSWORD}\n") as reader:
            subprocess.run(["patctl", "admin", "passwd", "alice", "--password-fd",
                            str(reader.fileno())], pass_fds=(reader.fileno(),), check=True,
                           stdout=subprocess.DEVNULL)
        for folder in ("dev", "proc", "run/patd", PLAY[1:], "etc/passwd", "etc/hosts"):
            inside, outside = f"{newer_tree}/{folder}", f"/{folder}"
            if os.path.isdir(outside):
                os.makedirs(inside, exist_ok=True)
            else:
                with open(inside, "a", encoding="ascii"):
                    pass
            subprocess.run(["mount", "--rbind", outside, inside], check=True)
        os.chmod(f"{newer_tree}/tmp", 0o1777)

    @staticmethod
    def said(text):
        reader, writer = os.pipe()
        os.write(writer, text.encode())
        os.close(writer)
        return os.fdopen(reader)

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
        """As a service would ask: whether it is a child of alice's."""
        verified = ask_as(SOCKET, HTTPD, "verify", f"token={secret}", f"user={user}")
        return verified.get("valid") == "1" and verified["kind"] == "child"

    def create(self, server):
        with self.said(f"{PASSWORD}\n") as reader, open("/dev/null", "wb") as output:
            done = run("patctl", "create", server.host, "-p", "vcs:repository:rw", "-t",
                       server.url, "--password-fd", str(reader.fileno()), "--output-fd",
                       str(output.fileno()), pass_fds=(reader.fileno(), output.fileno()),
                       **self.as_alice())
        self.assertEqual(done.returncode, 0, done.stdout)

    def as_alice(self, **variables):
        """A new home, whose git asks nobody but ours, or what `helpers` says."""
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
                    newer_tree, "/bin/sh", "-ec", f"cd {home} && exec \"$@\"", "sh", *argv]
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

    def test_clones_from_a_server_of_files(self):
        server = self.serve()
        self.create(server)
        self.configure("", HELPER)
        for newer in (False, True):
            self.expect(self.alice("git clone -q $1 $2", f"{server.url}/dumb/project.git",
                                   f"dumb-{newer}", newer=newer))
        self.assertEqual(server.statuses("/objects/")[:1], [200])

    # Row C8.
    def test_leaves_other_helpers_nothing_of_a_newer_git(self):
        server = self.serve()
        self.create(server)
        self.configure("store", HELPER)
        self.expect(self.alice("git clone -q $1 smart", f"{server.url}/smart/project.git",
                               newer=True))
        self.assertFalse(self.kept())
        # The price: such a git has no password to fetch objects from a server of files with.
        done = self.alice("git clone -q $1 dumb", f"{server.url}/dumb/project.git", newer=True)
        self.expect(done, 128)
        self.assertFalse(self.kept())

    def test_pushes_lfs_objects_with_and_without_the_lock_api(self):
        for newer in (False, True):
            for locks in (False, True):
                for helpers in (("", HELPER), ("store", HELPER)):
                    with self.subTest(newer=newer, locks=locks, helpers=helpers):
                        self.push_lfs(newer, helpers, locks=locks)

    def push_lfs(self, newer, helpers, status=0, **options):
        server = self.serve(**options)
        self.create(server)
        self.configure(*helpers)
        self.expect(self.alice(SCRIPT_LFS_PUSH, f"{server.url}/smart/project.git", newer=newer),
                    status)
        self.assertEqual(len(server.objects), 3 if status == 0 else 0)
        subprocess.run(["rm", "-rf", server.folder, f"{self.as_alice()['cwd']}/work"], check=True)
        return server

    def test_ends_a_push_of_lfs_objects_that_the_server_refuses(self):
        server = self.push_lfs(True, ("", HELPER), status=1, forbids="/info/lfs/objects")
        self.assertLess(server.statuses("/info/lfs/objects").count(401), 5)

    def test_gives_cargos_own_git_a_private_dependency(self):
        server = self.serve()
        self.create(server)
        self.configure("", HELPER)
        self.expect(self.alice(SCRIPT_CARGO_FETCH, f"{server.url}/smart/project.git", newer=True))
        self.assertIn(200, server.statuses("git-upload-pack"))

    def test_authenticates_before_it_is_asked_to(self):
        server = self.serve()
        self.create(server)
        self.configure("", HELPER)
        for mode in ("basic", "auto"):
            server.requests.clear()
            self.expect(self.alice("git -c http.proactiveAuth=$2 ls-remote $1",
                                   f"{server.url}/smart/project.git", mode, newer=True))
            self.assertEqual(set(server.statuses("")), {200}, mode)

    def test_serves_thirty_fetches_at_once(self):
        server = self.serve()
        self.create(server)
        self.configure("", HELPER)
        for newer in (False, True):
            self.expect(self.alice(f"rm -rf work; {SCRIPT_MANY}",
                                   f"{server.url}/smart/project.git", newer=newer))

    def test_clones_submodules_of_several_hosts(self):
        servers = [self.serve_at(number) for number in range(3)]
        self.configure("", HELPER)
        script = """
            git init -q super && cd super
            for url in "$@"; do
                git submodule --quiet add "$url/smart/project.git" "sub$(ls | wc -l)"
            done
            git commit -qm all && cd .. && git clone -q --recurse-submodules -j 3 super copy
            test -e copy/sub0/Cargo.toml && test -e copy/sub2/Cargo.toml
            """
        self.expect(self.alice(script, *(server.url for server in servers)))

    def serve_at(self, number):
        server = self.serve() if number == 0 else GitServer(
            f"{PLAY}/home/site-{self._testMethodName}", self.accepts)
        if number != 0:
            self.addCleanup(server.close)
        self.create(server)
        return server


if __name__ == "__main__":
    newer_tree = newer_programs.ensure(sys.argv.pop(1))
    unittest.main()
