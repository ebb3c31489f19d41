# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Whatever happens to the machine: nothing is lost, nothing is revived."""
import json
import os
import subprocess
import threading
import time

from checks_life import nobody_sees_what_is_another_users
from processes import expect
from site_under_test import FOR_NOTHING, REQUEST, token_id

# Asks as fast as it can until it is told to stop; then prints how often it was answered, and how
# often not. What it got instead goes to standard error.
WORKER = """#!/bin/sh
good=0 bad=0
while [ ! -e /run/test/stop ]; do
    case $1 in
    get) answer=$(git-credential-pat get </etc/test/request 2>&1) ;;
    list) answer=$(patctl --json list 2>&1) ;;
    esac
    case $answer in
    *password=* | *'"description":'*) good=$((good + 1)) ;;
    *) bad=$((bad + 1)); echo "$1: ${answer:-nothing}" >&2 ;;
    esac
done
echo "$good $bad"
"""
KILLS = 30
MAKE_SECONDS = 120  # for three tokens, next to clients that never pause
CLOCK = """[Service]
Environment=LD_PRELOAD=/etc/test/clock_shim.so PATD_CLOCK_FILE=/etc/test/clock
"""
HOUR, DAY = 3600, 86400


class Load:
    """Clients of alice's that ask without a pause. As a context manager: none stays behind, so that
    a failing check does not slow down the others."""

    def __init__(self, site, kinds=("get", "get", "get", "list")):
        machine = site.machine
        machine.write("/etc/test/worker", WORKER, "755")
        machine.write("/etc/test/request", REQUEST)
        machine.must("mkdir", "-p", "/run/test")
        machine.must("rm", "-f", "/run/test/stop")
        self._machine = machine
        self._workers = [machine.start("/etc/test/worker", kind, user="alice",
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                         for kind in kinds]

    def stop(self):
        """(answered, not answered, what was said instead)."""
        self._machine.must("touch", "/run/test/stop")
        good = bad = 0
        said = ""
        for worker in self._workers:
            output, errors = worker.communicate(timeout=60)
            counts = output.split()
            good, bad = good + int(counts[0]), bad + int(counts[1])
            said += errors
        self._workers = []
        return good, bad, said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._workers and self._machine.leader is not None:
            self._machine.run("touch", "/run/test/stop")
        for worker in self._workers:
            worker.kill()
            worker.communicate()


def _wait_until_it_answers(site):
    """One call waits at the socket while patd starts."""
    expect("password" in site.released(site.alice), "git gets nothing")


# Row O6.
def an_upgrade_under_load_turns_nobody_away(site):
    machine = site.machine
    machine.copy_in(site.newer_deb, "/root/newer.deb")
    before = os.stat(machine.path("/run/patd/socket")).st_ino, machine.show("patd", "MainPID")
    with Load(site) as load:
        machine.must("dpkg", "-i", "/root/newer.deb", seconds=120)
        _wait_until_it_answers(site)
        good, bad, said = load.stop()
    after = os.stat(machine.path("/run/patd/socket")).st_ino, machine.show("patd", "MainPID")
    expect(before[0] == after[0], "the socket is another one")
    expect(before[1] != after[1], "the old patd still runs")
    expect(good > 20 and bad == 0, f"{good} were answered, {bad} were not:\n{said[-2000:]}")
    site.expect_all_as_it_was()


# Row D4.
def ten_restarts_under_load_turn_nobody_away(site):
    with Load(site) as load:
        for _ in range(10):
            site.machine.must("systemctl", "restart", "patd.service")
        good, bad, said = load.stop()
    expect(good > 20 and bad == 0, f"{good} were answered, {bad} were not:\n{said[-2000:]}")


# Row D17.
def a_patd_that_hangs_is_replaced_by_the_watchdog(site):
    machine = site.machine
    follower = machine.follow("patd.service")
    machine.must("systemctl", "kill", "--kill-whom=main", "-s", "STOP", "patd.service")
    follower.wait_for("Watchdog timeout", 60)
    follower.wait_for("Started ", 30)
    follower.close()
    _wait_until_it_answers(site)
    site.expect_all_as_it_was()


def _create_while_it_is_killed(site, number):
    """Makes a token while patd is killed, at another moment each time."""
    machine = site.machine
    killer = threading.Timer(0.01 * number, machine.run, (
        "systemctl", "kill", "--kill-whom=main", "-s", "KILL", "patd.service"))
    killer.start()
    outcome, secret = site.patctl_secret(site.alice, "create", f"kill {number}",
                                         *FOR_NOTHING)
    killer.join()
    if outcome.status == 0:
        site.live[("alice", token_id(secret))] = secret
    return secret


# Rows S8, D4, R1.
def thirty_kills_lose_nothing_and_leave_nothing_that_nobody_saw(site):
    follower = site.machine.follow("patd.service")
    seen = set()
    for number in range(KILLS):
        secret = _create_while_it_is_killed(site, number)
        if secret:
            seen.add(token_id(secret))
        follower.wait_for("Main process exited, code=killed, status=9/KILL", 30)
        _wait_until_it_answers(site)
    follower.close()
    listed = json.loads(site.patctl(site.alice, "--json", "list").output)
    unseen = [token["id"] for token in listed if token["description"].startswith("kill ")
              and token["id"] not in seen]
    expect(not unseen, f"valid, and nobody saw them: {unseen}")
    site.expect_all_as_it_was()


# Row R5.
def patd_comes_back_after_the_bus_was_restarted(site):
    machine = site.machine
    follower = machine.follow("patd.service")
    machine.must("systemctl", "kill", "--kill-whom=main", "-s", "KILL", "dbus.service")
    follower.wait_for("Started ", 60)
    follower.close()
    _wait_until_it_answers(site)
    expect(site.patctl(site.alice, "status").status == 0, "the bus does not find patd")
    site.expect_all_as_it_was()


# Row S9.
def a_full_disk_costs_nothing(site):
    machine = site.machine
    machine.sh("cat /dev/zero >/var/fill; cat /dev/zero >>/var/fill; sync")
    free = machine.must("stat", "-f", "-c", "%a", "/var").strip()
    expect(free == "0", f"{free} blocks are still free")
    made = [site.patctl_secret(site.alice, "create", f"full {number}", *FOR_NOTHING)
            for number in range(5)]
    machine.run("git-credential-pat", "get", user="alice", text=REQUEST)
    machine.must("rm", "/var/fill")
    failed = 0
    for outcome, secret in made:
        failed += outcome.status != 0
        if outcome.status == 0:
            site.live[("alice", token_id(secret))] = secret
        elif secret:
            expect(site.verify(secret) == 4, "it failed, and the token is valid")
    expect(failed, "the disk was never full")
    _wait_until_it_answers(site)
    site.create(site.alice, "after the full disk", *FOR_NOTHING)
    site.expect_all_as_it_was()


def set_clock(machine, seconds):
    machine.write("/etc/test/clock.new", f"{seconds}\n")
    machine.must("mv", "/etc/test/clock.new", "/etc/test/clock")


def _jump(site, secret, *steps):
    """Steps are (shift of the clock, what verify says then, what status says of the clock)."""
    for shift, status, clock in steps:
        set_clock(site.machine, shift)
        found = site.verify(secret)
        expect(found == status, f"{shift} s: verify says {found}, not {status}")
        told = json.loads(site.patctl(site.alice, "--json", "status").output)["clock"]
        expect(told == clock, f"{shift} s: the clock is said to be {told}, not {clock}")


def _accept_clock(site):
    outcome = site.patctl(None, "admin", "accept-clock")
    expect(outcome.status == 0, outcome)


# Row D16.
def a_clock_that_jumps_costs_nothing_and_revives_nothing(site):
    machine = site.machine
    machine.copy_in(site.clock_shim, "/etc/test/clock_shim.so")
    drop_in = "/etc/systemd/system/patd.service.d/clock.conf"
    set_clock(machine, 0)
    machine.write(drop_in, CLOCK)
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "restart", "patd.service")
    identifier, secret = site.create(site.alice, "for an hour", *FOR_NOTHING, "-e", "1h")
    del site.live[("alice", identifier)]  # must not live as long as the others
    # A mistake that is undone; then the hour is over, and stays over.
    _jump(site, secret, (1100 * DAY, 4, "ahead"), (0, 0, "right"), (2 * HOUR, 4, "right"),
          (0, 4, "behind"), (-30 * DAY, 4, "behind"))
    site.expect_all_as_it_was()
    machine.must("systemctl", "restart", "patd.service")
    _jump(site, secret, (-30 * DAY, 4, "unknown"))
    expect("password" not in site.released(site.alice), "a child is released at no known time")
    expect("accept-clock" in site.patctl(None, "doctor").output, "doctor names no fix")
    expect("clock is far behind" in machine.journal("-u", "patd.service"), "nothing is said")
    site.expect_all_as_it_was()
    _accept_clock(site)
    _jump(site, secret, (-30 * DAY, 0, "right"), (0, 0, "ahead"))
    _accept_clock(site)
    _jump(site, secret, (0, 0, "right"))
    site.live[("alice", identifier)] = secret
    site.delete(site.alice, identifier)
    set_clock(machine, -30 * DAY)
    expect(site.verify(secret) == 4, "a deleted token lives again")
    machine.must("rm", "-r", os.path.dirname(drop_in))
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "restart", "patd.service")
    expect("password" in site.released(site.alice), "git gets nothing")
    site.expect_all_as_it_was()


def _create_until_it_fails(site, stop):
    number = 0
    while not stop.is_set():
        number += 1
        outcome, secret = site.patctl_secret(site.alice, "create", f"power {number}",
                                             *FOR_NOTHING)
        if outcome.status == 0:
            site.live[("alice", token_id(secret))] = secret


def _go_off_in_the_middle(site, go_off):
    stop = threading.Event()
    creator = threading.Thread(target=_create_until_it_fails, args=(site, stop))
    known = len(site.live)
    with Load(site):
        creator.start()
        try:
            end = time.monotonic() + MAKE_SECONDS
            while len(site.live) < known + 3:
                expect(time.monotonic() < end and creator.is_alive(), "no token is made")
                creator.join(0.02)
            stop.set()  # after the current one
            go_off()
        finally:
            stop.set()
            creator.join(60)
    site.machine.boot()
    _wait_until_it_answers(site)
    site.expect_all_as_it_was()


# Row S7.
def a_poweroff_in_the_middle_loses_nothing(site):
    _go_off_in_the_middle(site, site.machine.power_off)


# Row S7.
def a_pulled_plug_loses_nothing(site):
    _go_off_in_the_middle(site, site.machine.pull_the_plug)


# The bus is chosen for the next boot, of which there are two anyway.


def dbus_broker_is_the_bus_from_now_on(site):
    site.machine.must("systemctl", "enable", "--force", "dbus-broker.service")


# Row R7.
def a_token_lives_and_dies_under_dbus_broker_too(site):
    machine = site.machine
    expect(machine.show("dbus-broker.service", "ActiveState") == "active", "it is not the bus")
    expect(machine.run("pgrep", "-x", "dbus-daemon").status != 0, "dbus-daemon runs too")
    alice = site.alice
    identifier, first = site.create(alice, "on another bus", *FOR_NOTHING)
    password = [alice.service_password]
    edited = site.patctl(alice, "edit", identifier, "-d", "edited", answers=password)
    expect(edited.status == 0, edited)
    outcome, second = site.patctl_secret(alice, "regenerate", identifier)
    expect(outcome.status == 0 and site.verify(first) == 4 and site.verify(second) == 0, outcome)
    site.dead[f"{identifier}, first"], site.live[("alice", identifier)] = first, second
    expect(site.patctl(alice, "lock").status == 0, "alice cannot lock")
    expect("password" not in site.released(alice), "it is released while locked")
    unlocked = site.patctl(alice, "unlock", answers=password)
    expect(unlocked.status == 0 and "password" in site.released(alice), unlocked)
    expect(identifier in site.patctl(alice, "audit", "-v").output, "no event in the audit log")
    site.delete(alice, identifier)
    nobody_sees_what_is_another_users(site)
    refused = site.patctl(site.bob, "admin", "list")
    expect(refused.status == 4, refused)
    machine.must("systemctl", "stop", "patd.service")
    expect(site.patctl(site.alice, "list").status == 0, "the bus does not start patd")
    follower = machine.follow("patd.service")
    machine.must("systemctl", "kill", "--kill-whom=main", "-s", "KILL", "patd.service")
    follower.wait_for("Started ", 30)
    follower.close()
    site.expect_all_as_it_was()


def dbus_daemon_is_the_bus_from_now_on(site):
    site.machine.must("systemctl", "disable", "dbus-broker.service")


RESTART_CHECKS = [an_upgrade_under_load_turns_nobody_away,
                  ten_restarts_under_load_turn_nobody_away]
CHECKS = [a_patd_that_hangs_is_replaced_by_the_watchdog,
          thirty_kills_lose_nothing_and_leave_nothing_that_nobody_saw,
          patd_comes_back_after_the_bus_was_restarted, a_full_disk_costs_nothing,
          a_clock_that_jumps_costs_nothing_and_revives_nothing, dbus_broker_is_the_bus_from_now_on,
          a_poweroff_in_the_middle_loses_nothing, a_token_lives_and_dies_under_dbus_broker_too,
          dbus_daemon_is_the_bus_from_now_on, a_pulled_plug_loses_nothing]
