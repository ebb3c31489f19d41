# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patd's package below a newer systemd, and what doctor says when systemd lets it down:
newer_systemd.py DEB TREE. tools/test-units.sh makes the tree and runs this, as root."""
import functools
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, f"{CHECKOUT}/tools/lib", f"{CHECKOUT}/tools/demo"]

import booted  # noqa: E402: the path comes first
from processes import expect  # noqa: E402

PATD = "patd.service"
SOCKET = "systemd-creds.socket"
KEY_BY_SOCKET = 258  # the first that gives a service without devices its sealed key through SOCKET
LIBRARY_AT_WILL = 259  # the first that runs without libseccomp
LIBRARY = "/usr/lib/x86_64-linux-gnu/libseccomp.so.2"


def findings(machine, word):
    outcome = machine.run("patctl", "--json", "doctor")
    return [found for found in json.loads(outcome.output)["findings"] if word in found["text"]]


def patd_runs_and_its_calls_are_filtered(deb, machine):
    machine.copy_in(deb, "/root/patd.deb")
    machine.must("dpkg", "--install", "/root/patd.deb")
    machine.must("systemctl", "enable", "--now", "patd.socket")
    machine.must("systemctl", "start", PATD)
    expect(not findings(machine, "system call filter"), "doctor misses the filter")


def a_stopped_socket_is_started_with_patd(machine):
    machine.must("systemctl", "stop", SOCKET)
    machine.must("systemctl", "restart", PATD)
    machine.must("systemctl", "is-active", SOCKET)


def a_masked_socket_is_named_where_patd_gets_no_key_and_doctors_command_fixes_it(version, machine):
    machine.must("systemctl", "mask", "--now", SOCKET)
    outcome = machine.run("systemctl", "restart", PATD)
    found = findings(machine, SOCKET)
    if version < KEY_BY_SOCKET:
        expect(outcome.status == 0 and not found, f"{outcome}\n{found}")
        machine.must("systemctl", "unmask", SOCKET)
        return
    expect(machine.show(PATD, "ExecMainStatus") == "243", outcome)
    expect(len(found) == 1 and not findings(machine, "recovery file"), found)
    expect(SOCKET in machine.run("patctl", "status").output, "status does not name it")
    machine.must("sh", "-c", f"sudo() {{ \"$@\"; }}; {found[0]['fix']}")
    machine.must("systemctl", "is-active", PATD, SOCKET)


def without_libseccomp_doctor_misses_the_filter(machine):
    machine.must("sh", "-c", f"mkdir /root/lib && mv {LIBRARY}* /root/lib")
    machine.must("systemctl", "restart", PATD)
    expect(len(findings(machine, "system call filter")) == 1, "doctor does not see it")
    machine.must("sh", "-c", f"mv /root/lib/* {os.path.dirname(LIBRARY)}")
    machine.must("systemctl", "restart", PATD)
    expect(not findings(machine, "system call filter"), "doctor sees it still")


def play(deb, machine, tally):
    version = int(re.match(r"systemd (\d+)", machine.must("systemctl", "--version")).group(1))
    checks = [(patd_runs_and_its_calls_are_filtered, deb), (a_stopped_socket_is_started_with_patd,),
              (a_masked_socket_is_named_where_patd_gets_no_key_and_doctors_command_fixes_it,
               version)]
    if version >= LIBRARY_AT_WILL:
        checks.append((without_libseccomp_doctor_misses_the_filter,))
    for check, *arguments in checks:
        tally.check(check.__name__.replace("_", " "), check, *arguments, machine)
    return len(checks)


def main():
    deb, tree = sys.argv[1:]
    return booted.run(tree, functools.partial(play, deb), "test-units.log")


if __name__ == "__main__":
    sys.exit(main())
