# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What patctl doctor finds in the services of a machine, and that its commands, run as printed,
fix it: each service is spoiled first, as its packager or a hasty administrator has it."""
import json

from clients import by_words, with_secret
from processes import expect
from service import EXPIRED, expect_all_refused

SUDOERS = "alice ALL=(root) NOPASSWD: /usr/bin/true\n"


def doctors_fix(site, words):
    """The command that doctor prints for the one finding of its check `services`."""
    outcome = site.patctl(None, "--json", "doctor")
    found = [finding for finding in json.loads(outcome.output)["findings"]
             if finding["check"] == "services"]
    expect(len(found) == 1 and words in found[0]["text"], found)
    return found[0]["fix"]


def fix(service, site, words):
    service.change(site.machine, doctors_fix(site, words))
    checks = {finding["check"] for finding in
              json.loads(site.patctl(None, "--json", "doctor").output)["findings"]}
    expect("services" not in checks, "doctor finds it still")


def ends_what_is_kept(service, site):
    """A service that keeps a yes takes a token that was deleted; fixed it does not for longer than
    its example says."""
    spoil, words = service.kept
    machine = site.machine
    service.change(machine, spoil)
    permission, target = service.stack.told()
    identifier, token = site.create(site.alice, "kept", "-p", permission, "-t", target)
    expect(service.knock(machine, "alice", token, "127.0.0.1"), "the token is refused")
    site.delete(site.alice, identifier)
    expect(service.knock(machine, "alice", token, "127.0.0.1"), "it keeps nothing to be ended")
    fix(service, site, words)
    expect_all_refused(service, site, {"after the fix the deleted token": ("alice", token)},
                       service.seconds_after_delete)


def asks_whether_an_account_has_expired(service, site):
    """A PAM stack that was written before the examples did."""
    machine = site.machine
    machine.must("sed", "-i", "/^@include common-account/d", service.stack.path)
    permission, target = service.stack.told()
    identifier, token = site.create(site.alice, "expired", "-p", permission, "-t", target)
    machine.must("chage", "-E", EXPIRED, "alice")
    try:
        expect(service.knock(machine, "alice", token, "127.0.0.1"), "it is refused as it is")
        fix(service, site, "has expired")
        expect(service.keeps_out(machine, "alice", token, "127.0.0.1"), "she is let in")
    finally:
        machine.must("chage", "-E", "-1", "alice")
        site.delete(site.alice, identifier)


def takes_tokens_over_tls_alone(service, site):
    """PostgreSQL with `host`, as most have it."""
    machine = site.machine
    hba = service.files[1].path
    service.change(machine, f"sed -i s/^hostssl/host/ {hba} && systemctl reload postgresql")
    permission, target = service.stack.told()
    identifier, token = site.create(site.alice, "clear", "-p", permission, "-t", target)

    def in_clear():
        outcome = with_secret(machine, "PGPASSWORD", token, "psql", "-w", "-d",
                              "host=127.0.0.1 user=alice dbname=postgres sslmode=disable", "-Atc",
                              "SELECT current_user")
        return by_words(outcome, "no pg_hba.conf entry", good="alice\n")

    expect(in_clear(), "it takes none in clear as it is")
    for _ in range(2):  # a line for IPv4, a line for IPv6
        outcome = json.loads(site.patctl(None, "--json", "doctor").output)
        found = [finding for finding in outcome["findings"] if finding["check"] == "services"]
        service.change(machine, found[0]["fix"])
    expect(not in_clear(), "it takes a token in clear after the fix")
    expect(service.knock(machine, "alice", token, "127.0.0.1"), "it takes none with TLS")
    site.delete(site.alice, identifier)


def lets_keys_in(service, site):
    """sshd with the two lines of a service that only takes tokens."""
    machine = site.machine
    path = service.stack.path
    machine.must("sh", "-c", f"""
        sed -i 's/^@include common-account/account required pam_pat.so/' {path}
        su alice -c 'mkdir -p -m 700 ~/.ssh &&
            ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/id_ed25519 &&
            cp ~/.ssh/id_ed25519.pub ~/.ssh/authorized_keys'""")

    def by_key():
        outcome = machine.run("ssh", "-oBatchMode=yes", "-oStrictHostKeyChecking=no",
                              "alice@127.0.0.1", "id", "-un", user="alice")
        return by_words(outcome, "Connection closed", good="alice\n")

    expect(not by_key(), "the account rule lets a key in")
    fix(service, site, "users who log in with a key")
    expect(by_key(), "a key is refused after the fix")


def lets_sudo_ask_nobody(service, site):
    """sudo with the same two lines, for a user whom its rules let do something unasked."""
    machine = site.machine
    machine.must("cp", "/etc/pam.d/sudo", "/root/sudo.pam")
    machine.write("/etc/pam.d/sudo", service.stack.text.replace("@include common-account",
                                                                "account required pam_pat.so"))
    machine.write("/etc/sudoers.d/alice", SUDOERS, "440")
    machine.write("/etc/sudoers.d/time", "Defaults timestamp_timeout=0\n", "440")

    def unasked():
        # sudo may gain privileges, so this must not run like the site's users' commands.
        outcome = machine.run("su", "alice", "-c", "sudo -n /usr/bin/true && echo done")
        return by_words(outcome, "account", good="done\n")

    try:
        expect(not unasked(), "the account rule lets somebody in who was not asked")
        fix(service, site, "NOPASSWD")
        expect(unasked(), "sudo refuses after the fix")
    finally:
        machine.must("mv", "/root/sudo.pam", "/etc/pam.d/sudo")
