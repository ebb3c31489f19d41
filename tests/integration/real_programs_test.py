# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The programs that speak git's credential protocol, of Debian 12 and of Debian 13, against a web
server that lets in whom patd verifies. Runs inside of tools/play.sh, as root.
real_programs_test.py CACHE"""
import os
import shutil
import subprocess

from git_server import GitServer
from own_patd import PLAY
from program_fixture import HELPER, WithPrograms, main

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
SCRIPT_MAKE_ANNEX = """
export GIT_CONFIG_NOSYSTEM=1 HOME=$1
git config --global user.name a && git config --global user.email a@b
git init -q $1/annex && cd $1/annex && git annex init -q server
for name in $(seq 20); do echo "content $name" >$name; done
git annex add -q . && git commit -qm files && git update-server-info
"""
SCRIPT_GET_ANNEX = """
git config --global annex.security.allowed-ip-addresses '127.0.0.1 ::1'
git clone -q $1 copy && cd copy && git annex get -q -J 8 . && test "$(cat 7)" = 'content 7'
"""
SCRIPT_SUBMODULES = """
rm -rf super copy; git init -q super && cd super
for url in "$@" "$@" "$@"; do
    git submodule --quiet add "$url/smart/project.git" "sub$(ls | wc -l)"
done
git commit -qm all && cd .. && git clone -q super copy && cd copy
git submodule --quiet update --init --jobs 8 && test "$(ls */Cargo.toml | wc -l)" = 9
"""


class RealPrograms(WithPrograms):
    def test_clones_from_a_server_of_files(self):
        server = self.serve()
        self.create(server.url)
        self.configure("", HELPER)
        for newer in (False, True):
            self.expect(self.alice("git clone -q $1 $2", f"{server.url}/dumb/project.git",
                                   f"dumb-{newer}", newer=newer))
        self.assertEqual(server.statuses("/objects/")[:1], [200])

    # Row C8.
    def test_leaves_other_helpers_nothing_of_a_newer_git(self):
        server = self.serve()
        self.create(server.url)
        self.configure("store", HELPER)
        self.expect(self.alice("git clone -q $1 smart", f"{server.url}/smart/project.git",
                               newer=True))
        self.assertFalse(self.kept())
        # The price: such a git has no password for fetching objects from a server of plain files.
        done = self.alice("git clone -q $1 dumb", f"{server.url}/dumb/project.git", newer=True)
        self.expect(done, 128)
        self.assertFalse(self.kept())

    def test_asks_git_who_else_is_told_only_where_its_files_are_not_simple(self):
        server = self.serve()
        self.create(server.url)
        self.configure("", HELPER)
        home = self.as_alice()["cwd"]
        for expected, more in ((False, ""), (True, "[include]\n\tpath = none\n")):
            with open(f"{home}/.gitconfig", "a", encoding="ascii") as file:
                file.write(more)
            for command in ("git clone -q $1/smart/project.git copy",
                            "git -C copy fetch -q", "git ls-remote $1/smart/project.git"):
                self.expect(self.alice(
                    f"unset GIT_CONFIG_NOSYSTEM; GIT_TRACE2_EVENT=$2 {command}", server.url,
                    f"{home}/trace", newer=True))
                with open(f"{home}/trace", encoding="utf-8") as trace:
                    self.assertIs('"git","config"' in trace.read(), expected, command)
                os.remove(f"{home}/trace")
            shutil.rmtree(f"{home}/copy")

    def test_pushes_lfs_objects_with_and_without_the_lock_api(self):
        for newer in (False, True):
            for locks in (False, True):
                for helpers in (("", HELPER), ("store", HELPER)):
                    with self.subTest(newer=newer, locks=locks, helpers=helpers):
                        self.push_lfs(newer, helpers, locks=locks)

    def push_lfs(self, newer, helpers, status=0, **options):
        server = self.serve(**options)
        self.create(server.url)
        self.configure(*helpers)
        self.expect(self.alice(SCRIPT_LFS_PUSH, f"{server.url}/smart/project.git", newer=newer),
                    status)
        self.assertEqual(len(server.objects), 3 if status == 0 else 0)
        # What git-lfs hands back is no token of its own.
        self.assertEqual(len(self.ids_for(server.url)), 1)
        subprocess.run(["rm", "-rf", server.folder, f"{self.as_alice()['cwd']}/work"], check=True)
        return server

    def test_ends_a_push_of_lfs_objects_that_the_server_refuses(self):
        server = self.push_lfs(True, ("", HELPER), status=1, forbids="/info/lfs/objects")
        self.assertLess(server.statuses("/info/lfs/objects").count(401), 5)

    def test_gives_cargos_own_git_a_private_dependency(self):
        server = self.serve()
        self.create(server.url)
        self.configure("", HELPER)
        self.expect(self.alice(SCRIPT_CARGO_FETCH, f"{server.url}/smart/project.git", newer=True))
        self.assertIn(200, server.statuses("git-upload-pack"))

    def test_authenticates_before_it_is_asked_to(self):
        server = self.serve()
        self.create(server.url)
        self.configure("", HELPER)
        for mode in ("basic", "auto"):
            server.requests.clear()
            self.expect(self.alice("git -c http.proactiveAuth=$2 ls-remote $1",
                                   f"{server.url}/smart/project.git", mode, newer=True))
            self.assertEqual(set(server.statuses("")), {200}, mode)

    def test_serves_thirty_fetches_at_once(self):
        server = self.serve()
        self.create(server.url)
        self.configure("", HELPER)
        for newer in (False, True):
            self.expect(self.alice(f"rm -rf work; {SCRIPT_MANY}",
                                   f"{server.url}/smart/project.git", newer=newer))

    # git-annex asks `git credential` once for each file, eight at a time.
    def test_gets_the_files_of_an_annex_at_once(self):
        server = self.serve()
        self.create(server.url)
        self.configure("", HELPER)
        subprocess.run(["sh", "-ec", SCRIPT_MAKE_ANNEX, "sh", server.folder], check=True)
        self.expect(self.alice(SCRIPT_GET_ANNEX, f"{server.url}/dumb/annex/.git"))

    def test_clones_submodules_of_several_hosts(self):
        servers = [self.serve_at(number) for number in range(3)]
        self.configure("", HELPER)
        for newer in (False, True):
            self.expect(self.alice(SCRIPT_SUBMODULES, *(server.url for server in servers),
                                   newer=newer))

    # git 2.55 then makes two more requests without a credential.
    def test_authenticates_where_negotiate_is_offered_first(self):
        server = self.serve(challenges=("Negotiate", "Basic realm=git"))
        self.create(server.url)
        for helpers in (("", HELPER), ("store", HELPER)):
            self.configure(*helpers)
            for newer in (False, True):
                server.requests.clear()
                self.expect(self.alice("git ls-remote $1", f"{server.url}/smart/project.git",
                                       newer=newer))
                self.assertLess(server.statuses("").count(401), 5, f"newer: {newer}")

    def test_a_refusal_comes_back_where_negotiate_is_offered(self):
        for challenges in (("Basic realm=git",), ("Negotiate", "Basic realm=git")):
            for newer in (False, True):
                with self.subTest(challenges=challenges, newer=newer):
                    server = self.serve(challenges=challenges)
                    self.keep(server.url, "robot", "wrong")
                    self.configure("", HELPER)
                    command = "git ls-remote $1"
                    url = f"{server.url}/smart/project.git"
                    self.expect(self.alice(command, url, newer=newer), 128)
                    server.requests.clear()
                    again = self.alice(command, url, newer=newer)
                    self.assertIn("refused token ", again.stdout)
                    self.assertFalse(any(authorized for *_, authorized in server.requests))
                    shutil.rmtree(server.folder)

    def serve_at(self, number):
        server = self.serve() if number == 0 else GitServer(
            f"{PLAY}/home/site-{self._testMethodName}", self.accepts)
        if number != 0:
            self.addCleanup(server.close)
        self.create(server.url)
        return server


if __name__ == "__main__":
    main()
