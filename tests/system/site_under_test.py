# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The machine with its people, and every secret that ever existed on it."""
import contextlib
import os
import secrets

from processes import PlayError, expect

PEOPLE = {"alice": 1001, "bob": 1002, "carol": 4000000000}
ORIGIN = "https://git.example"
FOR_GIT = ("-p", "vcs:repository:rw", "-t", ORIGIN)
FOR_NOTHING = ("-p", "collaboration:issue:ro")  # without a target it is never released
REQUEST = "protocol=https\nhost=git.example\npath=team/project.git\n\n"


class Person:
    def __init__(self, name):
        self.name = name
        self.login_password = secrets.token_urlsafe(15) + "+x/y%z"
        self.service_password = secrets.token_urlsafe(15) + "=A-b_c"


class Site:
    def __init__(self, machine, parts):
        self.machine = machine
        self.deb, self.newer_deb, self.older_deb, self.clock_shim = parts
        self.people = {name: Person(name) for name in PEOPLE}
        self.alice, self.bob, self.carol = self.people.values()
        self.secrets = {}  # what must be found nowhere: name -> secret
        self.dead = {}  # secrets that must never be valid again: name -> secret
        for person in self.people.values():
            self.secrets[f"{person.name}'s login password"] = person.login_password
            self.secrets[f"{person.name}'s service password"] = person.service_password
        self.live = {}  # (owner, id) -> secret of tokens that must be valid
        self.background = {}  # name -> Popen of what runs in the background of other checks

    def new_secret(self, secret):
        self.secrets[f"token {len(self.secrets)}"] = secret
        return secret

    # patctl without a terminal, as a script runs it

    def patctl(self, person, *arguments, answers=None, pass_fds=(), text=""):
        """The Outcome of patctl as `person` (None: root)."""
        user = None if person is None else person.name
        if answers is None:
            return self.machine.run("patctl", *arguments, user=user, text=text, pass_fds=pass_fds)
        with readable("".join(f"{answer}\n" for answer in answers)) as fd:
            return self.machine.run("patctl", *arguments, "--password-fd", str(fd), user=user,
                                    text=text, pass_fds=(fd, *pass_fds))

    def patctl_secret(self, person, *arguments, password=None):
        """(Outcome, secret) of a command that shows a new secret; the secret is "" if it failed."""
        reader, writer = os.pipe()
        outcome = self.patctl(person, "--json", *arguments, "--output-fd", str(writer),
                              pass_fds=(writer,), answers=[password or person.service_password])
        os.close(writer)
        with open(reader, encoding="ascii") as file:
            secret = file.read().rstrip("\n")
        return outcome, self.new_secret(secret) if secret else ""

    def create(self, person, description, *more):
        """Creates a token that must be valid from now on; returns (id, secret)."""
        outcome, secret = self.patctl_secret(person, "create", description, *more)
        expect(outcome.status == 0 and secret, outcome)
        self.live[(person.name, token_id(secret))] = secret
        return token_id(secret), secret

    def create_as(self, person, password):
        """(Outcome, secret) of creating a token, with this password as the answer."""
        outcome, secret = self.patctl_secret(person, "create", "by another password", *FOR_NOTHING,
                                             password=password)
        if outcome.status == 0:
            self.live[(person.name, token_id(secret))] = secret
        return outcome, secret

    def delete(self, person, identifier):
        outcome = self.patctl(person, "delete", identifier, answers=[person.service_password])
        expect(outcome.status == 0, outcome)
        self.dead[identifier] = self.live.pop((person.name, identifier))

    def verify(self, secret, *arguments):
        """The exit status of patctl verify: 0 valid, 4 not."""
        outcome = self.patctl(None, "verify", *arguments, text=f"{secret}\n")
        expect(outcome.status in (0, 4), outcome)
        return outcome.status

    def expect_all_as_it_was(self):
        """Nothing lost, nothing revived."""
        for (owner, identifier), secret in self.live.items():
            expect(self.verify(secret, "--user", owner) == 0, f"{identifier} of {owner} is lost")
        for identifier, secret in self.dead.items():
            expect(self.verify(secret) == 4, f"{identifier}, which is dead, is valid")

    def released(self, person):
        """The attributes that the helper gives git, without the secret ones."""
        outcome = self.machine.run("git-credential-pat", "get", user=person.name, text=REQUEST)
        expect(outcome.status == 0, outcome)
        found = dict(line.split("=", 1) for line in outcome.output.splitlines() if "=" in line)
        if "password" in found:
            self.new_secret(found["password"])
        return found


def token_id(secret):
    parts = secret.split("_")
    if len(parts) != 3:
        raise PlayError("that is no token")
    return parts[1]


@contextlib.contextmanager
def readable(text):
    """A descriptor that yields `text`."""
    reader, writer = os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    try:
        yield reader
    finally:
        os.close(reader)
