# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""From an installed package to the first push, at a terminal, with nothing but what the programs
print: every command of patctl below stands on a screen before it is typed. Inside tools/play.sh,
as root."""
import os
import re
import secrets
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "../integration"), os.path.join(HERE, "../../tools/lib")]
import at_terminal  # noqa: E402: the path comes first
from accounts import ensure_account  # noqa: E402
from git_server import GitServer  # noqa: E402
from own_patd import PLAY, ask_as  # noqa: E402

HTTPD = 33  # any uid may verify
SERVICE_PASSWORD = "a service password"
MOST_COMMANDS = 5  # of patctl


def make_certificate(path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost", "-keyout", path, "-out", f"{path}.crt"],
                   check=True, stderr=subprocess.DEVNULL)
    with open(path, "a", encoding="ascii") as both, open(f"{path}.crt", encoding="ascii") as own:
        both.write(own.read())
    os.chmod(f"{path}.crt", 0o644)
    return f"{path}.crt"


def commands_in(text):
    """What a screen says to run: below `Next:` with a word of explanation, or on a line alone."""
    return (re.findall(r"^  (patctl \S+(?: \S+)*)(?:  .*)?$", text, re.M) +
            re.findall(r"^    ((?:sudo )?patctl .*\S)$", text, re.M))


class Person:
    def __init__(self, name, login_password=None):
        hashed = "!" if login_password is None else subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"], text=True, check=True, input=login_password,
            stdout=subprocess.PIPE).stdout.strip()
        self.account = ensure_account(name, f"{PLAY}/home/{name}", system=False,
                                      password_hash=hashed)
        self.home = self.account.pw_dir
        self.typed = []
        self._env = {"PATH": f"{PLAY}/bin:/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
                     "TERM": "linux", "HOME": self.home, "USER": name, "LOGNAME": name,
                     "DBUS_SYSTEM_BUS_ADDRESS": os.environ["DBUS_SYSTEM_BUS_ADDRESS"]}

    def type(self, command, *answers, status=0):
        """What it showed."""
        self.typed.append(command)
        seen = at_terminal.run(command, answers, env=self._env, cwd=self.home,
                               account=self.account)
        assert seen.status == status, f"{command}: {seen.status}\n{seen.text}"
        return seen.text


class FirstSteps(unittest.TestCase):
    def test_lead_to_a_push(self):
        login = secrets.token_urlsafe(12)
        nina = Person("nina", login)
        certificate = make_certificate(f"{PLAY}/certificate")
        with open(f"{nina.home}/.gitconfig", "w", encoding="utf-8") as config:
            config.write(f"[user]\n\tname = nina\n\temail = nina@localhost\n[http]\n"
                         f"\tsslCAInfo = {certificate}\n[credential]\n\thelper = cache\n"
                         f"[credential \"https://gist.github.com\"]\n\thelper = !gh auth "
                         f"git-credential\n")
        subprocess.run(["git", "init", "-q", "--bare", f"{PLAY}/site/project.git"], check=True)

        def accepts(user, secret):
            said = ask_as("/run/patd/socket", HTTPD, "verify", f"token={secret}", f"user={user}",
                          "permission=vcs:repository:rw")
            return said.get("valid") == "1" and said["kind"] == "child"
        server = GitServer(f"{PLAY}/site", accepts, certificate=f"{PLAY}/certificate")
        self.addCleanup(server.close)

        password = (r"Service password for nina: $", f"{SERVICE_PASSWORD}\n")
        next_one = commands_in(nina.type("patctl"))[0]
        self.assertEqual(next_one, "patctl passwd")
        screen = nina.type(next_one, (r"Login password for nina: $", f"{login}\n"),
                           (r"New service password[^:]*: $", f"{SERVICE_PASSWORD}\n"),
                           (r"Retype[^:]*: $", f"{SERVICE_PASSWORD}\n"))
        next_one = (commands_in(screen) or commands_in(nina.type("patctl")))[0]
        self.assertEqual(next_one, "patctl create")
        screen = nina.type(next_one, (r"What is the token for\? $", "laptop\n"),
                           (r"Permission: $", "push\n"),
                           (r"vcs:repository:rw  .*\n(?:.*\n)*Permission: $",
                            "vcs:repository:rw\n"),
                           (r"Permission: $", "\n"),
                           (r"Where is it used\?[^:]*:[^:]*: $", f"{server.url}\n"),
                           (r"\[90d\]: $", "\n"), password)
        by_hand, next_one = commands_in(screen)
        self.assertTrue(by_hand.startswith("patctl create 'laptop' -p vcs:repository:rw -t "))
        self.assertEqual(next_one, "patctl setup git")
        self.assertIn("No longer asked: cache.", nina.type(next_one))

        ours = [command for command in nina.typed if command.startswith("patctl")]
        self.assertLessEqual(len(ours), MOST_COMMANDS, ours)
        nina.type(f"git clone -q {server.url}/smart/project.git")
        nina.type("cd project && git commit -q --allow-empty -m first && git push -q")
        self.assertIn(200, server.statuses("/git-receive-pack"))
        self.assertNotIn("Next:", nina.type("patctl"))
        print("commands:", *nina.typed, sep="\n  ")

    # An account with keys alone is asked for nothing that it does not have.
    def test_lead_on_without_a_login_password(self):
        dave = Person("dave")
        screen = dave.type(commands_in(dave.type("patctl"))[0], status=4)
        self.assertNotIn("assword for", screen)
        self.assertIn("dave has no login password", screen)
        [command] = commands_in(screen)
        self.assertEqual(command, "sudo patctl admin passwd dave")
        set_by_root = at_terminal.run(command.removeprefix("sudo "), [
            (r"assword[^:]*: $", f"{SERVICE_PASSWORD}\n"),
            (r"Retype[^:]*: $", f"{SERVICE_PASSWORD}\n")])
        self.assertEqual(set_by_root.status, 0, set_by_root.text)
        self.assertEqual(commands_in(dave.type("patctl"))[0], "patctl create")


if __name__ == "__main__":
    unittest.main()
