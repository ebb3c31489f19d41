# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A second root, as a container has it, into which alice shows one of her tokens."""
import json

from processes import expect
from site_under_test import PEOPLE

DIRECTORY = "/home/alice/agent"
ROOT = "/run/second-root"
SHOWN = "https://shown.example"
HIDDEN = "https://hidden.example"
# Exactly one mount of the machine's is inside: the directory that she exposed.
INSIDE = ("systemd-run", "--quiet", "--wait", "--pipe", "--collect",
          f"--property=RootDirectory={ROOT}", f"--property=BindPaths={DIRECTORY}:/run/patd",
          "--property=MountAPIVFS=yes")


def _ask(site, host, user="alice"):
    """What git would get inside: (exit status, attributes)."""
    outcome = site.machine.run(*INSIDE, f"--property=User={PEOPLE[user]}", "--",
                               "/bin/timeout", "20", "/bin/git-credential-pat", "get",
                               text=f"protocol=https\nhost={host}\n\n")
    found = dict(line.split("=", 1) for line in outcome.output.splitlines() if "=" in line)
    if "password" in found:
        site.new_secret(found["password"])
    return outcome.status, found


def a_second_root_is_made_that_knows_no_patd(site):
    site.machine.must("sh", "-c", f"""
        mkdir -p {ROOT}/bin {ROOT}/run/patd {ROOT}/proc {ROOT}/sys {ROOT}/dev {ROOT}/etc
        cp /usr/bin/git-credential-pat /usr/bin/timeout {ROOT}/bin/
        for library in $(ldd /usr/bin/timeout | grep -o '/[^ ]*'); do
            mkdir -p {ROOT}$(dirname $library); cp -L $library {ROOT}$library
        done""")


def alice_exposes_one_token_of_two(site):
    machine = site.machine
    shown, _ = site.create(site.alice, "shown", "-p", "vcs:repository:ro", "-t", SHOWN)
    site.create(site.alice, "hidden", "-p", "vcs:repository:ro", "-t", HIDDEN)
    machine.must("install", "-d", "-o", "alice", "-m", "700", DIRECTORY)
    machine.must("install", "-d", "-o", "bob", "-m", "700", "/home/bob/agent")
    bobs = site.patctl(site.bob, "expose", "/home/bob/agent", "--only", shown)
    expect(bobs.status == 3, bobs)
    outcome = site.patctl(site.alice, "expose", DIRECTORY, "--only", shown, "--ttl", "10m")
    expect(outcome.status == 0, outcome)


def the_helper_in_there_gets_that_token_and_no_other(site):
    status, found = _ask(site, "shown.example")
    expect(status == 0 and found.get("username") == "alice", f"{status}: {list(found)}")
    verified = site.verify(found["password"], "--user", "alice", "--audience", SHOWN)
    expect(verified == 0, "what came out is not alice's")
    for host in ("hidden.example", "git.example"):
        status, found = _ask(site, host)
        expect((status, found) == (0, {}), f"{host}: {status}: {list(found)}")
    events = site.patctl(site.alice, "audit", "--limit", "20")
    expect(f"{SHOWN}" in events.output and "exposed " in events.output, events)


def another_user_in_there_does_not_reach_the_socket(site):
    status, found = _ask(site, "shown.example", user="bob")
    expect(status != 0 and "password" not in found, f"{status}: {list(found)}")


def a_restart_of_patd_cuts_it_and_it_can_be_exposed_again(site):
    site.machine.must("systemctl", "restart", "patd.service")
    status, found = _ask(site, "shown.example")
    expect(status == 1 and not found, f"{status}: {list(found)}")
    expect(json.loads(site.patctl(site.alice, "--json", "expose").output) == [], "it is listed")
    shown = next(key[1] for key, _ in site.live.items()
                 if _description(site, key) == "shown")
    outcome = site.patctl(site.alice, "expose", DIRECTORY, "--only", shown)
    expect(outcome.status == 0, outcome)
    expect(_ask(site, "shown.example")[1].get("username") == "alice", "nothing is released")


def _description(site, key):
    if key[0] != "alice":
        return None
    outcome = site.patctl(site.alice, "--json", "show", key[1])
    return json.loads(outcome.output)["description"]


def after_the_cut_it_gets_an_error_at_once(site):
    outcome = site.patctl(site.alice, "expose", "--cut", DIRECTORY)
    expect(outcome.status == 0, outcome)
    status, found = _ask(site, "shown.example")
    expect(status == 1 and not found, f"{status}: {list(found)}")
    expect(site.machine.must("ls", "-A", DIRECTORY) == "", "the socket is left")


def a_timer_unit_runs_a_command_that_has_a_token(site):
    machine = site.machine
    machine.write("/etc/systemd/system/mirror.service", f"""[Service]
Type=oneshot
User=alice
ExecStart=/usr/bin/patctl exec -t {SHOWN} --fd 0 -- /usr/bin/patctl verify --user alice
""")
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "start", "mirror.service")


CHECKS = [a_second_root_is_made_that_knows_no_patd, alice_exposes_one_token_of_two,
          the_helper_in_there_gets_that_token_and_no_other,
          another_user_in_there_does_not_reach_the_socket,
          a_restart_of_patd_cuts_it_and_it_can_be_exposed_again,
          after_the_cut_it_gets_an_error_at_once, a_timer_unit_runs_a_command_that_has_a_token]
