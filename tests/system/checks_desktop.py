# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Per-user mode: patd-desktop beside patd, in bob's own systemd, with a real gnome-keyring."""
import copy
import glob
import json
import os
import secrets
import stat

import keyring
from checks_bad_input import comes_to_rest
from checks_install import UNITS
from processes import expect
from site_under_test import FOR_GIT, FOR_NOTHING, PEOPLE, readable

UID = PEOPLE["bob"]
RUNTIME = f"/run/user/{UID}"
LOGIN = ("env", f"XDG_RUNTIME_DIR={RUNTIME}", f"DBUS_SESSION_BUS_ADDRESS=unix:path={RUNTIME}/bus")
HIS_SOCKETS = ("patd.socket", "patd-user-auth.socket")
HIS_DROP_IN = "/etc/systemd/user/patd.service.d/wrong.conf"
LOCKED = "keyring is locked"


class Desk:
    """The machine, as bob's session sees it."""

    def __init__(self, machine):
        self._machine = machine

    def run(self, *command, user="bob", **options):
        return self._machine.run(*LOGIN, *command, user=user, **options)

    def must(self, *command):
        outcome = self.run(*command)
        expect(outcome.status == 0, outcome)
        return outcome.output

    def show(self, unit, name):
        return self.must("systemctl", "--user", "show", "--value", "-p", name, unit).strip()


def bobs(site):
    """The site whose commands run in bob's session."""
    own = copy.copy(site)
    own.machine = Desk(site.machine)
    return own


def unlock(site):
    # The keyring asks the socket for the uid of its client.
    folder = os.open(site.machine.path(f"{RUNTIME}/keyring"), os.O_PATH)
    os.seteuid(UID)
    try:
        keyring.unlock(f"/proc/self/fd/{folder}/control", site.bob.login_password)
    finally:
        os.seteuid(0)
        os.close(folder)


def _create(own, password, *more):
    """(Outcome, secret) of making a token at bob's own service."""
    return own.patctl_secret(own.bob, "--session", "create", "at his desk", *more,
                             password=password)


def _released_for(machine, host):
    request = f"protocol=https\nhost={host}\n\n"
    return machine.run("git-credential-pat", "get", user="bob", text=request).output


def expect_released(own):
    for host in ("forge.example", "desk.example"):
        expect(f"password={own.secrets['of the desk']}\n" in _released_for(own.machine, host),
               f"it is not released for {host}")


def _pid_of_the_systems(site):
    expect(site.patctl(site.bob, "status").status == 0, "the system's patd does not answer")
    return site.machine.show("patd.service", "MainPID")


def _mode(own):
    return json.loads(own.machine.must("patctl", "--json", "--session", "status"))["mode"]


def patd_desktop_is_installed_beside_patd_and_starts_nothing(site):
    machine = site.machine
    before = _pid_of_the_systems(site)
    packages = glob.glob(f"{os.path.dirname(site.deb)}/patd-desktop_*.deb")
    expect(len(packages) == 1, f"made were {packages}")
    machine.copy_in(packages[0], "/root/desktop.deb")
    machine.must("apt-get", "-qq", "-y", "--no-install-recommends", "install",
                 "/root/desktop.deb", seconds=120)
    expect(machine.must("dpkg", "--verify", "patd-desktop") == "", "a file is not the package's")
    expect(_pid_of_the_systems(site) == before, "the system's was restarted")
    machine.must("loginctl", "enable-linger", "bob")
    machine.must("systemctl", "start", f"user@{UID}.service")
    for unit in (*HIS_SOCKETS, "patd.service"):
        expect(bobs(site).machine.show(unit, "ActiveState") == "inactive", f"{unit} is active")


def a_user_enables_his_own_service_and_its_sockets_listen(site):
    desk = bobs(site).machine
    desk.must("systemctl", "--user", "enable", "--now", "patd.socket")
    for unit in HIS_SOCKETS:
        expect(desk.show(unit, "ActiveState") == "active", f"{unit} does not listen")
    for name in ("socket", "auth.sock"):
        found = os.stat(site.machine.path(f"{RUNTIME}/patd/{name}"))
        expect(stat.S_IMODE(found.st_mode) == 0o600 and found.st_uid == UID, f"{name}: {found}")
    expect(desk.show("patd.service", "ActiveState") == "inactive", "it runs already")


def _make_keyring(site, desk):
    """gnome-keyring 42 shows on the bus only after its next start what its control socket made."""
    unlock(site)
    desk.must("systemctl", "--user", "restart", "gnome-keyring-daemon.service")
    unlock(site)


def a_call_on_the_users_bus_starts_his_patd_in_its_unit(site):
    desk = bobs(site).machine
    _make_keyring(site, desk)
    expect(_mode(bobs(site)) == "user", "another service answers")
    expect("your own service on the session bus" in desk.must("patctl", "--session", "status"),
           "status does not say who answers")
    pid = desk.show("patd.service", "MainPID")
    owner = desk.must("busctl", "--user", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus",
                      "org.freedesktop.DBus", "GetConnectionUnixProcessID", "s",
                      "org.patd.Tokens1")
    expect(owner.split() == ["u", pid] and pid != "0", f"{owner} owns the name, not {pid}")
    status = json.loads(desk.must("patctl", "--json", "status"))
    expect(status["mode"] == "system", f"without --session: {status}")


def his_service_password_makes_a_token_of_his_service_alone(site):
    own = bobs(site)
    refused, _ = _create(own, "wrong-and-long-enough", *FOR_GIT)
    expect(refused.status == 4, refused)
    refused, _ = _create(own, site.bob.login_password, *FOR_GIT)
    expect(refused.status == 4, refused)
    made, secret = _create(own, site.bob.service_password, *FOR_GIT)
    expect(made.status == 0 and secret, made)
    expect(own.released(site.bob).get("username") == "bob", "git gets nothing")
    expect(own.patctl(site.bob, "--session", "verify", text=f"{secret}\n").status == 0, "invalid")
    expect(site.verify(secret) == 4, "the system's patd knows it")
    expect("at his desk" not in site.patctl(site.bob, "list").output, "it is in the system's list")


def his_service_is_asked_first_and_releases_what_the_keyring_holds(site):
    own = bobs(site)
    expect("username=robert" in _released_for(own.machine, "forge.example"),
           "the system's patd is not asked at all")
    secret = site.secrets["of the desk"] = "glpat-" + secrets.token_urlsafe(24)
    with readable(f"{secret}\n") as fd:
        done = own.patctl(site.bob, "--session", "import", "forge", "-t", "https://forge.example",
                          "-t", "https://desk.example", "-u", "bob-at-his-desk",
                          "--secret-fd", str(fd), pass_fds=(fd,),
                          answers=[site.bob.service_password])
    expect(done.status == 0, done)
    expect_released(own)


def a_restart_and_a_stop_of_his_service_lose_nothing(site):
    own = bobs(site)
    own.machine.must("systemctl", "--user", "restart", "patd.service")
    expect_released(own)
    own.machine.must("systemctl", "--user", "stop", "patd.service")
    expect_released(own)
    expect(own.machine.show("patd.service", "ActiveState") == "active", "who answered?")
    own.machine.must("systemctl", "--user", "stop", "patd.service")
    expect(_mode(own) == "user", "the bus does not start it again")
    expect_released(own)


# Row D5.
def who_asks_his_service_that_cannot_start_is_told_so(site):
    own = bobs(site)
    own.machine.must("systemctl", "--user", "stop", "patd.service")
    site.machine.write(HIS_DROP_IN, "[Service]\nExecStart=\nExecStart=/no/such/program\n")
    try:
        own.machine.must("systemctl", "--user", "daemon-reload")
        for _ in range(3):
            refused = _released_for(own.machine, "desk.example")
            expect("password=" not in refused and "patd cannot start" in refused, refused)
            comes_to_rest(own.machine, ("systemctl", "--user"))
    finally:
        site.machine.must("rm", "-r", os.path.dirname(HIS_DROP_IN))
        own.machine.must("systemctl", "--user", "daemon-reload")
    expect_released(own)


# Row S14.
def a_locked_keyring_closes_his_store_until_it_is_unlocked(site):
    own = bobs(site)
    own.machine.must("busctl", "--user", "call", "org.freedesktop.secrets",
                     "/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "Lock", "ao",
                     "1", "/org/freedesktop/secrets/collection/login")
    refused = own.machine.run("patctl", "--session", "list")
    expect(refused.status == 4 and LOCKED in refused.output, refused)
    refused = _released_for(own.machine, "desk.example")
    expect("password=" not in refused and LOCKED in refused, refused)
    status = json.loads(own.machine.must("patctl", "--json", "--session", "status"))
    expect(status["keyring"] == "store-locked", status)
    unlock(site)
    expect_released(own)


# Row P25.
def without_the_systems_patd_the_login_password_is_asked_for(site):
    machine, own = site.machine, bobs(site)
    machine.must("systemctl", "stop", *UNITS, "patd.service")
    try:
        refused, _ = _create(own, site.bob.service_password, *FOR_NOTHING)
        expect(refused.status == 4, refused)
        made, secret = _create(own, site.bob.login_password, *FOR_NOTHING)
        expect(made.status == 0 and secret, made)
    finally:
        machine.must("systemctl", "start", "patd.socket")
    refused, _ = _create(own, site.bob.login_password, *FOR_NOTHING)
    expect(refused.status == 4, refused)
    expect_released(own)


def a_removal_of_patd_desktop_leaves_the_systems_patd_at_work(site):
    machine, desk = site.machine, bobs(site).machine
    before = _pid_of_the_systems(site)
    desk.must("systemctl", "--user", "disable", "--now", "patd.socket")
    machine.must("apt-get", "-qq", "-y", "purge", "patd-desktop")
    desk.must("systemctl", "--user", "daemon-reload")
    for unit in (*HIS_SOCKETS, "patd.service"):
        expect(desk.show(unit, "ActiveState") == "inactive", f"{unit} is active")
    expect(desk.run("patctl", "--session", "status").status == 6, "there is a service of his")
    expect(machine.must("dpkg", "--verify", "patd") == "", "a file of patd's is gone")
    expect(_pid_of_the_systems(site) == before, "the system's was restarted")
    expect("username=robert" in _released_for(desk, "forge.example"), "git gets nothing")
    machine.must("loginctl", "disable-linger", "bob")
    machine.must("systemctl", "stop", f"user@{UID}.service", f"user-runtime-dir@{UID}.service")


CHECKS = [patd_desktop_is_installed_beside_patd_and_starts_nothing,
          a_user_enables_his_own_service_and_its_sockets_listen,
          a_call_on_the_users_bus_starts_his_patd_in_its_unit,
          his_service_password_makes_a_token_of_his_service_alone,
          his_service_is_asked_first_and_releases_what_the_keyring_holds,
          a_restart_and_a_stop_of_his_service_lose_nothing,
          who_asks_his_service_that_cannot_start_is_told_so,
          a_locked_keyring_closes_his_store_until_it_is_unlocked,
          without_the_systems_patd_the_login_password_is_asked_for,
          a_removal_of_patd_desktop_leaves_the_systems_patd_at_work]
