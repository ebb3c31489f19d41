# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patd-http: from apt install to the first answer, its sandbox, and its removal."""
import glob
import json
import os
import re
import stat

from processes import expect
from site_under_test import FOR_GIT, ORIGIN

UNITS = ("patd-http.socket", "patd-http.service")
SOCKET = "/run/patd-http/socket"
AUTHORIZE = f"http://patd/authorize?permission=vcs:repository:ro&audience={ORIGIN}"
INTROSPECT = f"http://patd/introspect?audience={ORIGIN}"
EXPOSURE_MAX = 0.5


def damaged(secret):
    return secret[:-1] + ("1" if secret.endswith("0") else "0")


def ask(site, secret, user="www-data", introspect=False):
    """Status, X-Patd-User and body; the secret is in no argument."""
    line = f'header = "Authorization: Bearer {secret}"'
    if introspect:
        line = f'data = "token={secret}"'
    outcome = site.machine.run(
        "curl", "-sS", "-K", "-", "--unix-socket", SOCKET, "-w",
        "\n%{response_code} %header{x-patd-user}", INTROSPECT if introspect else AUTHORIZE,
        user=user, text=f"{line}\n", seconds=30)
    expect(outcome.status == 0, outcome)
    body, last = outcome.output.rsplit("\n", 1)
    return (*last.split(" "), body)


def patd_http_is_installed_beside_patd_and_starts_nothing(site):
    machine = site.machine
    before = machine.show("patd.service", "MainPID")
    packages = glob.glob(f"{os.path.dirname(site.deb)}/patd-http_*.deb")
    expect(len(packages) == 1, f"made were {packages}")
    machine.copy_in(packages[0], "/root/http.deb")
    said = machine.must("apt-get", "-qq", "-y", "--no-install-recommends", "install",
                        "/root/http.deb", seconds=120)
    expect("next: systemctl enable --now patd-http.socket" in said, said)
    expect(machine.must("dpkg", "--verify", "patd-http") == "", "a file is not the package's")
    expect(machine.show("patd.service", "MainPID") == before, "patd was restarted")
    for unit in UNITS:
        expect(machine.show(unit, "ActiveState") == "inactive", f"{unit} is active")
    units = machine.run("systemd-analyze", "verify", "--man=no", *UNITS)
    expect(units.status == 0 and "patd-http" not in units.output, units)


# Row O3.
def a_question_over_http_starts_it_and_is_answered(site):
    machine = site.machine
    machine.must("systemctl", "enable", "--now", "patd-http.socket")
    found = os.stat(machine.path(SOCKET))
    expect(stat.S_IMODE(found.st_mode) == 0o666, f"{SOCKET} has mode {found.st_mode:o}")
    expect(machine.show(UNITS[1], "ActiveState") == "inactive", "it runs already")
    _, secret = site.create(site.alice, "over HTTP", *FOR_GIT)
    expect(ask(site, secret) == ("200", "alice", ""), "alice is not let in")
    expect(ask(site, damaged(secret))[0] == "401", "a damaged token is let in")
    status = machine.must("cat", f"/proc/{machine.show(UNITS[1], 'MainPID')}/status")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    uid = machine.must("id", "-u", "patd-http").strip()
    expect(fields["Uid"].split() == [uid] * 4, fields["Uid"])
    for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb", "CapInh"):
        expect(int(fields[name], 16) == 0, f"{name} is {fields[name]}")
    expect(fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2", status)


# Row O4.
def patd_http_is_as_little_exposed_as_patd(site):
    said = site.machine.must("systemd-analyze", "--no-pager", "security", UNITS[1])
    level = float(re.search(r"Overall exposure level for .*: ([0-9.]+)", said)[1])
    expect(level <= EXPOSURE_MAX, f"exposure {level}")


def an_account_that_the_configuration_names_may_introspect(site):
    machine = site.machine
    identifier, secret = site.create(site.alice, "introspected", *FOR_GIT)
    expect(ask(site, secret, introspect=True)[0] == "401", "anybody may introspect")
    machine.write("/etc/patd/http.d/site.conf", "[Http]\nIntrospectionAccounts=www-data\n")
    machine.must("systemctl", "restart", UNITS[1])
    status, _, body = ask(site, secret, introspect=True)
    expect(status == "200" and json.loads(body)["jti"] == identifier, body)
    expect(ask(site, secret, user="bob", introspect=True)[0] == "401", "bob may introspect")
    site.delete(site.alice, identifier)
    expect(ask(site, secret, introspect=True)[2] == '{"active": false}', "a dead token is active")
    machine.write("/etc/patd/http.d/site.conf", "[Http]\nIssuer=nobody\n")
    expect(machine.run("systemctl", "restart", UNITS[1]).status != 0, "a fault is ignored")
    machine.must("rm", "/etc/patd/http.d/site.conf")
    machine.must("systemctl", "reset-failed", UNITS[1])
    machine.must("systemctl", "start", *UNITS)
    expect(ask(site, secret)[0] == "401", "it does not answer")


def a_patd_that_is_stopped_or_restarted_costs_no_answer(site):
    machine = site.machine
    _, secret = site.create(site.alice, "over a restart", *FOR_GIT)
    expect(ask(site, secret)[0] == "200", "not let in")
    machine.must("systemctl", "restart", "patd.service")
    expect(ask(site, secret)[0] == "200", "not let in after a restart")
    machine.must("systemctl", "stop", "patd.socket", "patd.service")
    expect(ask(site, secret)[0] == "503", "what is not known is not said")
    machine.must("systemctl", "start", "patd.socket")
    expect(ask(site, secret)[0] == "200", "not let in after a stop")


def a_purge_of_patd_http_leaves_nothing_of_it(site):
    machine = site.machine
    before = machine.show("patd.service", "MainPID")
    machine.must("apt-get", "-qq", "-y", "purge", "patd-http")
    for unit in UNITS:
        expect(machine.show(unit, "ActiveState") == "inactive", f"{unit} is active")
    for path in (SOCKET, "/etc/patd/http.d", "/usr/libexec/patd/patd-http"):
        expect(not os.path.exists(machine.path(path)), f"{path} is left")
    expect(machine.run("id", "patd-http").status != 0, "its account is left")
    expect(machine.must("dpkg", "--verify", "patd") == "", "a file of patd's is gone")
    expect(machine.show("patd.service", "MainPID") == before, "patd was restarted")


CHECKS = [patd_http_is_installed_beside_patd_and_starts_nothing,
          a_question_over_http_starts_it_and_is_answered, patd_http_is_as_little_exposed_as_patd,
          an_account_that_the_configuration_names_may_introspect,
          a_patd_that_is_stopped_or_restarted_costs_no_answer,
          a_purge_of_patd_http_leaves_nothing_of_it]
