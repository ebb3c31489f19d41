# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A token for one system unit: released there, and to nobody else, even of the same user."""
import secrets

from checks_life import Session
from processes import expect
from site_under_test import readable

URL = "https://backup.example"
UNIT = "patd-test-backup.service"
OTHER = "patd-test-other.service"
# A job's work; it does not pass the secret on.
ASK = """#!/bin/sh
printf 'protocol=https\\nhost=backup.example\\n\\n' | git-credential-pat get 2>&1 |
    sed 's/^password=.*/password/'
"""
SERVICE = """[Service]
Type=oneshot
User=alice
ExecStart=/etc/test/ask-for-backup
StandardOutput=truncate:/run/test/{}
"""
TIMER = f"[Timer]\nOnActiveSec=1ms\nAccuracySec=1ms\nUnit={UNIT}\n"
DENIED = "is only for"


def _run_in(machine, unit):
    """What the job printed in that unit."""
    machine.must("systemctl", "start", unit)
    return machine.must("cat", f"/run/test/{unit}")


def _import_for_the_unit(site):
    secret = site.new_secret("glpat-" + secrets.token_urlsafe(24))
    with readable(f"{secret}\n") as fd:
        outcome = site.patctl(site.alice, "import", "nightly backup", "-t", URL, "-u", "robot",
                              "--only-unit", UNIT, "--secret-fd", str(fd), pass_fds=(fd,),
                              answers=[site.alice.service_password])
    expect(outcome.status == 0 and "knows no unit" not in outcome.output, outcome)
    return outcome.output.split()[1]


def a_token_for_one_unit_is_released_in_it_and_nowhere_else(site):
    machine = site.machine
    machine.must("mkdir", "-p", "-m", "755", "/run/test")
    machine.write("/etc/test/ask-for-backup", ASK, "755")
    for unit in (UNIT, OTHER):
        machine.write(f"/etc/systemd/system/{unit}", SERVICE.format(unit))
    machine.must("systemctl", "daemon-reload")
    identifier = _import_for_the_unit(site)
    inside = _run_in(machine, UNIT)
    expect(inside.split() == ["username=robot", "password"], f"in its unit: {inside}")
    outside = _run_in(machine, OTHER)
    expect(DENIED in outside and "quit=1" in outside and "password" not in outside, outside)
    session = Session(site)
    shown = session.run("/etc/test/ask-for-backup")
    expect(DENIED in shown and "password" not in shown, f"in a login: {shown}")
    expect(f"{UNIT} (enforced)" in session.run(f"patctl show {identifier}"), "no rule is shown")
    said = session.run(f"patctl explain {URL}", status=3)
    expect("rule-denied" in said and UNIT in said and DENIED in said, said)
    expect("gets a token" in session.run(f"patctl explain {URL} --only-unit {UNIT}"), "explain")
    said = session.run(f"patctl explain {URL} --only-unit {OTHER}", status=3)
    expect("rule-denied" in said, said)
    session.close()


def the_audit_log_knows_which_unit_it_was(site):
    mine = site.patctl(site.alice, "audit", "--unit", UNIT)
    expect(mine.status == 0 and "release " in mine.output, mine)
    expect("rule denied" not in mine.output, mine)
    other = site.patctl(site.alice, "audit", "--unit", OTHER)
    expect("rule denied" in other.output and f"only for {UNIT}" in other.output, other)
    for_root = site.patctl(None, "audit", "--unit", UNIT)
    expect(for_root.status == 0 and "alice" in for_root.output, for_root)
    none = site.patctl(site.bob, "audit", "--unit", UNIT)
    expect("No events match" in none.output, none)


def a_rule_on_a_unit_that_is_not_there_is_taken_with_a_warning(site):
    listed = site.patctl(site.alice, "--json", "explain", URL)
    identifier = listed.output.split('"id":"')[1][:10]
    edited = site.patctl(site.alice, "edit", identifier, "--only-unit", "not-there.service",
                         answers=[site.alice.service_password])
    expect(edited.status == 0 and "knows no unit not-there.service" in edited.output, edited)
    expect(DENIED in _run_in(site.machine, UNIT), "it is released to a unit of no rule")
    edited = site.patctl(site.alice, "edit", identifier, "--only-unit", "nonsense",
                         answers=[site.alice.service_password])
    expect(edited.status == 2, edited)
    edited = site.patctl(site.alice, "edit", identifier, "--only-unit", UNIT,
                         answers=[site.alice.service_password])
    expect(edited.status == 0, edited)


def a_timer_gets_the_token_of_its_unit(site):
    machine = site.machine
    machine.must("rm", f"/run/test/{UNIT}")
    machine.write("/etc/systemd/system/patd-test-backup.timer", TIMER)
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "start", "patd-test-backup.timer")
    wait = f"until grep -q password /run/test/{UNIT} 2>/dev/null; do sleep 0.1; done"
    machine.must("timeout", "30", "sh", "-c", wait)
    machine.must("systemctl", "stop", "patd-test-backup.timer")
    machine.sh("rm /etc/systemd/system/patd-test-*")
    machine.must("systemctl", "daemon-reload")


CHECKS = [a_token_for_one_unit_is_released_in_it_and_nowhere_else,
          the_audit_log_knows_which_unit_it_was,
          a_rule_on_a_unit_that_is_not_there_is_taken_with_a_warning,
          a_timer_gets_the_token_of_its_unit]
