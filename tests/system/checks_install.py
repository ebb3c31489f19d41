# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""From apt install to the first answer."""
import json
import os
import stat

from processes import expect
from site_under_test import PEOPLE

KEY = "/etc/patd/master-key.cred"
UNITS = ("patd.socket", "patd-auth.socket", "patd-enroll.socket")


def make_people(site):
    machine = site.machine
    for person in site.people.values():
        machine.must("useradd", "--no-log-init", "--create-home", "--shell=/bin/bash",
                     f"--uid={PEOPLE[person.name]}", "--user-group", person.name)
        machine.must("chpasswd", text=f"{person.name}:{person.login_password}\n")
        machine.write(f"/home/{person.name}/.bashrc", "")


def there_are_people_and_a_way_to_log_in(site):
    make_people(site)
    site.machine.must("ssh-keygen", "-q", "-A")
    site.machine.must("systemctl", "start", "ssh.service")


def apt_installs_the_package_and_starts_nothing(site):
    machine = site.machine
    machine.copy_in(site.deb, "/root/patd.deb")
    said = machine.must("apt-get", "-qq", "-y", "--no-install-recommends", "install",
                        "/root/patd.deb", seconds=120)
    expect("next: systemctl enable --now patd.socket" in said, said)
    for unit in ("patd.service", *UNITS):
        expect(machine.run("systemctl", "is-active", unit).status != 0, f"{unit} is active")
    expect(not os.path.exists(machine.path(KEY)), "there is a key already")
    expect(machine.run("patctl", "status").status == 6, "the bus starts what is not enabled")


# Row O3.
def every_file_of_the_package_is_in_order(site):
    machine = site.machine
    expect(machine.must("dpkg", "--verify", "patd") == "", "a file differs from the package's")
    special = machine.must("sh", "-c", "dpkg -L patd | xargs -d '\\n' -I{} find {} -maxdepth 0 "
                                       "-type f '(' -perm /6000 -o -perm /022 ')'")
    expect(special == "", f"setuid, or open for writing: {special}")
    capable = machine.sh("command -v getcap >/dev/null && dpkg -L patd | xargs getcap").output
    expect(capable == "", f"with capabilities: {capable}")
    units = machine.run("systemd-analyze", "verify", "--man=no", "patd.service", "patd.socket",
                        "patd-auth@x.service", "patd-counter@x.service", "patd-enroll@x.service",
                        "patd-key.service", "patd-refuse.service")
    # 252 says that it does not know this one (ADR 0032); it does no harm there.
    complaints = [line for line in units.output.splitlines()
                  if "patd" in line and "'RestartMode'" not in line]
    expect(units.status == 0 and not complaints, units)


def enabling_the_sockets_makes_them_listen(site):
    site.machine.must("systemctl", "enable", "--now", "patd.socket")
    for unit in UNITS:
        site.machine.must("systemctl", "is-active", unit)
    for name, mode in (("/run/patd/socket", 0o666), ("/run/patd-auth/auth.sock", 0o600),
                       ("/run/patd-auth/enroll.sock", 0o600)):
        found = os.stat(site.machine.path(name))
        expect(stat.S_IMODE(found.st_mode) == mode, f"{name} has mode {found.st_mode:o}")
    expect(site.machine.show("patd.service", "ActiveState") == "inactive", "patd runs already")
    # This is a container, whose TPM would be the host's.
    expect(site.machine.show("patd-counter.socket", "ActiveState") == "inactive",
           "patd-counter listens in a container")
    ruled_out = site.machine.show("patd-counter.socket", "ConditionResult")
    expect(ruled_out == "no", f"doctor could not know why: {ruled_out}")


def the_first_call_on_the_bus_starts_patd_which_makes_the_key(site):
    machine = site.machine
    status = json.loads(machine.must("patctl", "--json", "status", user="alice"))
    expect(status["user"] == "alice", status)
    expect(machine.show("patd.service", "ActiveState") == "active", "patd does not run")
    found = os.stat(machine.path(KEY))
    expect(stat.S_IMODE(found.st_mode) == 0o600 and found.st_uid == 0, f"{KEY}: {found}")
    expect("made the master key" in machine.journal("-u", "patd-key.service"), "no line about it")


def a_second_start_keeps_the_key(site):
    machine = site.machine
    with open(machine.path(KEY), "rb") as file:
        before = file.read()
    machine.must("systemctl", "restart", "patd.service")
    with open(machine.path(KEY), "rb") as file:
        expect(file.read() == before, "the key is another one")


# Rows P21, P24, O3.
def patd_runs_without_any_privilege(site):
    machine = site.machine
    pid = machine.show("patd.service", "MainPID")
    status = machine.must("cat", f"/proc/{pid}/status")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    uid = machine.must("id", "-u", "patd").strip()
    expect(fields["Uid"].split() == [uid] * 4, fields["Uid"])
    for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb", "CapInh"):
        expect(int(fields[name], 16) == 0, f"{name} is {fields[name]}")
    expect(fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2", status)
    answer = machine.run("cat", "/run/patd-auth/auth.sock", user="alice")
    expect(answer.status != 0, "alice reaches patd-auth")


CHECKS = [there_are_people_and_a_way_to_log_in, apt_installs_the_package_and_starts_nothing,
          every_file_of_the_package_is_in_order, enabling_the_sockets_makes_them_listen,
          the_first_call_on_the_bus_starts_patd_which_makes_the_key, a_second_start_keeps_the_key,
          patd_runs_without_any_privilege]
