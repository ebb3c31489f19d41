# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What an admin can get wrong: patd serves nothing, says which file it is, and how to fix it; and
once that is done everything is as before."""
import os
import socket

from processes import expect
from site_under_test import REQUEST

KEY = "/etc/patd/master-key.cred"
STORE = "/var/lib/patd/store.db"
PAM = "/etc/pam.d/patd"
DROP_IN = "/etc/systemd/system/patd.service.d/wrong.conf"
SOCKETS = ("patd.socket", "patd-auth.socket", "patd-enroll.socket")
LINE_SOCKET = "/run/patd/socket"
LOOKS_AT_REST, LOOKS_MAX = 15, 200
OTHER_KEY = ("head -c 32 /dev/urandom | systemd-creds encrypt --name=patd.master-key"
             f" --with-key=host - - >{KEY}")


def _restart(site):
    machine = site.machine
    machine.must("systemctl", "daemon-reload")
    machine.run("systemctl", "reset-failed", "patd.service", "patd-key.service", *SOCKETS)
    machine.must("systemctl", "start", *SOCKETS)
    return machine.run("systemctl", "restart", "patd.service")


def _is_at_rest(machine, systemctl):
    units = ("patd.service", "patd-key.service", "patd-refuse.service")
    states = machine.must(*systemctl, "show", "--value", "-p", "ActiveState", *units).split()
    jobs = machine.must(*systemctl, "--no-legend", "list-jobs", "patd*").strip()
    return not jobs and all(state in ("inactive", "failed") for state in states)


def comes_to_rest(machine, systemctl=("systemctl",)):
    """Nothing of patd's is being started any more, in so many looks that a start which fails and
    is made again would be seen."""
    looks = 0
    for _ in range(LOOKS_MAX):
        looks = looks + 1 if _is_at_rest(machine, systemctl) else 0
        if looks == LOOKS_AT_REST:
            return
    expect(False, "systemd starts it again and again")


def _refuses(site, spoil, fix, *said):
    """Spoils something, expects that nothing is served, that who asks is told so, that systemd
    comes to rest, and that the journal says each of `said`; fixes it, and expects that the next
    request brings everything back."""
    machine = site.machine
    machine.must("systemctl", "stop", *SOCKETS, "patd.service")
    machine.must("sh", "-c", spoil)
    follower = machine.follow("patd*")
    try:
        expect(_restart(site).status != 0, "it starts all the same")
        for _ in range(3):
            released = machine.run("git-credential-pat", "get", user="alice", text=REQUEST)
            expect("password=" not in released.output, "it releases a secret all the same")
            expect("patd cannot start" in released.output, released)
        for pattern in said:
            follower.wait_for(pattern, 10)
        comes_to_rest(machine)
    finally:
        follower.close()
        machine.must("sh", "-c", fix)
        machine.must("systemctl", "daemon-reload")
    expect("password" in site.released(site.alice), "the next request does not start it")
    site.expect_all_as_it_was()


def a_key_that_is_open_to_others_is_refused(site):
    _refuses(site, f"chmod 644 {KEY}", f"chmod go= {KEY}", f"chmod go= {KEY}")


def a_key_of_another_owner_is_refused(site):
    _refuses(site, f"chown patd {KEY}", f"chown root: {KEY}", f"chown root: {KEY}")


def an_empty_key_is_refused(site):
    _refuses(site, f"cp -p {KEY} /root/key; : >{KEY}", f"mv /root/key {KEY}",
             f"{KEY} is empty; put the key back")


# Row S6.
def a_store_without_its_key_is_refused_and_no_new_key_is_made(site):
    _refuses(site, f"mv {KEY} /root/key", f"test ! -e {KEY} && mv /root/key {KEY}",
             f"{KEY} is missing, but {STORE} is there; put the key back")


# Row S6.
def the_key_of_another_store_is_refused(site):
    _refuses(site, f"cp -p {KEY} /root/key; {OTHER_KEY}", f"mv /root/key {KEY}",
             "master key does not open this store")


def a_store_of_another_owner_is_refused(site):
    _refuses(site, f"chown root {STORE}", f"chown patd {STORE}", f"{STORE}: .*owner.*chown patd")


def a_store_that_is_open_to_others_is_refused(site):
    _refuses(site, f"chmod 644 {STORE}", f"chmod 600 {STORE}", f"{STORE}: .*chmod")


def a_store_that_is_damaged_is_refused(site):
    _refuses(site, f"cp -p {STORE} /root/store.db; printf x | dd of={STORE} bs=1 conv=notrunc",
             f"mv /root/store.db {STORE}", f"{STORE}: not an SQLite database")


def a_drop_in_that_systemd_cannot_apply_keeps_patd_from_starting(site):
    _refuses(site, f"mkdir -p $(dirname {DROP_IN}); "
                   f"printf '[Service]\\nUser=nobody-like-this\\n' >{DROP_IN}",
             f"rm -r $(dirname {DROP_IN})", "status=217/USER")


# Row D5: patd-refuse.service waits between its own attempts, and while it does nothing starts patd.
def where_not_even_the_refusal_can_start_systemd_does_not_turn_in_a_circle(site):
    machine = site.machine
    folders = [f"/etc/systemd/system/{unit}.service.d" for unit in ("patd", "patd-refuse")]
    machine.must("systemctl", "stop", *SOCKETS, "patd.service")
    for folder in folders:
        machine.write(f"{folder}/wrong.conf", "[Service]\nUser=nobody-like-this\n")
    failures = "journalctl --sync; journalctl -u patd.service | grep -c status=217/USER; true"
    before = int(machine.sh(failures).output)
    try:
        _restart(site)
        released = machine.run("git-credential-pat", "get", user="alice", text=REQUEST)
        expect("password=" not in released.output, "it releases a secret all the same")
        machine.must("timeout", "30", "sh", "-c", "until test "
                     "$(systemctl show --value -p NRestarts patd-refuse.service) -ge 1; do :; done")
        starts = int(machine.sh(failures).output) - before
        expect(1 <= starts <= 3, f"patd was started {starts} times")
    finally:
        machine.must("rm", "-r", *folders)
        machine.must("systemctl", "daemon-reload")
    machine.must("timeout", "30", "sh", "-c", "until systemctl show --value -p ActiveState"
                 " patd-refuse.service | grep -Eq '^(inactive|failed)'; do :; done")
    expect("password" in site.released(site.alice), "the next request does not start it")
    site.expect_all_as_it_was()


# ADR 0032: nobody can be told there, since systemd must not bring a stopped socket back.
def a_deleted_socket_that_somebody_waits_at_costs_starts_until_it_is_restarted(site):
    machine = site.machine
    machine.must("systemctl", "stop", *SOCKETS, "patd.service")
    machine.write(DROP_IN, "[Service]\nUser=nobody-like-this\n")
    count = "$(journalctl --sync; journalctl -u patd.service | grep -c status=217/USER)"
    try:
        machine.must("systemctl", "daemon-reload")
        machine.must("systemctl", "start", *SOCKETS)
        machine.must("ln", LINE_SOCKET, f"{LINE_SOCKET}.other")
        machine.must("rm", LINE_SOCKET)
        before = int(machine.must("sh", "-c", f"echo {count}"))
        folder = os.open(machine.path(os.path.dirname(LINE_SOCKET)), os.O_PATH)
        with socket.socket(socket.AF_UNIX) as waiting:
            waiting.connect(f"/proc/self/fd/{folder}/socket.other")
            os.close(folder)
            machine.must("timeout", "30", "sh", "-c",
                         f"until test {count} -ge {before + 5}; do :; done")
            machine.must("systemctl", "restart", "patd.socket")
            comes_to_rest(machine)
    finally:
        machine.must("sh", "-c", f"rm -rf {os.path.dirname(DROP_IN)} {LINE_SOCKET}.other")
        machine.must("systemctl", "daemon-reload")
    expect("password" in site.released(site.alice), "the next request does not start it")
    site.expect_all_as_it_was()


def a_patd_that_fails_when_it_is_stopped_stays_stopped(site):
    machine = site.machine
    machine.write(DROP_IN, "[Service]\nExecStopPost=/bin/false\n")
    try:
        expect(_restart(site).status == 0, "patd does not start")
        machine.must("systemctl", "stop", "patd.socket", "patd.service")
        for unit in ("patd.socket", "patd.service", "patd-refuse.service"):
            state = machine.show(unit, "ActiveState")
            expect(state in ("inactive", "failed"), f"{unit} is {state}")
    finally:
        machine.must("rm", "-r", DROP_IN.rpartition("/")[0])
    expect(_restart(site).status == 0, "patd does not start again")
    site.expect_all_as_it_was()


def a_configuration_that_only_root_may_read_is_named(site):
    machine = site.machine
    file = "/etc/patd/patd.conf.d/99-closed.conf"
    machine.write(file, "[Patd]\n", mode="600")
    try:
        checked = machine.run("patctl", "admin", "check-config")
        expect(checked.status == 1 and f"{file}: cannot be read" in checked.output, checked)
        expect(f"{file}: cannot be read" in machine.run("patctl", "doctor").output, "doctor is mum")
        machine.must("chmod", "644", file)
        machine.must("patctl", "admin", "check-config")
    finally:
        machine.must("rm", file)


def a_broken_pam_file_grants_nothing(site):
    machine = site.machine
    identifier, secret = next((key[1], secret) for key, secret in site.live.items()
                              if key[0] == "alice")
    for broken in ("auth required pam_no_such_module.so\n", "garbage\n", ""):
        machine.must("cp", "-p", PAM, "/root/pam")
        machine.write(PAM, broken)
        outcome = site.patctl(site.alice, "delete", identifier,
                              answers=[site.alice.service_password])
        machine.must("mv", "/root/pam", PAM)
        expect(outcome.status != 0, f"with {broken!r} for a stack it deletes")
        expect(site.verify(secret) == 0, "the token is gone")
    expect("pam_no_such_module.so" in machine.journal("-t", "patd-auth"), "no line names it")


# Row S17.
def a_downgrade_to_what_cannot_read_the_store_is_refused(site):
    machine = site.machine
    machine.copy_in(site.older_deb, "/root/older.deb")
    machine.must("systemctl", "stop", *SOCKETS, "patd.service")
    version = f"dd of={STORE} bs=1 seek=60 conv=notrunc status=none"
    before = machine.must("od", "-An", "-v", "-tx1", "-j60", "-N4", STORE).split()
    machine.must("sh", "-c", f"printf '\\000\\000\\000\\143' | {version}")
    outcome = machine.run("dpkg", "-i", "/root/older.deb")
    expect(outcome.status != 0 and "format 99" in outcome.output, outcome)
    installed = machine.must("dpkg-query", "-W", "-f", "${Version}", "patd")
    expect("+next" in installed, f"{installed} is in place")
    octal = "".join(f"\\{int(byte, 16):03o}" for byte in before)
    machine.must("sh", "-c", f"printf '{octal}' | {version}")
    expect(_restart(site).status == 0, "patd does not start again")
    site.expect_all_as_it_was()


CHECKS = [a_key_that_is_open_to_others_is_refused, a_key_of_another_owner_is_refused,
          an_empty_key_is_refused, a_store_without_its_key_is_refused_and_no_new_key_is_made,
          the_key_of_another_store_is_refused, a_store_of_another_owner_is_refused,
          a_store_that_is_open_to_others_is_refused, a_store_that_is_damaged_is_refused,
          a_drop_in_that_systemd_cannot_apply_keeps_patd_from_starting,
          where_not_even_the_refusal_can_start_systemd_does_not_turn_in_a_circle,
          a_deleted_socket_that_somebody_waits_at_costs_starts_until_it_is_restarted,
          a_patd_that_fails_when_it_is_stopped_stays_stopped,
          a_configuration_that_only_root_may_read_is_named,
          a_broken_pam_file_grants_nothing, a_downgrade_to_what_cannot_read_the_store_is_refused]
