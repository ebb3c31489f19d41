# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Which permissions can be given, when an admin changes them; and unsolicited messages."""
import json
import os
import re
import select
import subprocess
import sys

from checks_faults import CLOCK, DAY, set_clock
from processes import PlayError, expect
from site_under_test import FOR_GIT, FOR_NOTHING, PEOPLE

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = f"{HERE}/../../docs/examples/permissions.d/services.conf"
SHIPPED = "/usr/lib/patd/permissions.d"
OWN = "/etc/patd/permissions.d"
CHECK = "/usr/libexec/patd/patd --check-config"
SIGNAL_SECONDS = 20


def _catalogue(site, person):
    shown = site.patctl(person, "--json", "permissions")
    expect(shown.status == 0, shown)
    return {(entry["area"], entry["object"] or ""): entry["access"]
            for entry in json.loads(shown.output)}


def _reload(site):
    site.machine.must("systemctl", "reload", "patd.service")


def the_package_ships_the_catalogue(site):
    for name in ("coding.conf", "git.conf", "patd.conf"):
        owner = site.machine.must("dpkg", "-S", f"{SHIPPED}/{name}")
        expect(owner.startswith("patd:"), owner)
    found = _catalogue(site, site.alice)
    objects = [key for key in found if key[1]]
    expect(len([key for key in objects if key[0] not in ("git", "patd")]) == 42, objects)
    expect(found[("git", "repository")] == ["ro", "rw"], found)
    expect(_catalogue(site, site.bob) == found, "bob sees another one")
    tree = site.patctl(site.alice, "permissions").output
    expect(re.search(r"^vcs .*\n(  .*\n)*  vcs:repository +ro,rw  \S", tree, re.MULTILINE), tree)


def a_permission_outside_the_catalogue_is_refused(site):
    outcome = site.patctl(site.alice, "create", "x", "-p", "host:login:rw", "--output-fd", "1",
                          answers=[site.alice.service_password])
    expect(outcome.status == 2 and "patctl permissions" in outcome.output, outcome)


def a_drop_in_adds_permissions_after_a_reload_and_a_broken_one_changes_nothing(site):
    machine = site.machine
    machine.copy_in(EXAMPLE, f"{OWN}/services.conf")
    before = _catalogue(site, site.alice)
    _reload(site)
    with open(EXAMPLE, encoding="utf-8") as file:
        added = re.findall(r"^\[([a-z]+)(?::([a-z]+))?\]$", file.read(), re.MULTILINE)
    expect(("mail", "mailbox") in added and
           set(_catalogue(site, site.alice)) - set(before) == set(added), "nothing came")
    _, secret = site.create(site.alice, "ssh login", "-p", "host:login:rw")
    after = _catalogue(site, site.alice)

    follower = machine.follow("patd.service")
    machine.write(f"{OWN}/broken.conf", "[host:reboot]\nAccess=always\nDescription=x\n")
    checked = machine.sh(CHECK)
    expect(checked.status == 78, checked)
    expect(f"{OWN}/broken.conf:2: Access= takes" in checked.output, checked)
    reloaded = machine.run("systemctl", "reload", "patd.service")
    expect(reloaded.status != 0, "a reload of what is broken succeeds")
    follower.wait_for("the configuration is wrong", 10)
    follower.close()
    expect(_catalogue(site, site.alice) == after, "the broken one is in force")
    machine.must("rm", f"{OWN}/broken.conf")

    # Masked, the shipped set is gone; what was given stays.
    machine.must("ln", "-s", "/dev/null", f"{OWN}/coding.conf")
    _reload(site)
    expect(("vcs", "repository") not in _catalogue(site, site.alice), "a masked file counts")
    refused = site.patctl(site.alice, "create", "x", *FOR_GIT, "--output-fd", "1",
                          answers=[site.alice.service_password])
    expect(refused.status == 2, refused)
    site.expect_all_as_it_was()
    machine.must("rm", f"{OWN}/coding.conf")
    _reload(site)
    expect(_catalogue(site, site.alice) == after, "the shipped set does not come back")
    expect(site.verify(secret, "--permission", "host:login:ro") == 0, "it may not log in")


def patd_does_not_start_with_a_broken_catalogue(site):
    machine = site.machine
    machine.write(f"{OWN}/broken.conf", "nonsense\n")
    machine.must("systemctl", "stop", "patd.service")
    outcome = machine.run("systemctl", "start", "patd.service")
    expect(outcome.status != 0, "it starts with a broken catalogue")
    machine.must("rm", f"{OWN}/broken.conf")
    machine.must("systemctl", "reset-failed", "patd.service")
    machine.must("systemctl", "restart", "patd.socket", "patd.service")
    site.expect_all_as_it_was()


class Subscriber:
    """A user's program that subscribed to signals about the user's tokens."""

    def __init__(self, site, name):
        self._process = subprocess.Popen(
            [sys.executable, "-B", f"{HERE}/subscriber.py", str(site.machine.leader),
             str(PEOPLE.get(name, 0))], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self._said = b""
        self.wait_for("watching")

    def wait_for(self, pattern):
        """What it says from now on, until a line matches."""
        out = self._process.stdout.fileno()
        while not re.search(pattern, self._said.decode()):
            if not select.select([out], [], [], SIGNAL_SECONDS)[0]:
                raise PlayError(f"no {pattern!r}, only: {self._said.decode()}")
            data = os.read(out, 4096)
            if not data:
                raise PlayError(f"it ended; it said: {self._said.decode()}")
            self._said += data
        return self._said.decode()

    def close(self):
        """Everything that it was told."""
        self._process.terminate()
        rest, _ = self._process.communicate(timeout=SIGNAL_SECONDS)
        return (self._said + rest).decode()


def a_dead_secret_that_is_shown_is_told_to_its_owner_alone(site):
    identifier, secret = site.create(site.alice, "to be found again", *FOR_NOTHING)
    site.delete(site.alice, identifier)
    alice, bob, root = (Subscriber(site, name) for name in ("alice", "bob", "root"))
    site.machine.must("git-credential-pat", "get", user="bob", text="protocol=https\nhost=x.y\n\n")
    expect(site.verify(secret) == 4, "a dead token is valid")
    alice.wait_for(f"SecretReused {identifier} verify\n")
    _, other = site.create(site.carol, "carol's", *FOR_NOTHING)
    for subscriber in (bob, root):
        expect(subscriber.close() == "watching\n", "somebody else is told")
    expect(alice.close() == f"watching\nSecretReused {identifier} verify\n", "alice is told more")
    expect(site.verify(other) == 0, "carol's token is gone")
    expect("alarm" in site.patctl(site.alice, "audit").output, "no event tells of it")


def with_revoke_a_dead_secret_ends_its_token(site):
    machine = site.machine
    identifier, first = site.create(site.alice, "kept a copy", *FOR_NOTHING)
    outcome, second = site.patctl_secret(site.alice, "regenerate", identifier)
    expect(outcome.status == 0 and site.verify(second) == 0, outcome)
    expect(site.verify(first) == 4 and site.verify(second) == 0, "an alarm alone ends it")
    machine.write("/etc/patd/patd.conf.d/reuse.conf", "[Patd]\nOnReuse=revoke\n")
    _reload(site)
    expect(site.verify(first) == 4, "a dead secret is valid")
    site.live.pop(("alice", identifier))
    site.dead |= {f"{identifier}, first": first, f"{identifier}, second": second}
    expect(site.patctl(site.alice, "show", identifier).status == 3, "the token lives on")
    expect(site.verify(second) == 4, "its newest secret is valid")
    machine.must("rm", "/etc/patd/patd.conf.d/reuse.conf")
    _reload(site)


def an_expiry_is_told_before_it_comes_to_its_owner_alone(site):
    machine = site.machine
    machine.copy_in(site.clock_shim, "/etc/test/clock_shim.so")
    drop_in = "/etc/systemd/system/patd.service.d/clock.conf"
    set_clock(machine, 0)
    machine.write(drop_in, CLOCK)
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "restart", "patd.service")
    identifier, _ = site.create(site.alice, "for a quarter", *FOR_NOTHING, "-e", "90d")
    later, _ = site.create(site.alice, "a little longer", *FOR_NOTHING, "-e", "96d")
    expect("soon" not in site.patctl(site.alice, "show", identifier).output, "it is marked")
    alice, bob, root = (Subscriber(site, name) for name in ("alice", "bob", "root"))
    set_clock(machine, 85 * DAY)
    # A changed value makes patd check at once.
    machine.write("/etc/patd/patd.conf.d/notice.conf", "[Patd]\nExpiryNotice=10d\n")
    _reload(site)
    alice.wait_for(f"TokenExpiring {identifier} \\d+\n")
    expect(", soon" in site.patctl(site.alice, "show", identifier).output, "it is not marked")
    status = json.loads(site.patctl(site.alice, "--json", "status").output)
    expect(status["tokens_expiring"] >= 1, status)
    expect("expiring" in site.patctl(site.alice, "audit").output, "no event tells of it")
    told = machine.journal("PATD_EVENT=token-expiring", f"PATD_TOKEN={identifier}")
    expect(told.count("\n") == 1, told)
    for subscriber in (bob, root):
        expect(subscriber.close() == "watching\n", "somebody else is told")
    alice.close()
    # Not again after a restart, when the next one is due.
    machine.must("systemctl", "restart", "patd.service")
    alice = Subscriber(site, "alice")
    machine.write("/etc/patd/patd.conf.d/notice.conf", "[Patd]\nExpiryNotice=11d\n")
    _reload(site)
    alice.wait_for(f"TokenExpiring {later} \\d+\n")
    expect(identifier not in alice.close(), "it is told twice")
    expect(machine.journal("PATD_EVENT=token-expiring", f"PATD_TOKEN={identifier}") == told,
           "it is told twice")
    machine.must("rm", "-r", os.path.dirname(drop_in), "/etc/patd/patd.conf.d/notice.conf")
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "restart", "patd.service")
    for expiring in (identifier, later):  # must not live as long as the others
        site.delete(site.alice, expiring)
    site.expect_all_as_it_was()


CHECKS = [the_package_ships_the_catalogue, a_permission_outside_the_catalogue_is_refused,
          a_drop_in_adds_permissions_after_a_reload_and_a_broken_one_changes_nothing,
          patd_does_not_start_with_a_broken_catalogue,
          a_dead_secret_that_is_shown_is_told_to_its_owner_alone,
          with_revoke_a_dead_secret_ends_its_token]
LATER_CHECKS = [an_expiry_is_told_before_it_comes_to_its_owner_alone]
