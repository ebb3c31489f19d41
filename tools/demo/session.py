# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The story that `tools/demo.sh --session` tells: per-user mode with a real gnome-keyring and no
screen. play.sh and dbus-run-session run it, so that nothing of it is left."""
import base64
import ctypes
import glob
import os
import secrets
import signal
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [f"{CHECKOUT}/tools/lib", f"{CHECKOUT}/tests/integration"]

import keyring  # noqa: E402: the path comes first
from git_server import GitServer  # noqa: E402
from processes import PlayError, expect  # noqa: E402

PLAY = os.environ["PATD_PLAY_DIR"]
BUILD = os.environ["PATD_BUILD_DIR"]
# Where git-credential-pat looks, whatever the environment says.
RUNTIME = f"/run/user/{os.getuid()}"
HOME = f"{PLAY}/home/desktop"
LOGIN = "/org/freedesktop/secrets/collection/login"
SECONDS = 30
MANY = 999  # with the typed one, as many as a user may have
KEYRING_WRITES = 6  # for all of these: two bundles, and gnome-keyring writes twice for each


class KeyringWrites:
    """Counts how often the keyring's file is written: each time anew, and renamed into place."""
    MOVED_FROM, MOVED_TO = 0x40, 0x80  # with the first in between, inotify(7) merges none of them

    def __init__(self, folder):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        expect(libc.inotify_add_watch(self.fd, folder.encode(),
                                      self.MOVED_FROM | self.MOVED_TO) >= 0,
               f"{folder} cannot be watched")

    def count(self):
        """How often since the last call."""
        found = 0
        try:
            events = os.read(self.fd, 1 << 20)
        except BlockingIOError:
            events = b""
        while events:
            _, mask, _, size = struct.unpack_from("iIII", events)
            name = events[16:16 + size].rstrip(b"\0")
            found += mask == self.MOVED_TO and name == b"login.keyring"
            events = events[16 + size:]
        return found


class Story:
    def __init__(self):
        self.service_password = os.environ.pop("PATD_PLAY_PASSWORD")
        self.login_password = secrets.token_urlsafe(12)
        self.token = "ghp_" + secrets.token_urlsafe(24)
        self.token_of_file = "ghp_" + secrets.token_urlsafe(24)
        self.children = []

    def do(self, text, action):
        began = time.monotonic()
        detail = action()
        print(f"  \u2713 {text}{': ' + detail if detail else ''} "
              f"({time.monotonic() - began:.2f} s)", flush=True)

    @staticmethod
    def run(*argv, check=True, **options):
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=SECONDS, check=False, **options)
        expect(not check or done.returncode == 0,
               f"{' '.join(argv[:3])}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def patctl(self, *arguments, give=(), check=True, stdin=None):
        """patctl --session; `give`: pairs of an option and the line that its descriptor holds."""
        argv, readers = ["patctl", "--session", *arguments], []
        for option, line in give:
            reader, writer = os.pipe()
            os.write(writer, f"{line}\n".encode())
            os.close(writer)
            readers.append(reader)
            argv += [option, str(reader)]
        done = self.run(*argv, check=check, pass_fds=readers, input=stdin)
        for reader in readers:
            os.close(reader)
        return done

    def start(self, *argv, **options):
        child = subprocess.Popen(argv, **options)
        self.children.append(child)
        return child

    @staticmethod
    def await_that(condition, what):
        end = time.monotonic() + SECONDS
        while not condition():
            expect(time.monotonic() < end, f"{what} does not happen")
            time.sleep(0.02)

    @staticmethod
    def program(name):
        found = [path for path in glob.glob(f"{BUILD}/**/{name}", recursive=True)
                 if os.path.isfile(path)]
        expect(len(found) == 1, f"{name} was not built in {BUILD}")
        return found[0]

    # The steps

    def unlock_at_login(self):
        for path in (RUNTIME, HOME, f"{HOME}/data"):
            os.makedirs(path, mode=0o700, exist_ok=True)
        os.environ |= {"HOME": HOME, "XDG_RUNTIME_DIR": RUNTIME, "XDG_DATA_HOME": f"{HOME}/data",
                       "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"}
        daemon = self.start("gnome-keyring-daemon", "--foreground", "--unlock",
                            "--components=secrets", stdin=subprocess.PIPE,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        daemon.stdin.write(self.login_password.encode())
        daemon.stdin.close()
        self.await_that(lambda: self.run("busctl", "--user", "status", "org.freedesktop.secrets",
                                         check=False).returncode == 0, "the keyring's start")

    def start_patd(self):
        os.makedirs(f"{RUNTIME}/patd", mode=0o700, exist_ok=True)
        log = open(f"{PLAY}/log/patd-user.log", "ab")  # pylint: disable=consider-using-with
        self.start("systemd-socket-activate", "--accept", "--inetd", "-l",
                   f"{RUNTIME}/patd/auth.sock", self.program("patd-user-auth"), "--daemon-user",
                   "root", stdout=log, stderr=log)
        self.patd = self.start(self.program("patd-user"), "--state-dir", f"{HOME}/state",
                               stdout=log, stderr=log)
        self.await_that(lambda: self.run("busctl", "--user", "status", "org.patd.Tokens1",
                                         check=False).returncode == 0, "patd-user's start")
        status = self.patctl("status").stdout
        expect("your own service on the session bus" in status, status)
        expect("keyring" in status, status)

    def import_token(self):
        self.patctl("import", "work forge", "-t", f"{self.forge.url}/smart/team", "-u",
                    "alice", give=[("--password-fd", self.service_password),
                                   ("--secret-fd", self.token)])
        listed = self.patctl("list").stdout
        expect("work forge" in listed and self.token not in listed, listed)
        wrong = self.patctl("import", "another", "-t", "https://forge.example", "-u", "alice",
                            give=[("--password-fd", "not the password"), ("--secret-fd", "x")],
                            check=False)
        expect(wrong.returncode == 4, wrong)
        return "and a wrong password is refused"

    def import_file(self):
        path = f"{HOME}/.git-credentials"
        with open(path, "w", encoding="utf-8") as file:
            for i in range(MANY):
                secret = self.token_of_file if i == MANY // 2 else "ghp_" + secrets.token_hex(20)
                file.write(f"https://alice:{secret}@forge{i}.example\n")
        writes = KeyringWrites(f"{HOME}/data/keyrings")
        done = self.patctl("import", "--from", path,
                           give=[("--password-fd", self.service_password)])
        written = writes.count()
        expect(f"{MANY} tokens imported." in done.stdout and f"rm -- '{path}'" in done.stdout, done)
        expect(1 <= written <= KEYRING_WRITES, f"the keyring was written {written} times")
        os.remove(path)
        expect(len(self.patctl("list").stdout.splitlines()) == MANY + 2, "they are not all there")
        again = self.patctl("import", "--from", "-", "--dry-run",
                            stdin=f"https://alice:{self.token_of_file}@forge0.example\n")
        expect("1 is kept already: line 1 as " in again.stdout, again)
        return f"the keyring was written {written} times"

    def serve_forge(self):
        folder = f"{PLAY}/forge"
        self.run("git", "init", "-q", f"{folder}/work")
        self.run("git", "-C", f"{folder}/work", "-c", "user.name=a", "-c", "user.email=a@b",
                 "commit", "-q", "--allow-empty", "-m", "one")
        self.run("git", "clone", "-q", "--bare", f"{folder}/work", f"{folder}/site/team/tool.git")
        self.forge = GitServer(f"{folder}/site", lambda *who: who == ("alice", self.token))

    def clone(self, name, check=True):
        return self.run("git", "-c", "credential.helper=", "-c",
                        f"credential.helper={PLAY}/bin/git-credential-pat", "-c",
                        "credential.useHttpPath=true", "clone", "-q",
                        f"{self.forge.url}/smart/team/tool.git", f"{HOME}/{name}",
                        check=check)

    def clone_with_token(self):
        self.clone("first")
        expect(os.path.isdir(f"{HOME}/first/.git"), "there is no clone")

    def lock(self):
        self.run("busctl", "--user", "call", "org.freedesktop.secrets", "/org/freedesktop/secrets",
                 "org.freedesktop.Secret.Service", "Lock", "ao", "1", LOGIN)
        self.await_that(lambda: self.patctl("list", check=False).returncode != 0, "the lock")
        refused = self.patctl("list", check=False)
        expect(refused.returncode == 4 and "keyring is locked" in refused.stderr, refused)
        failed = self.clone("locked", check=False)
        expect(failed.returncode != 0 and "keyring is locked" in failed.stderr, failed)
        return "git and patctl say so"

    def unlock(self):
        keyring.unlock(f"{RUNTIME}/keyring/control", self.login_password)
        self.clone("second")

    def search(self):
        shown = self.run("secret-tool", "search", "--all", "--unlock", "xdg:schema",
                         "org.patd.Tokens1.Bundle")
        text = shown.stdout + shown.stderr
        expect("secret = " in text, text)
        forms = [form for token in (self.token, self.token_of_file)
                 for form in (token, token.encode().hex(),
                              base64.b64encode(token.encode()).decode()[:-3])]
        for path in [*glob.glob(f"{HOME}/data/keyrings/*"), *glob.glob(f"{HOME}/state/*"),
                     f"{PLAY}/log/patd-user.log"]:
            with open(path, "rb") as file:
                text += file.read().decode("latin-1")
        for form in forms:
            expect(form not in text, "the token lies somewhere in the clear")

    def stop(self):
        self.patd.send_signal(signal.SIGTERM)
        expect(self.patd.wait(SECONDS) == 0, "patd-user did not end well")

    def end_all(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()

    def play(self):
        print("\nA desktop without a screen: a session bus and a real gnome-keyring.")
        self.do("the keyring is unlocked with the login password", self.unlock_at_login)
        self.do("patd-user serves, and says that it is the user's own", self.start_patd)
        self.do("a forge wants a token", self.serve_forge)
        self.do("the token is imported into the keyring after the service password",
                self.import_token)
        self.do(f"{MANY} tokens of ~/.git-credentials come in with one password",
                self.import_file)
        self.do("git clones with it", self.clone_with_token)
        self.do("the keyring is locked, and nothing is released", self.lock)
        self.do("it is unlocked, and git clones again", self.unlock)
        self.do("no program that lists the keyring, and no file, shows the token", self.search)
        self.do("patd-user ends", self.stop)
        print("\nDone. Everything that was made goes with this namespace.")


def main():
    story = Story()
    try:
        story.play()
    except (PlayError, subprocess.TimeoutExpired) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    finally:
        story.end_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
