# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What users can do to the service as systemd runs it."""
import os
import socket

from checks_life import nobody_sees_what_is_another_users
from processes import expect
from site_under_test import PEOPLE, REQUEST

SOCKETS = ("patd.socket", "patd-auth.socket", "patd-enroll.socket")
PATHS = ("patd/socket", "patd-auth/auth.sock", "patd-auth/enroll.sock")  # below /run
DENIED = "You may not do this"
ROUNDS, CONNECTIONS = 10, 500
DROP_IN = "/etc/systemd/system/patd.service.d/private-users.conf"


def _storm(machine, uid):
    """Connects to everything, says nothing, and leaves; returns how often it could connect."""
    made = 0
    here = os.getcwd()
    os.chdir(machine.path("/run"))  # as root: not everybody may go there
    os.setresuid(uid, uid, 0)
    try:
        for number in range(CONNECTIONS):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.setblocking(False)
                made += connection.connect_ex(PATHS[number % len(PATHS)]) == 0
    finally:
        os.setresuid(0, 0, 0)
        os.chdir(here)
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
    machine = site.machine
    get = ("/usr/bin/git-credential-pat", "get")
    for run in (("systemd-run", "--wait", "--pipe", "--quiet", "--property=DynamicUser=yes"),
                ("setpriv", "--reuid=61184", "--clear-groups")):
        released = machine.run(*run, *get, text=REQUEST)
        expect("password=" not in released.output and DENIED in released.output, released)


# Row A15: whoever has the overflow uid is nobody to patd. The bus still knows who calls.
def where_the_kernel_tells_no_uids_nothing_is_released(site):
    machine = site.machine
    machine.write(DROP_IN, "[Service]\nPrivateUsers=yes\n")
    machine.must("systemctl", "daemon-reload")
    try:
        machine.must("systemctl", "restart", "patd.service")
        released = machine.run("git-credential-pat", "get", user="alice", text=REQUEST)
        expect("password=" not in released.output and DENIED in released.output, released)
        nobody_sees_what_is_another_users(site)
    finally:
        machine.must("rm", DROP_IN)
        machine.must("systemctl", "daemon-reload")
        machine.must("systemctl", "restart", "patd.service")
    site.expect_all_as_it_was()


CHECKS = [a_storm_of_connections_while_patd_is_killed_closes_no_socket,
          an_account_for_the_moment_owns_nothing,
          where_the_kernel_tells_no_uids_nothing_is_released]
