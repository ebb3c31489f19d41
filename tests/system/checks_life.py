# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What people do: everything that patctl has, typed by alice in her login."""
import re
import secrets

from processes import expect
from site_under_test import FOR_GIT, FOR_NOTHING, ORIGIN, readable, token_id
from terminal import Login

SECRET = r"pat1_[0-9A-Za-z]{10}_[0-9A-Za-z]{49}"


class Session:
    """alice's login, and what she does there."""

    def __init__(self, site):
        self._site = site
        self._login = Login(site.machine, "alice", site.alice.login_password)

    def run(self, command, *answers, status=0):
        got, shown = self._login.run(command, *answers)
        for text in answers:
            expect(text not in shown, f"`{command}` shows what was typed at a prompt")
        expect(got == status, f"`{command}` gave status {got}:\n{shown}")
        return shown

    def secret_of(self, command):
        shown = self.run(command, self._site.alice.service_password)
        found = re.search(SECRET, shown)
        expect(found, f"`{command}` shows no secret:\n{shown}")
        return self._site.new_secret(found.group(0))

    def close(self):
        self._login.close()


def alice_sets_her_service_password_in_a_login(site):
    session = Session(site)
    new = site.alice.service_password
    session.run("patctl passwd", site.alice.login_password, new, new)
    session.run("patctl passwd", new, new + "2", new + "2")
    session.run("patctl passwd", new + "2", new, new)
    site.secrets["alice's second service password"] = new + "2"
    session.close()


def alice_lives_with_a_token_from_create_to_delete(site):
    alice = site.alice
    session = Session(site)
    first = session.secret_of(f"patctl create laptop -p vcs:repository:rw -t {ORIGIN} -e 90d")
    identifier = token_id(first)
    expect("laptop" in session.run("patctl list"), "the token is not in the list")
    shown = session.run(f"patctl show {identifier}")
    expect(first not in shown and ORIGIN in shown, shown)
    expect(site.verify(first, "--user", "alice", "--audience", ORIGIN) == 0, "it is not valid")
    expect(site.released(alice).get("username") == "alice", "git gets nothing")
    session.run(f"patctl edit {identifier} -d 'old laptop'", alice.service_password)
    second = session.secret_of(f"patctl regenerate {identifier}")
    expect(site.verify(first) == 4 and site.verify(second) == 0, "regenerate changes nothing")
    session.run("patctl lock")
    expect("password" not in site.released(alice), "it is released while locked")
    session.run("patctl unlock", alice.service_password)
    expect("password" in site.released(alice), "it is not released after unlock")
    expect("release" in session.run("patctl audit").lower(), "no release in the audit log")
    session.run(f"patctl delete --yes {identifier}", alice.service_password)
    expect(site.verify(second) == 4, "a deleted token is valid")
    site.dead |= {f"{identifier}, first": first, f"{identifier}, second": second}
    session.run("patctl show " + identifier, status=3)
    session.close()


def a_wrong_password_changes_nothing(site):
    identifier, secret = site.create(site.alice, "kept", *FOR_GIT)
    outcome = site.patctl(site.alice, "delete", identifier, answers=["wrong-and-long-enough"])
    expect(outcome.status == 4, outcome)
    expect(site.verify(secret) == 0, "the token is gone")


def an_imported_secret_reaches_git_and_nobody_else(site):
    secret = site.new_secret("glpat-" + secrets.token_urlsafe(24))
    outcome = site.patctl(site.bob, "passwd", answers=[site.bob.login_password,
                                                       *[site.bob.service_password] * 2])
    expect(outcome.status == 0, outcome)
    with readable(f"{secret}\n") as fd:
        outcome = site.patctl(site.bob, "import", "forge", "-t", "https://forge.example", "-u",
                              "robert", "--secret-fd", str(fd), pass_fds=(fd,),
                              answers=[site.bob.service_password])
    expect(outcome.status == 0, outcome)
    request = "protocol=https\nhost=forge.example\n\n"
    mine = site.machine.run("git-credential-pat", "get", user="bob", text=request)
    expect(f"password={secret}" in mine.output and "username=robert" in mine.output,
           "bob does not get what he imported")
    other = site.machine.run("git-credential-pat", "get", user="alice", text=request)
    expect(other.status == 0 and other.output == "", other)


def a_target_may_say_that_its_server_takes_bearer_tokens(site):
    identifier, _ = site.create(site.alice, "an API", "-p", "vcs:repository:ro", "-e", "1d", "-t",
                                "bearer+https://api.example")
    request = "capability[]=authtype\nprotocol=https\nhost=api.example\n\n"
    answer = site.machine.run("git-credential-pat", "get", user="alice", text=request)
    found = dict(line.split("=", 1) for line in answer.output.splitlines() if "=" in line)
    child = site.new_secret(found.get("credential", ""))
    expect(found.get("authtype") == "Bearer" and "password" not in found, sorted(found))
    expect(site.verify(child, "--audience", "https://api.example") == 0, "it is not valid there")
    site.delete(site.alice, identifier)
    expect(site.verify(child) == 4, "it outlives its token")


def root_gives_carol_with_her_very_large_uid_a_password_and_she_works(site):
    carol = site.carol
    outcome = site.patctl(None, "admin", "passwd", "carol", answers=[carol.service_password] * 2)
    expect(outcome.status == 0, outcome)
    identifier, secret = site.create(carol, "far away", *FOR_GIT)
    expect(site.verify(secret, "--user", "carol") == 0, "it is not carol's")
    expect("password" in site.released(carol), "git gets nothing")
    listed = site.patctl(None, "admin", "list", "--user", "carol")
    expect(listed.status == 0 and identifier in listed.output, listed)
    gone, _ = site.create(carol, "to be revoked", *FOR_NOTHING)
    revoked = site.patctl(None, "admin", "revoke", "--yes", "carol", gone)
    expect(revoked.status == 0, "root cannot revoke")
    site.dead[gone] = site.live.pop(("carol", gone))
    expect(site.verify(site.dead[gone]) == 4, "it is valid after root revoked it")


def nobody_sees_what_is_another_users(site):
    (owner, identifier), _ = next(iter(site.live.items()))
    expect(owner == "alice", owner)
    expect(identifier not in site.patctl(site.bob, "list").output, "bob sees alice's token")
    outcome = site.patctl(site.bob, "show", identifier)
    expect(outcome.status == 3, outcome)


CHECKS = [alice_sets_her_service_password_in_a_login,
          alice_lives_with_a_token_from_create_to_delete, a_wrong_password_changes_nothing,
          an_imported_secret_reaches_git_and_nobody_else,
          a_target_may_say_that_its_server_takes_bearer_tokens,
          root_gives_carol_with_her_very_large_uid_a_password_and_she_works,
          nobody_sees_what_is_another_users]
