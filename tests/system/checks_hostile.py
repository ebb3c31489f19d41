# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What users can do to the service as systemd runs it."""
import os
import socket

from processes import expect
from site_under_test import PEOPLE, REQUEST

SOCKETS = ("patd.socket", "patd-auth.socket", "patd-enroll.socket")
PATHS = ("/run/patd/socket", "/run/patd-auth/auth.sock", "/run/patd-auth/enroll.sock")
ROUNDS, CONNECTIONS = 10, 500
DROP_IN = "/etc/systemd/system/patd.service.d/private-users.conf"


def _storm(machine, uid):
    """Connects to everything, says nothing, and leaves; gives how often it could connect."""
    made = 0
    os.setresuid(uid, uid, 0)
    try:
        for number in range(CONNECTIONS):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.setblocking(False)
                made += connection.connect_ex(machine.path(PATHS[number % len(PATHS)])) == 0
    finally:
        os.setresuid(0, 0, 0)
    return made


# Row D5.
def a_storm_of_connections_while_patd_is_killed_closes_no_socket(site):
    machine = site.machine
    made = 0
    for _ in range(ROUNDS):
        machine.must("systemctl", "kill", "--kill-whom=main", "-s", "KILL", "patd.service")
        made += _storm(machine, PEOPLE["bob"])
        expect("password" in site.released(site.alice), "git gets nothing")
    expect(made > ROUNDS, f"only {made} connections were made")
    for unit in SOCKETS:
        machine.must("systemctl", "is-active", unit)
    site.expect_all_as_it_was()


# Row A14.
def an_account_for_the_moment_owns_nothing(site):
    run = ("systemd-run", "--wait", "--pipe", "--quiet", "--property=DynamicUser=yes")
    listed = site.machine.run(*run, "/usr/bin/patctl", "list")
    expect(listed.status == 4, listed)
    released = site.machine.run(*run, "/usr/bin/git-credential-pat", "get", text=REQUEST)
    expect("password=" not in released.output, "it releases something")


# Row A15: whoever is the overflow uid to patd is nobody.
def a_patd_that_cannot_tell_users_apart_serves_none(site):
    machine = site.machine
    machine.write(DROP_IN, "[Service]\nPrivateUsers=yes\n")
    machine.must("systemctl", "daemon-reload")
    try:
        machine.run("systemctl", "restart", "patd.service")
        released = machine.run("git-credential-pat", "get", user="alice", text=REQUEST)
        expect("password=" not in released.output, "it releases a secret")
        listed = site.patctl(site.alice, "list")
        expect(listed.status != 0, listed)
    finally:
        machine.must("rm", DROP_IN)
        machine.must("systemctl", "daemon-reload")
        machine.must("systemctl", "restart", "patd.service")
    site.expect_all_as_it_was()


CHECKS = [a_storm_of_connections_while_patd_is_killed_closes_no_socket,
          an_account_for_the_moment_owns_nothing,
          a_patd_that_cannot_tell_users_apart_serves_none]
