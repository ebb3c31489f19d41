# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The story that tools/demo.sh tells: the main job of patd, with real parts. play.sh runs it."""
import glob
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, f"{CHECKOUT}/tools/lib"]

from gateway import GatewaySteps  # noqa: E402: the path comes first
from git_site import SITE, Site  # noqa: E402
from hunt import Hunt  # noqa: E402
from person import PLAY, Person, write_askpass  # noqa: E402
from own_patd import find_process  # noqa: E402: gateway.py knows where it is
from processes import PlayError, expect  # noqa: E402

FAILURE_LOG = f"{CHECKOUT}/build/demo-failure.log"
SEARCH = """\
Now a search for each of the {count} secrets and passwords that ever existed, as text, hex, base64
and in URL form: in every file of this machine that changed since the start, logs too, and in the
memory of every process that runs. nginx's workers saw the tokens in requests, as every web server
does, so they are replaced first. Not searched: the driver of this demonstration, which knows them
all to look for them."""

def reload_patd():
    os.kill(find_process("patd"), signal.SIGHUP)


def expect_success(outcome):
    expect(outcome.status == 0, outcome)
    return outcome


class Story:
    def __init__(self):
        self.root_password = os.environ.pop("PATD_PLAY_PASSWORD")
        self.secrets = {"root's service password": self.root_password}
        self.steps = []
        self.step = "start"
        self.stamp = f"{PLAY}/started"  # everything that changes from now on is searched at the end
        with open(self.stamp, "w", encoding="utf-8"):
            pass

    def tell(self, text):
        print(f"\n{text}", flush=True)

    def do(self, text, action, *arguments):
        """One step: what it is, whether it worked, how long it took."""
        self.step = text
        began = time.monotonic()
        detail = action(*arguments)
        seconds = time.monotonic() - began
        self.steps.append((text, seconds))
        print(f"  \u2713 {text}{': ' + detail if detail else ''} ({seconds:.2f} s)", flush=True)

    # The machine

    def set_up(self):
        write_askpass()
        self.site = Site(f"{PLAY}/lib/pam_pat.so",
                         [f"{CHECKOUT}/{name}" for name in ("common", "docs")])
        self.site.build_up()
        self.alice = Person("alice", self.site.authority)
        self.bob = Person("bob", self.site.authority)
        self.url = f"{self.site.origin}/project.git"
        for person in (self.alice, self.bob):
            name = person.account.pw_name
            self.secrets[f"{name}'s login password"] = person.login_password
            self.secrets[f"{name}'s service password"] = person.service_password
        self.clone = f"{self.alice.home}/project"
        self.gateway = GatewaySteps(self.alice, reload_patd)
        self.secrets["the forge's token"] = self.gateway.secret

    def start_server(self):
        self.site.start()
        outcome = self.alice.git("ls-remote", self.url)
        self.site.check_alive()
        expect(outcome.status != 0 and "could not read Username" in outcome.output, outcome)
        return f"{self.url} lets nobody in without a token"

    # alice

    def set_password(self):
        alice = self.alice
        wrong = alice.patctl("passwd", answers=["not the login password", "x1y2z3", "x1y2z3"])
        expect(wrong.status == 4, wrong)
        new = alice.service_password
        expect_success(alice.patctl("passwd", answers=[alice.login_password, new, new]))
        return "once her login password was right; a wrong one changed nothing"

    def remember(self, outcome, name):
        expect_success(outcome)
        expect(outcome.secret.startswith("pat1_") and len(outcome.secret) == 65,
               f"patctl wrote no secret: {outcome}")
        expect(outcome.secret not in outcome.output, "the secret stands beside the descriptor")
        self.secrets[name] = outcome.secret
        return outcome.secret

    def create(self):
        wanted = ("create", "laptop", "-p", "vcs:repository:ro", "-t", self.site.origin,
                  "-e", "90d")
        refused = self.alice.patctl_secret(*wanted, password="a wrong password")
        expect(refused.status == 4 and not refused.secret, refused)
        outcome = self.alice.patctl_secret(*wanted)
        self.first = self.remember(outcome, "the token's first secret")
        self.token = outcome.json()["id"]
        shown = expect_success(self.alice.patctl("--json", "show", self.token))
        expect(self.first not in shown.output, "`patctl show` tells the secret")
        expect(shown.json()["permissions"] == ["vcs:repository:ro"], shown)
        return f"{self.first[:16]}..., never shown again"

    def set_up_git(self):
        expect_success(self.alice.patctl("setup", "git"))
        config = self.alice.git("config", "--global", "--get-all", "credential.helper")
        helper = config.output.split("\n")[-2].removeprefix("!exec ")
        expect(os.path.isabs(helper) and os.access(helper, os.X_OK), config)
        return f"git asks {helper} and nobody else"

    def fetch(self):
        expect_success(self.alice.git("clone", "-q", self.url, self.clone))
        expect(os.path.isdir(f"{self.clone}/common"), "the clone is empty")
        count = expect_success(self.alice.git("ls-files", cwd=self.clone)).output.count("\n")
        return f"{count} files"

    def commit(self):
        with open(f"{self.clone}/hello", "a", encoding="utf-8") as file:
            file.write("hello\n")
        os.chown(f"{self.clone}/hello", self.alice.account.pw_uid, self.alice.account.pw_gid)
        expect_success(self.alice.git("add", "hello", cwd=self.clone))
        expect_success(self.alice.git("commit", "-q", "-m", "Say hello", cwd=self.clone))

    def ask_helper(self):
        request = f"protocol=https\nhost={self.site.origin[8:]}\n"
        outcome = expect_success(self.alice.run("git-credential-pat", "get", text=request))
        answer = dict(line.split("=", 1) for line in outcome.output.splitlines() if line)
        child = answer["password"]
        self.secrets["a child token"] = child
        left = int(answer["password_expiry_utc"]) - time.time()
        expect(child.startswith("patc1_") and 0 < left <= 600, "git is not given a child token")
        return f"a token of its own, which dies in {left / 60:.0f} minutes"

    def push_refused(self):
        self.commit()
        outcome = self.alice.git("push", "-q", cwd=self.clone)
        expect(outcome.status != 0, "the push went through with a token that may only read")
        # From git 2.46 on the helper has the last word.
        words = ("Authentication failed", "could not read", "refused the valid token")
        expect(any(text in outcome.output for text in words), outcome)

    def edit(self):
        expect_success(self.alice.patctl("edit", self.token, "-p", "vcs:repository:rw",
                                         answers=[self.alice.service_password]))

    def push(self):
        expect_success(self.alice.git("push", "-q", cwd=self.clone))
        mine = expect_success(self.alice.git("rev-parse", "HEAD", cwd=self.clone)).output
        theirs = expect_success(self.alice.git("ls-remote", self.url, "HEAD")).output
        expect(theirs.split()[0] == mine.strip(), "the server has another commit than alice")
        return mine[:12]

    def by_hand(self, secret):
        return self.alice.git_by_hand("alice", secret, "ls-remote", self.url)

    def first_by_hand(self):
        expect_success(self.by_hand(self.first))

    def regenerate(self):
        self.second = self.remember(self.alice.patctl_secret("regenerate", self.token),
                                    "the token's second secret")
        expect(self.first != self.second, "the secret is still the same")
        return f"{self.second[:16]}..., same token, same permissions"

    def old_refused(self):
        outcome = self.by_hand(self.first)
        expect(outcome.status != 0 and "Authentication failed" in outcome.output, outcome)

    def git_goes_on(self):
        expect_success(self.alice.git("fetch", "-q", cwd=self.clone))
        self.commit()
        expect_success(self.alice.git("push", "-q", cwd=self.clone))

    def second_by_hand(self):
        expect_success(self.by_hand(self.second))

    # bob

    def bob_sees_nothing(self):
        bob = self.bob
        expect_success(bob.patctl("passwd", answers=[bob.login_password, bob.service_password,
                                                     bob.service_password]))
        expect(expect_success(bob.patctl("--json", "list")).json() == [], "bob sees a token")
        absent = "A" * len(self.token)
        for command in (("show",), ("edit", "-p", "vcs"), ("delete",), ("regenerate",)):
            answers = None if command == ("show",) else [bob.service_password]
            replies = []
            for token in (self.token, absent):
                extra = ["--output-fd", "1"] if command == ("regenerate",) else []
                outcome = bob.patctl(command[0], token, *command[1:], *extra, answers=answers)
                expect(outcome.status == 3, outcome)
                replies.append(outcome.output.replace(token, "ID"))
            expect(replies[0] == replies[1], f"bob can tell that the token exists: {replies}")
        return "her token and one that never was give him the same answer"

    def bob_gets_nothing(self):
        expect_success(self.bob.patctl("setup", "git"))
        request = f"protocol=https\nhost={self.site.origin[8:]}\n"
        for text in (request, request + "username=alice\n"):
            outcome = self.bob.run("git-credential-pat", "get", text=text)
            expect(outcome.status == 0 and "password" not in outcome.output, outcome)
        outcome = self.bob.git("clone", "-q", self.url)
        expect(outcome.status != 0, "bob could clone")
        outcome = self.bob.git_by_hand("bob", self.second, "ls-remote", self.url)
        expect("Authentication failed" in outcome.output,
               f"bob came in under his own name with alice's token: {outcome}")

    # the gateway

    def ask_at_gateway(self):
        self.secrets["a child for the gateway"] = self.gateway.ask_helper()
        return "which only the gateway takes"

    # the end

    def delete(self):
        expect_success(self.alice.patctl("delete", self.token,
                                         answers=[self.alice.service_password]))
        expect(self.by_hand(self.second).status != 0, "the deleted token still works")
        outcome = self.alice.git("fetch", "-q", cwd=self.clone)
        expect(outcome.status != 0, "git still gets in")

    def remove_all(self):
        for number in ("third", "fourth"):
            self.remember(self.alice.patctl_secret("create", number, "-p", "vcs:repository:ro",
                                                   "-t", self.site.origin),
                          f"the {number} secret")
        expect_success(self.by_hand(self.secrets["the third secret"]))
        outcome = expect_success(self.alice.patctl("--json", "remove-all",
                                                   answers=[self.alice.service_password]))
        expect(outcome.json()["removed"] == 2, outcome)
        expect(expect_success(self.alice.patctl("--json", "list")).json() == [],
               "there are tokens left")
        expect(self.by_hand(self.secrets["the fourth secret"]).status != 0,
               "a removed token still works")
        return "2 tokens"

    def read_audit(self):
        events = expect_success(self.alice.patctl("--json", "audit")).json()
        expect(len(events) >= 8, f"there are only {len(events)} events")
        return f"{len(events)} events"

    # The search

    def replace_workers(self):
        self.site.replace_workers()
        self.gateway.replace_workers()

    def search(self):
        return Hunt(self.secrets, self.stamp).run([self.alice.home, self.bob.home])

    # All of it

    def play(self):
        self.tell("A machine of its own: private /etc, /run/patd, /var/lib/patd and system bus.\n"
                  "patd runs as its own user, nginx serves git over HTTPS and asks PAM who comes:")
        self.do("users, a throw-away CA, a repository", self.set_up)
        self.do("nginx, fcgiwrap and git http-backend", self.start_server)
        self.tell("alice has a login password. She sets a service password and makes a token that\n"
                  "may read repositories:")
        self.do("alice sets her service password", self.set_password)
        self.do("she creates a token; the secret is shown once", self.create)
        self.do("she tells git where its credentials come from", self.set_up_git)
        self.tell("From here on git asks patd. Nobody types a password, and none lies in a file:")
        self.do("git clone works", self.fetch)
        self.do("what git is handed is not her token", self.ask_helper)
        self.do("git push is refused: the token may only read", self.push_refused)
        self.do("she edits the token to vcs:repository:rw", self.edit)
        self.do("git push works", self.push)
        self.do("the shown secret works too, pasted by hand", self.first_by_hand)
        self.tell("She may have shown the secret to somebody, so she has a new one made:")
        self.do("she regenerates the token", self.regenerate)
        self.do("the old secret is refused", self.old_refused)
        self.do("git goes on working: fetch, commit, push", self.git_goes_on)
        self.do("the new secret works pasted by hand", self.second_by_hand)
        self.tell("bob is another user of the same machine:")
        self.do("bob learns nothing of alice's token", self.bob_sees_nothing)
        self.do("bob gets nothing of alice's", self.bob_gets_nothing)
        self.tell("A forge elsewhere made a token that may write. patd cannot narrow it, so no\n"
                  "program gets it: the gateway sends it, for requests that alice's permission "
                  "covers:")
        gateway = self.gateway
        self.do("a forge, and the gateway as the package has it", gateway.start)
        self.do("she imports the forge's token, for the gateway alone", gateway.keep)
        self.do("she sends git there", gateway.set_up_git)
        self.do("git clone works", gateway.fetch)
        self.do("what git is handed is a child", self.ask_at_gateway)
        self.do("git push is refused", gateway.push_refused)
        self.do("asked for the forge itself, patd gives nothing", gateway.nothing_past_it)
        self.do("her audit log has what left", gateway.read_audit)
        self.do("she deletes it, and the child is worth nothing", gateway.delete)
        self.tell("The end of a token:")
        self.do("alice deletes it; neither git nor the secret gets in any more", self.delete)
        self.do("she makes two more and removes all", self.remove_all)
        self.do("her audit log tells what happened", self.read_audit)
        self.tell(SEARCH.format(count=len(self.secrets)))
        self.do("nginx replaces its workers", self.replace_workers)
        self.do("nothing found but four planted canaries", self.search)

    def hide(self, text):
        for name, secret in self.secrets.items():
            text = text.replace(secret, f"[{name}]")
        return text

    def report_failure(self, error):
        print(f"\n  \u2717 {self.step}\n\nThe demonstration failed at the step \"{self.step}\":\n"
              f"{self.hide(str(error))}", flush=True)
        os.makedirs(os.path.dirname(FAILURE_LOG), exist_ok=True)
        logs = sorted(glob.glob(f"{PLAY}/log/*.log") + glob.glob(f"{SITE}/log/*.log"))
        with open(FAILURE_LOG, "w", encoding="utf-8") as report:
            for path in logs:
                with open(path, encoding="utf-8", errors="replace") as file:
                    report.write(f"== {path}\n{self.hide(file.read())}\n")
        print(f"What the daemons said is in {FAILURE_LOG}", flush=True)

    def summarize(self):
        print("\nSummary")
        for text, seconds in self.steps:
            print(f"  {seconds:6.2f} s  {text}")
        total = sum(seconds for _, seconds in self.steps)
        print(f"\nAll {len(self.steps)} steps passed in {total:.1f} s. Nothing of it is left but "
              "the build.", flush=True)


def main():
    story = Story()
    try:
        story.play()
        story.summarize()
        return 0
    except KeyboardInterrupt:
        print("\ninterrupted", flush=True)
        return 130
    except (PlayError, OSError, KeyError, ValueError, subprocess.SubprocessError) as error:
        story.report_failure(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
