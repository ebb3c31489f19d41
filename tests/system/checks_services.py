# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Programs without a human: a timer, cron, sshd and nginx, all with alice's token."""
import subprocess

from processes import PlayError, expect
from site_under_test import REQUEST, readable
from terminal import ASKED, SSH, Login, Terminal

FETCH = """#!/bin/sh
# What git would ask for; only the names of what it gets go on.
git credential fill </etc/test/request | sed 's/=.*//' >"$1"
"""
GIT_CONFIG = "[credential]\n\thelper =\n\thelper = /usr/bin/git-credential-pat\n"
TIMER = "[Timer]\nOnActiveSec=1ms\nAccuracySec=1ms\n"
TIMER_SERVICE = "[Service]\nUser=alice\nExecStart=/etc/test/fetch /run/test/timer\n"
SSHD_STACK = """\
auth     required pam_pat.so token permission=host:login:rw audience=https://host.example
account  required pam_unix.so
session  required pam_unix.so
"""
NGINX_STACK = """\
auth     required pam_pat.so token permission=vcs:repository:ro audience=https://git.example
account  required pam_pat.so token permission=vcs:repository:ro audience=https://git.example
"""
NGINX_SITE = """server {
    listen 127.0.0.1:8080 default_server;
    location / {
        auth_pam "git";
        auth_pam_service_name "web";
        root /etc/test/site;
    }
}
"""
WAIT_SECONDS = 80


def _read_pipe(machine, name):
    """A Popen that reads what the next writer of the named pipe says."""
    machine.must("mkdir", "-p", "-m", "755", "/run/test")
    machine.must("sh", "-c", f"mkfifo -m 622 /run/test/{name}")
    return machine.start("cat", f"/run/test/{name}", stdout=subprocess.PIPE)


def _expect_credential(reader):
    try:
        output, _ = reader.communicate(timeout=WAIT_SECONDS)
    except subprocess.TimeoutExpired as error:
        reader.kill()
        raise PlayError("it was not run, or said nothing") from error
    expect({"username", "password"} <= set(output.split()), f"git got only: {output.split()}")


def cron_is_told_to_ask_for_alices_token_within_the_minute(site):
    machine = site.machine
    machine.write("/etc/test/request", REQUEST)
    machine.write("/etc/test/fetch", FETCH, "755")
    machine.write("/etc/gitconfig", GIT_CONFIG)
    site.background["cron"] = _read_pipe(machine, "cron")
    machine.write("/etc/cron.d/test", "* * * * * alice /etc/test/fetch /run/test/cron\n")


def the_helper_works_in_a_timer_unit(site):
    machine = site.machine
    machine.write("/etc/systemd/system/fetch.timer", TIMER)
    machine.write("/etc/systemd/system/fetch.service", TIMER_SERVICE)
    reader = _read_pipe(machine, "timer")
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "start", "fetch.timer")
    _expect_credential(reader)


def a_token_opens_ssh_and_the_login_password_does_not(site):
    machine = site.machine
    outcome, secret = site.patctl_secret(site.alice, "create", "ssh", "-p", "host:login:rw",
                                         "-t", "https://host.example")
    expect(outcome.status == 0, outcome)
    machine.must("cp", "/etc/pam.d/sshd", "/root/sshd.pam")
    machine.write("/etc/pam.d/sshd", SSHD_STACK)
    machine.write("/etc/ssh/sshd_config.d/test.conf", "KbdInteractiveAuthentication yes\n")
    machine.must("systemctl", "restart", "ssh.service")
    login = Login(machine, "alice", secret, methods="keyboard-interactive")
    expect(login.run("id -un") == (0, "alice\n"), "somebody else is logged in")
    login.close()
    for typed, user in ((site.alice.login_password, "alice"), (secret, "bob")):
        terminal = Terminal(machine, *SSH, "-o", "PreferredAuthentications=keyboard-interactive",
                            f"{user}@127.0.0.1", "echo", "inside")
        terminal.expect(ASKED)
        terminal.type(typed)
        shown = terminal.until_the_end()
        expect("inside" not in shown, f"{user} is let in:\n{shown}")
    machine.must("mv", "/root/sshd.pam", "/etc/pam.d/sshd")


def _http_status(site, user, password):
    with readable(f'user = "{user}:{password}"\n') as fd:
        return site.machine.must("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-K",
                                 f"/dev/fd/{fd}", "http://127.0.0.1:8080/page", pass_fds=(fd,))


def nginx_takes_a_token_of_the_right_user_and_nothing_else(site):
    machine = site.machine
    _, secret = site.create(site.alice, "web", "-p", "vcs:repository:ro")
    machine.write("/etc/pam.d/web", NGINX_STACK)
    machine.write("/etc/nginx/sites-enabled/default", NGINX_SITE)
    machine.write("/etc/test/site/page", "hello\n")
    machine.must("systemctl", "restart", "nginx.service")
    expect(_http_status(site, "alice", secret) == "200", "alice's token is not taken")
    expect(_http_status(site, "bob", secret) == "401", "bob comes in with alice's token")
    expect(_http_status(site, "alice", site.alice.login_password) == "401", "a login password")
    dead = next(iter(site.dead.values()))
    expect(_http_status(site, "alice", dead) == "401", "a dead token is taken")


def cron_got_the_token(site):
    """After a minute that other checks filled."""
    _expect_credential(site.background.pop("cron"))
    site.machine.must("rm", "/etc/cron.d/test")


CHECKS = [cron_is_told_to_ask_for_alices_token_within_the_minute, the_helper_works_in_a_timer_unit,
          a_token_opens_ssh_and_the_login_password_does_not,
          nginx_takes_a_token_of_the_right_user_and_nothing_else]
LATER_CHECKS = [cron_got_the_token]
