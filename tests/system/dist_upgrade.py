# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A Debian 12 with patd in use becomes a Debian 13: dist_upgrade.py DEB NEWER_DEB CACHE, where
NEWER_DEB is the next version as Debian 13 builds it. tools/test-upgrade.sh runs this, as root."""
import functools
import glob
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, f"{CHECKOUT}/tools/lib", f"{CHECKOUT}/tools/demo",
                f"{CHECKOUT}/tests/integration"]

import base_tree  # noqa: E402: the path comes first
import booted  # noqa: E402
import checks_catalogue  # noqa: E402
import checks_desktop  # noqa: E402
import checks_install  # noqa: E402
import checks_life  # noqa: E402
import checks_services  # noqa: E402
from checks_install import KEY  # noqa: E402
from processes import expect  # noqa: E402
from site_under_test import FOR_NOTHING, Site  # noqa: E402

OLD, NEW = "bookworm", "trixie"
DISK_BYTES = 4 << 30
UPGRADE_SECONDS = 1800
# What Debian's release notes tell people to do. Questions get the proposed answers.
UPGRADE = f"""
export DEBIAN_FRONTEND=noninteractive
sed -i 's/\\b{OLD}\\b/{NEW}/g' $(find /etc/apt -name '*.list' -o -name '*.sources')
apt="apt-get -q -y -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef
    -o Dpkg::Options::=--force-confold"
$apt update && $apt --without-new-pkgs upgrade && $apt full-upgrade
"""
PAM = "/etc/pam.d/patd"
# Every byte, owner and mode of these must stay: the sealed key, the passwords, the site's changes.
KEPT = f"""
set -- /etc/patd /var/lib/patd-auth {PAM} /etc/pam.d/patd-enroll /etc/pam.d/web
find "$@" -printf '%p %y %u:%g %m\\n' | sort
find "$@" -type f -exec sha256sum '{{}}' + | sort
"""


def site_has_its_own_configuration(site):
    machine = site.machine
    machine.must("sh", "-c", f"echo '# as this site wants it' >>{PAM}")
    machine.write("/etc/patd/patd.conf.d/50-site.conf", "[Patd]\nTokensPerUser=77\n")
    machine.must("systemctl", "restart", "patd.service")
    expect("77" in site.patctl(site.alice, "status").output, "its option is not in force")


FIRST_CHECKS = [*checks_install.CHECKS, *checks_life.CHECKS, *checks_catalogue.CHECKS,
                checks_services.a_token_opens_ssh_and_the_login_password_does_not,
                checks_services.nginx_takes_a_token_of_the_right_user_and_nothing_else,
                *checks_desktop.CHECKS[:5], site_has_its_own_configuration]


class Upgrade:
    """What is asked before and after."""

    def __init__(self, site):
        self._site = site
        self._before = {}
        self.checks = [self.all_of_it_is_noted_down, self.debian_12_becomes_debian_13,
                       self.everything_is_as_it_was, self.the_machine_boots_as_debian_13,
                       self.everything_is_as_it_was, self.the_users_own_store_is_as_it_was,
                       self.secrets_are_released_as_before,
                       self.the_packages_of_debian_13_are_installed, self.everything_is_as_it_was,
                       self.the_users_own_store_is_as_it_was, self.secrets_are_released_as_before,
                       self.tokens_are_made_changed_and_deleted,
                       checks_services.a_token_opens_ssh_and_the_login_password_does_not,
                       checks_services.nginx_takes_a_token_of_the_right_user_and_nothing_else,
                       self.doctor_finds_nothing_new]

    def _look(self):
        """What must be the same before and after the upgrade, as long as nobody does anything."""
        site = self._site
        people = {person.name: json.loads(site.patctl(person, "--json", "list").output)
                  for person in site.people.values()}
        return {"files": site.machine.must("sh", "-c", KEPT), "tokens": people}

    def _look_at_bobs(self):
        own = checks_desktop.bobs(self._site)
        outcome = own.patctl(own.bob, "--json", "--session", "list")
        expect(outcome.status == 0, outcome)
        return json.loads(outcome.output)

    def _findings(self):
        outcome = self._site.patctl(None, "--json", "doctor")
        return {found["text"] for found in json.loads(outcome.output)["findings"]}

    def _audit(self):
        outcome = self._site.patctl(self._site.alice, "--json", "audit", "--limit", "1000")
        expect(outcome.status == 0, outcome)
        return json.loads(outcome.output)

    def _note(self):
        # Only a start shows last uses that were not on disk yet.
        self._site.machine.must("systemctl", "restart", "patd.service")
        checks_desktop.bobs(self._site).machine.must("systemctl", "--user", "restart",
                                                     "patd.service")
        self._before |= {"audit": self._audit(), "bob": self._look_at_bobs(), **self._look()}

    def all_of_it_is_noted_down(self, _):
        self._before["findings"] = self._findings()
        self._note()
        for name in (KEY, PAM, "/var/lib/patd-auth/"):
            expect(name in self._before["files"], f"{name} is not among {self._before['files']}")
        expect(len(self._before["tokens"]["alice"]) >= 2 and self._before["bob"], self._before)

    def debian_12_becomes_debian_13(self, _):
        machine = self._site.machine
        machine.copy_in(os.path.realpath("/etc/resolv.conf"), "/etc/resolv.conf")
        machine.must("sh", "-c", UPGRADE, seconds=UPGRADE_SECONDS, online=True)
        expect(f"VERSION_CODENAME={NEW}\n" in machine.must("cat", "/etc/os-release"), "it does not")
        expect(machine.must("dpkg", "--audit") == "", "packages are left half installed")

    def the_machine_boots_as_debian_13(self, _):
        machine = self._site.machine
        machine.power_off()
        machine.boot()
        version = re.match(r"systemd (\d+)", machine.must("systemctl", "--version")).group(1)
        running = machine.must("busctl", "get-property", "org.freedesktop.systemd1",
                               "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                               "Version")
        expect(f'"{version}' in running and int(version) >= 257, f"{running} runs, not {version}")
        machine.must("systemctl", "start", "nginx.service", "ssh.service")

    def everything_is_as_it_was(self, _):
        """Before the first use, which would change the output."""
        site = self._site
        for name, value in self._look().items():
            expect(value == self._before[name], f"{name}: {value} is not {self._before[name]}")
        expect("77" in site.patctl(site.alice, "status").output, "the site's option is gone")
        known = [json.dumps(event, sort_keys=True) for event in self._audit()]
        lost = [event for event in self._before["audit"]
                if json.dumps(event, sort_keys=True) not in known]
        expect(not lost, f"events are lost: {lost}")

    def secrets_are_released_as_before(self, _):
        expect("password" in self._site.released(self._site.alice), "git gets nothing")
        checks_desktop.expect_released(checks_desktop.bobs(self._site))
        self._note()

    def the_users_own_store_is_as_it_was(self, _):
        machine = self._site.machine
        machine.must("systemctl", "start", f"user@{checks_desktop.UID}.service")
        checks_desktop.unlock(self._site)
        expect(self._look_at_bobs() == self._before["bob"], self._look_at_bobs())

    def the_packages_of_debian_13_are_installed(self, _):
        machine, site = self._site.machine, self._site
        pair = [site.newer_deb, *glob.glob(f"{os.path.dirname(site.newer_deb)}/patd-desktop_*.deb")]
        expect(len(pair) == 2, pair)
        for number, package in enumerate(pair):
            machine.copy_in(package, f"/root/newer{number}.deb")
        machine.must("apt-get", "-qq", "-y", "--no-install-recommends", "install",
                     "/root/newer0.deb", "/root/newer1.deb", seconds=120)

    def tokens_are_made_changed_and_deleted(self, _):
        """With every earlier service password; and what was dead is dead."""
        site = self._site
        site.expect_all_as_it_was()
        for person in site.people.values():
            identifier, first = site.create(person, "after the upgrade", *FOR_NOTHING)
            outcome, second = site.patctl_secret(person, "regenerate", identifier)
            expect(outcome.status == 0, outcome)
            site.dead[f"{identifier}, first"] = first
            site.live[(person.name, identifier)] = second
            site.delete(person, identifier)
        site.expect_all_as_it_was()

    def doctor_finds_nothing_new(self, _):
        found = self._findings() - self._before["findings"]
        expect(not found, found)


def play(parts, machine, tally):
    site = Site(machine, (*parts, "", ""))
    checks = [*FIRST_CHECKS, *Upgrade(site).checks]
    for check in checks:
        tally.check(check.__name__.replace("_", " "), check, site)
        if tally.failed:
            break  # what follows would be about another machine
    return len(checks)


def main():
    *parts, cache = sys.argv[1:]
    return booted.run(base_tree.ensure(cache, OLD), functools.partial(play, parts),
                      "test-upgrade.log", disk_bytes=DISK_BYTES)


if __name__ == "__main__":
    sys.exit(main())
