# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What an admin does with a service in use: look, reload, back up, replace keys."""
import json
import os
import re
import time

from processes import expect
from site_under_test import FOR_NOTHING

BACKUP = "/root/patd.backup"
RECOVERY = "/root/recovery.txt"
KEY = "/etc/patd/master-key.cred"
CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAM = "/etc/pam.d/patd"
DROP_IN = "/etc/patd/patd.conf.d/50-test.conf"


def _findings(site):
    outcome = site.patctl(None, "doctor", "--json")
    expect(outcome.status in (0, 1), outcome)
    return json.dumps(json.loads(outcome.output))


def doctor_nags_until_the_key_was_exported(site):
    expect("export-key" in _findings(site), "doctor does not ask for the recovery file")
    outcome = site.patctl(None, "admin", "export-key", RECOVERY)
    expect(outcome.status == 0, outcome)
    mode = site.machine.must("stat", "-c", "%a", RECOVERY).strip()
    expect(mode == "600", f"the recovery file has mode {mode}")
    expect("export-key" not in _findings(site), "doctor still asks for the recovery file")


def the_recovery_file_gives_the_key_of_this_machine(site):
    machine = site.machine
    outcome = site.patctl(None, "admin", "recover-key", RECOVERY, "--output", "/root/key")
    expect(outcome.status == 0, outcome)
    machine.must("sh", "-c", "systemd-creds decrypt --name=patd.master-key"
                 f" {KEY} /root/key.now && cmp /root/key /root/key.now")
    machine.must("/usr/libexec/patd/make-key", "--from", "/root/key")
    machine.must("systemctl", "restart", "patd.service")
    site.expect_all_as_it_was()
    machine.must("rm", "/root/key", "/root/key.now", f"{KEY}.old")


def _recipes(page, section):
    """The blocks of commands of a section of a manual page, in their order."""
    with open(f"{CHECKOUT}/docs/man/{page}.md", encoding="utf-8") as file:
        text = file.read().split(f"\n# {section}\n")[1].split("\n# ")[0]
    return [re.sub(r"^ {4}", "", block, flags=re.M)
            for block in re.findall(r"(?:^ {4}\S.*\n)+", text, re.M)]


def _run(site, recipe):
    """As printed, in the folder where the recovery file and the backup are."""
    for line in recipe.splitlines():
        site.machine.must("sh", "-ec", f"cd /root && umask 022 && {line}")


def the_recovery_of_the_manual_brings_every_token_to_a_new_machine(site):
    """Each block of patd(8), RECOVERY, as printed: a dead machine, one that was started too
    early, and a lost key."""
    machine = site.machine
    on_a_new_machine, after_a_start, with_the_store = _recipes("patd.8", "RECOVERY")
    expect(site.patctl(None, "admin", "backup", "/root/patd.backup").status == 0, "no backup")
    for recipe, started in ((on_a_new_machine, False), (after_a_start, True)):
        machine.must("systemctl", "disable", "--now", "patd.socket", "patd.service")
        machine.must("sh", "-c", f"rm -rf /var/lib/patd {KEY}*")
        if started:
            machine.must("systemctl", "enable", "--now", "patd.socket")
            refused = site.patctl(None, "admin", "restore", "/root/patd.backup")
            expect(refused.status == 1 and "--install --new-store" in refused.output, refused)
        _run(site, recipe)
        site.expect_all_as_it_was()
        mode = machine.must("stat", "-c", "%a %U", KEY).strip()
        expect(mode == "600 root", f"the key has {mode}")
    machine.must("sh", "-c", f"systemctl stop patd.service; rm {KEY} {KEY}.old")
    _run(site, with_the_store)
    site.expect_all_as_it_was()
    machine.must("sh", "-c", "printf x | dd of=/root/patd.backup bs=1 seek=9000 conv=notrunc")
    damaged = site.patctl(None, "admin", "restore", "/root/patd.backup")
    expect(damaged.status == 1 and "it is damaged" in damaged.output, damaged)
    machine.must("sh", "-c", "rm -rf /var/lib/patd.before-* /root/patd.backup")


def patd_that_was_stopped_as_the_manual_says_stays_stopped(site):
    machine = site.machine
    (stop,) = _recipes("patd.8", "STARTING AND STOPPING")
    _run(site, stop)
    expect(site.patctl(site.alice, "list").status == 6, "a call starts it")
    machine.must("systemctl", "enable", "--now", "patd.socket")
    site.expect_all_as_it_was()


def a_backup_goes_through_a_pipe_and_comes_back_from_one(site):
    machine = site.machine
    machine.must("sh", "-ec", "patctl admin backup - | cat >/root/piped.backup")
    restored = machine.run("sh", "-c", "cat /root/piped.backup | patctl admin restore -")
    expect(restored.status == 0 and "already present" in restored.output, restored)
    machine.must("rm", "/root/piped.backup")


def doctor_names_who_gave_too_many_wrong_passwords_and_root_ends_the_wait(site):
    alice = site.alice
    # One of earlier checks may be forgiven in between.
    for _ in range(7):
        wrong, _ = site.create_as(alice, "not the password")
        expect(wrong.status == 4, wrong)
        wait = re.search(r"next try in (\d+) s", wrong.output)
        if wait and int(wait[1]) > 9:
            break
    throttled, _ = site.create_as(alice, alice.service_password)
    expect(re.search(r"next try in \d+ s", throttled.output), throttled)
    expect("next try in" in site.patctl(alice, "status").output, "status does not say so")
    expect("alice" not in site.patctl(site.bob, "doctor").output, "bob is told about alice")
    told = json.loads(site.patctl(None, "doctor", "--json").output)["findings"]
    fixes = [found["fix"] for found in told if "wrong passwords" in found["text"]]
    expect(fixes == ["sudo patctl admin passwd 'alice'"], told)
    alice.service_password += "2"  # not the old one
    site.secrets["alice's next service password"] = alice.service_password
    done = site.patctl(None, "admin", "passwd", "alice", answers=[alice.service_password] * 2)
    expect(done.status == 0, done)
    site.create(alice, "after the wait", *FOR_NOTHING)


def a_use_under_another_machine_id_costs_the_key_and_the_recovery_file_brings_it_back(site):
    machine = site.machine
    machine.must("sh", "-ec", """
        cp /etc/machine-id /root/id && systemd-id128 new >/etc/machine-id
        ! systemd-creds decrypt --name=patd.master-key /etc/patd/master-key.cred - >/root/key 2>&1
        cat /root/id >/etc/machine-id && rm /root/id /root/key""")
    expect("rotate-key --master" in _key_finding(site)["fix"], "the one that runs has it still")
    expect(machine.run("systemctl", "restart", "patd.service").status != 0, "it starts without it")
    found = _key_finding(site)
    machine.must("sh", "-c", f"sudo() {{ \"$@\"; }}; {found['fix']}".replace("FILE", RECOVERY))
    site.expect_all_as_it_was()
    expect("credential.secret" not in _findings(site), "doctor finds it still")
    machine.must("rm", f"{KEY}.old", RECOVERY)


def _key_finding(site):
    """doctor's finding that the key file of the machine is gone."""
    findings = json.loads(site.patctl(None, "doctor", "--json").output)["findings"]
    found = [finding for finding in findings if "credential.secret" in finding["text"]]
    expect(len(found) == 1, findings)
    return found[0]


# Row S3.
def a_backup_is_taken_while_it_serves_and_brings_nothing_dead_back(site):
    doomed, _ = site.create(site.alice, "dies after the backup", "-p", "collaboration:issue:ro")
    outcome = site.patctl(None, "admin", "backup", BACKUP)
    expect(outcome.status == 0, outcome)
    site.delete(site.alice, doomed)
    refused = site.patctl(None, "admin", "restore", BACKUP)
    expect(refused.status != 0 and doomed in refused.output, refused)
    kept = site.patctl(None, "admin", "restore", BACKUP, "--keep-dead")
    expect(kept.status == 0, kept)
    site.expect_all_as_it_was()
    site.machine.must("rm", BACKUP)


# Row S3.
def a_store_of_yesterday_gives_nothing_until_root_has_said_what_lives(site):
    machine = site.machine
    look, keep_dead, _ = _recipes("patd.8", "ROLLBACK")
    doomed, _ = site.create(site.alice, "dies after the copy", "-p", "collaboration:issue:ro")
    machine.must("sh", "-ec", "systemctl stop patd.service; cp -a /var/lib/patd /root/yesterday")
    site.delete(site.alice, doomed)
    machine.must("sh", "-ec", "systemctl stop patd.service; rm -rf /var/lib/patd;"
                 " cp -a /root/yesterday /var/lib/patd")
    status = site.patctl(site.alice, "status")
    expect(status.status == 0 and "accept-rollback" in status.output, status)
    seen = machine.run("sh", "-c", look)
    expect(seen.status == 4 and doomed in seen.output, seen)
    machine.must("systemctl", "restart", "patd.service")
    expect("put back to an older state" in _findings(site), "doctor finds nothing")
    _run(site, keep_dead)
    site.expect_all_as_it_was()
    listed = site.patctl(site.alice, "list")
    expect(listed.status == 0 and doomed not in listed.output, listed)
    machine.must("rm", "-rf", "/root/yesterday")


def a_lost_witness_is_said_and_locks_nobody_out(site):
    machine = site.machine
    machine.must("sh", "-ec", "systemctl stop patd.service; rm /var/lib/patd-auth/witness")
    site.expect_all_as_it_was()
    expect("witness of the store was missing" in _findings(site), "doctor finds nothing")
    machine.must("test", "-s", "/var/lib/patd-auth/witness")
    machine.must("patctl", "admin", "accept-rollback")
    expect("witness of the store was missing" not in _findings(site), "doctor goes on")


def the_data_key_is_exchanged_while_it_serves(site):
    outcome = site.patctl(None, "admin", "rotate-key")
    expect(outcome.status == 0, outcome)
    site.expect_all_as_it_was()
    site.machine.must("systemctl", "restart", "patd.service")
    site.expect_all_as_it_was()


def a_reload_puts_options_in_force_and_refuses_broken_ones(site):
    machine = site.machine
    machine.must("mkdir", "-p", "/etc/patd/patd.conf.d")
    machine.write(DROP_IN, "[Patd]\nTokensPerUser=77\n")
    _reload(site, "the new configuration is in force")
    status = site.patctl(site.alice, "status")
    expect(status.status == 0 and "77" in status.output, status)
    machine.write(DROP_IN, "[Patd]\nNoSuchOption=yes\n")
    _reload(site, "NoSuchOption.*50-test.conf", succeeds=False)
    shown = machine.run("systemctl", "--no-pager", "status", "patd.service").output
    expect("NoSuchOption" in shown and "active (running)" in shown, shown)
    site.expect_all_as_it_was()
    expect("77" in site.patctl(site.alice, "status").output, "the old option is not in force")


def _reload(site, said, succeeds=True):
    follower = site.machine.follow("patd*")
    try:
        done = site.machine.run("systemctl", "reload", "patd.service")
        expect((done.status == 0) == succeeds, done)
        follower.wait_for(said, 10)
    finally:
        follower.close()


def with_a_broken_configuration_it_does_not_start_and_status_says_so(site):
    machine = site.machine
    machine.run("systemctl", "restart", "patd.service")
    check = machine.run("/usr/libexec/patd/patd", "--check-config")
    expect(check.status == 78 and f"{DROP_IN}:2" in check.output, check)
    check = site.patctl(site.alice, "admin", "check-config")
    expect(check.status == 1 and f"{DROP_IN}:2" in check.output, check)
    found = json.loads(site.patctl(None, "doctor", "--json").output)["findings"]
    errors = [finding for finding in found if finding["severity"] == "error"]
    expect(len(errors) == 1 and errors[0]["text"].startswith(f"{DROP_IN}:2"), found)
    began = time.monotonic()
    status = site.patctl(site.alice, "status")
    expect(status.status == 6 and "patd.service" in status.output, status)
    expect(time.monotonic() - began < 15, "it waits until the bus gives up")
    # doctor's own command, with an editor that takes the line out.
    machine.must("sh", "-ec", "sudo() { \"$@\"; }; sudoedit() { sed -i 2d \"$1\"; }; " +
                 errors[0]["fix"])
    machine.must("rm", DROP_IN)
    site.expect_all_as_it_was()


# Row S18.
def status_says_what_seals_the_key(site):
    status = site.patctl(None, "status")
    expect("sealed by a key file of this machine; TPM: no" in status.output, status)
    expect("TPM: no" in site.patctl(None, "doctor").output, "doctor says nothing of it")
    expect("\nKey " not in site.patctl(site.alice, "status").output, "alice sees it")


# Row P25.
def patd_auth_as_root_checks_login_passwords_for_a_site_that_wants_it(site):
    machine = site.machine
    example = "/usr/share/doc/patd/examples/patd-auth-as-root.conf"
    folder = "/etc/systemd/system/patd-auth@.service.d"
    machine.must("cp", "-p", PAM, "/root/pam")
    machine.write(PAM, "auth required pam_unix.so\naccount required pam_unix.so\n")
    alone, _ = site.create_as(site.alice, site.alice.login_password)
    expect(alone.status != 0, "without the drop-in it should not be able to")
    machine.must("mkdir", "-p", folder)
    machine.must("cp", example, folder)
    machine.must("systemctl", "daemon-reload")
    try:
        made, secret = site.create_as(site.alice, site.alice.login_password)
        expect(made.status == 0 and site.verify(secret) == 0, made)
        refused, _ = site.create_as(site.alice, site.alice.service_password)
        expect(refused.status == 4, refused)
    finally:
        machine.must("mv", "/root/pam", PAM)
        machine.must("rm", "-r", folder)
        machine.must("systemctl", "daemon-reload")
    site.create(site.alice, "by the service password again", "-p", "collaboration:issue:ro")
    owners = machine.must("find", "/var/lib/patd-auth", "-not", "-user", "patd-auth")
    expect(owners == "", f"root took over: {owners}")


def root_sees_who_did_what_and_no_secret(site):
    events = site.patctl(None, "audit", "--all")
    expect(events.status == 0 and "alice" in events.output, events)
    tokens = site.patctl(None, "admin", "list")
    expect(tokens.status == 0, tokens)
    for name, secret in site.secrets.items():
        expect(secret not in events.output + tokens.output, f"root was shown {name}")


# Row L4.
def the_audit_log_knows_which_unit_took_a_backup(site):
    unit = "nightly-backup.service"
    taken = site.machine.run("systemd-run", "--quiet", "--wait", "--pipe", "--collect",
                             f"--unit={unit}", "--", "/usr/bin/patctl", "admin", "backup",
                             "/root/nightly.backup")
    expect(taken.status == 0, taken)
    logged = site.patctl(None, "audit", "--all", "--unit", unit)
    expect(logged.status == 0 and "backup" in logged.output, logged)


CHECKS = [doctor_nags_until_the_key_was_exported, the_recovery_file_gives_the_key_of_this_machine,
          the_recovery_of_the_manual_brings_every_token_to_a_new_machine,
          a_use_under_another_machine_id_costs_the_key_and_the_recovery_file_brings_it_back,
          a_backup_is_taken_while_it_serves_and_brings_nothing_dead_back,
          a_store_of_yesterday_gives_nothing_until_root_has_said_what_lives,
          a_lost_witness_is_said_and_locks_nobody_out,
          the_audit_log_knows_which_unit_took_a_backup,
          a_backup_goes_through_a_pipe_and_comes_back_from_one,
          patd_that_was_stopped_as_the_manual_says_stays_stopped,
          doctor_names_who_gave_too_many_wrong_passwords_and_root_ends_the_wait,
          the_data_key_is_exchanged_while_it_serves,
          a_reload_puts_options_in_force_and_refuses_broken_ones,
          with_a_broken_configuration_it_does_not_start_and_status_says_so,
          status_says_what_seals_the_key,
          patd_auth_as_root_checks_login_passwords_for_a_site_that_wants_it,
          root_sees_who_did_what_and_no_secret]
