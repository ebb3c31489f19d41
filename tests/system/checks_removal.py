# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The end: no secret is left anywhere, a removal keeps every token, a purge leaves nothing."""
import base64
import os
import secrets
import stat

from checks_install import UNITS
from machine import CHANGED, WORK
from processes import expect
from search import Search
from terminal import Terminal

END_OF_INPUT = "\x04"
STATE = ("/var/lib/patd", "/var/lib/patd-auth", "/etc/patd")


def _files(*folders):
    for folder in folders:
        for path, _, names in os.walk(folder):
            for name in names:
                full = os.path.join(path, name)
                try:
                    if stat.S_ISREG(os.lstat(full).st_mode):
                        yield full
                except FileNotFoundError:
                    pass  # it vanished meanwhile


# Row L1.
def no_secret_is_in_the_journal_or_in_any_file(site):
    machine = site.machine
    known = {name: secret for name, secret in site.secrets.items() if secret}
    expect(len(known) > 40, f"only {len(known)} secrets are known")
    canary = secrets.token_urlsafe(30)
    machine.write("/var/log/canary", f"a line: {canary}\n")
    machine.write("/tmp/canary", base64.b64encode(canary.encode()).decode())
    machine.must("logger", f"a message: {canary}")
    machine.must("journalctl", "--sync")
    with open(f"{WORK}/journal", "wb") as file:
        with machine.start("journalctl", "-b", "all", "-a", "-o", "export", stdout=file) as export:
            expect(export.wait() == 0, "the journal cannot be read")
    paths = [*_files(*CHANGED, machine.path("/run"), machine.path("/tmp"),
                     machine.path("/dev/shm")), f"{WORK}/journal"]
    found = Search(known | {"the canary": canary}).files(paths, shapes=False)
    planted = {path for path in found if path.endswith("/canary") or path == f"{WORK}/journal"}
    expect(len(planted) == 3, f"the search is blind: it found only {sorted(planted)}")
    leaks = {path: names for path, names in found.items() if names != ["the canary"]}
    expect(not leaks, f"secrets lie in files: {leaks}")


def a_removal_keeps_every_token_and_a_reinstall_finds_them(site):
    machine = site.machine
    machine.must("apt-get", "-qq", "-y", "remove", "patd")
    for unit in ("patd.service", *UNITS):
        expect(machine.run("systemctl", "is-active", unit).status != 0, f"{unit} is active")
    machine.must("apt-get", "-qq", "-y", "--no-install-recommends", "install", "/root/newer.deb",
                 seconds=120)
    machine.must("systemctl", "enable", "--now", "patd.socket")
    site.expect_all_as_it_was()


def a_purge_asks_and_keeps_everything_for_who_does_not_say_yes(site):
    machine = site.machine
    for answer in ("no", END_OF_INPUT):
        terminal = Terminal(machine, "apt-get", "-qq", "-y", "purge", "patd")
        terminal.expect(r"Delete every token, service password and the master key\? \[yes/no\]")
        terminal.type(answer)
        said = terminal.until_the_end()
        expect("keeping every token" in said, said)
        machine.must("apt-get", "-qq", "-y", "--no-install-recommends", "install",
                     "/root/newer.deb", seconds=120)
    machine.must("systemctl", "enable", "--now", "patd.socket")
    site.expect_all_as_it_was()


def a_purge_says_what_it_removes_and_leaves_nothing(site):
    machine = site.machine
    said = machine.must("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", "purge",
                        "patd")
    for path in STATE:
        expect(path in said, f"the purge does not name {path}")
    left = machine.must("find", "/", "-xdev", "(", "-path", "/proc", "-o", "-path", "/sys", ")",
                        "-prune", "-o", "-name", "*patd*", "-not", "-path", "/root/*",
                        "-not", "-path", "/home/*/.local/state/*",  # a user's own
                        "-print")
    left += machine.must("find", "/run", "-name", "*patd*", "-not", "-path", "*/.#*", "-print")
    left += machine.sh("getent passwd patd patd-auth; getent group patd patd-auth").output
    left += machine.sh("systemctl --no-legend list-units --all 'patd*'").output
    expect(left.strip() == "", f"left behind:\n{left}")


CHECKS = [no_secret_is_in_the_journal_or_in_any_file,
          a_removal_keeps_every_token_and_a_reinstall_finds_them,
          a_purge_asks_and_keeps_everything_for_who_does_not_say_yes,
          a_purge_says_what_it_removes_and_leaves_nothing]
