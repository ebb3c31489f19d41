# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patd-gateway: from apt install to a clone from a forge with TLS, its sandbox, and its removal.
The forge is the machine's nginx, with git's own server behind it
(tests/integration/git_server.py)."""
import errno
import glob
import os
import re
import secrets
import stat
import subprocess
import sys

import git_server
from machine import WORK
from processes import expect
from site_under_test import readable

UNITS = ("patd-gateway.service", "patd-http-gateway.service", "patd-http-gateway.socket",
         "patd-gateway.socket")
SOCKETS = UNITS[2:]
ACCOUNTS = {"patd-gateway.service": "patd-gateway",
            "patd-http-gateway.service": "patd-http-gateway"}
EXPOSURE_MAX = {"patd-gateway.service": 1.2, "patd-http-gateway.service": 0.5}
SOCKET, RUN = "/run/patd-http-gateway/socket", "/run/patd-gateway"
SITE, FOLDER, HOME = "/etc/test/gateway", f"{WORK}/gateway", "/home/alice/gateway"
ORIGIN = "http://127.0.0.1:9200"
HOST, PORT = "through.example", 8481
URL = f"https://{HOST}/smart/project.git"
FORGE = f"""server {{
    listen 127.0.0.1:443 ssl;
    server_name {HOST};
    ssl_certificate {SITE}/cert.pem;
    ssl_certificate_key {SITE}/key.pem;
    access_log {SITE}/log;
    client_max_body_size 0;
    auth_basic "forge";
    auth_basic_user_file {SITE}/users;
    location / {{ proxy_pass http://127.0.0.1:{PORT}; }}
}}
"""
MAKE_PROJECT = """
mkdir $0 && cd $0 && git init -q --bare project.git && cd project.git
git config user.name a && git config user.email a@b && git config http.receivepack true
git update-ref HEAD $(git commit-tree -m first $(git mktree </dev/null))
"""
WORK_THERE = f"rm -rf {HOME} && mkdir {HOME} && cd {HOME} && "
PUSH = """git clone -q $1 copy && cd copy && git config user.name a && git config user.email a@b &&
echo more >file && git add file && git commit -qm more && git push -q origin HEAD:refs/heads/more"""


# Somebody else's try to listen where the gateway does.
BIND = """
import os, socket, sys
os.setgid(65534); os.setuid(65534)
for host in ("127.0.0.1", "0.0.0.0"):
    for option in ("SO_REUSEADDR", "SO_REUSEPORT"):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
        try:
            listener.bind((host, 9200))
            listener.listen()
            print("bound")
        except OSError as error:
            print(error.errno)
        listener.close()
"""


TAKE = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 9200))
print("taken", flush=True)
sys.stdin.read()
"""


def _expect_port_is_held(site, when):
    """EADDRINUSE, whatever somebody tries."""
    said = subprocess.run(["nsenter", f"--target={site.machine.leader}", "--net", sys.executable,
                           "-c", BIND], check=True, stdout=subprocess.PIPE, text=True).stdout
    expect(said.split() == [str(errno.EADDRINUSE)] * 4, f"{when}: {said}")


def _git(site, script):
    return site.machine.run("env", "GIT_TERMINAL_PROMPT=0", "sh", "-ec", WORK_THERE + script, "sh",
                            URL, user="alice")


def _status(site, child, *more):
    """What the gateway answers who fetches; the child is in no argument."""
    return site.machine.must(
        "curl", "-sS", "-K", "-", "-o", "/dev/null", "-w", "%{http_code}", *more,
        f"{ORIGIN}/{HOST}/smart/project.git/info/refs?service=git-upload-pack", seconds=30,
        text=f'header = "Authorization: Bearer {child}"\n')


def _expect_no_origin_while_the_port_is_taken(site):
    """Leaves a package that is not configured yet."""
    machine = site.machine
    with subprocess.Popen(["nsenter", f"--target={machine.leader}", "--net", sys.executable, "-c",
                           TAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as other:
        expect(other.stdout.readline() == "taken\n", "the port is not free")
        outcome = machine.run("apt-get", "-qq", "-y", "--no-install-recommends", "install",
                              "/root/http.deb", "/root/gateway.deb", seconds=120)
        other.communicate(timeout=30)
    expect(outcome.status != 0 and "patd-gateway: its port is taken" in outcome.output, outcome)
    expect(ORIGIN not in machine.must("patctl", "admin", "check-config"), "it is set")
    expect(ORIGIN not in machine.must("patctl", "status", user="alice"), "patd has it")


def patd_gateway_is_installed_beside_patd_and_holds_its_port(site):
    machine = site.machine
    before = machine.show("patd.service", "MainPID")
    for name in ("http", "gateway"):
        packages = glob.glob(f"{os.path.dirname(site.deb)}/patd-{name}_*.deb")
        expect(len(packages) == 1, f"made were {packages}")
        machine.copy_in(packages[0], f"/root/{name}.deb")
    _expect_no_origin_while_the_port_is_taken(site)
    said = machine.must("dpkg", "--configure", "-a", seconds=120)
    expect("its port is held, and the first request starts it" in said, said)
    expect(machine.must("dpkg", "--verify", "patd-gateway") == "", "a file is not the package's")
    expect(machine.show("patd.service", "MainPID") == before, "patd was restarted")
    for unit in UNITS:
        state = "active" if unit in SOCKETS else "inactive"
        expect(machine.show(unit, "ActiveState") == state, f"{unit} is not {state}")
    _expect_port_is_held(site, "installed")
    units = machine.run("systemd-analyze", "verify", "--man=no", *UNITS)
    expect(units.status == 0 and "patd-" not in units.output, units)
    config = machine.must("patctl", "admin", "check-config")
    expect(ORIGIN in config, config)


def a_forge_with_tls_is_set_up(site):
    machine = site.machine
    secret = site.new_secret("glpat-" + secrets.token_urlsafe(24))
    machine.write("/etc/nginx/conf.d/through.conf", FORGE)
    machine.write("/etc/patd/gateway-nginx.d/through.conf",
                  f"upstream {HOST} {{ server 127.0.0.1:443; keepalive 2; }}\n")
    machine.write("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    machine.must("sh", "-ec", f"""
        mkdir -p {SITE} && cd {SITE} && printf 'al:%s\\n' "$(openssl passwd -apr1 -stdin)" >users
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \\
            -subj /CN={HOST} -addext subjectAltName=DNS:{HOST} -keyout key.pem -out cert.pem
        cp cert.pem /usr/local/share/ca-certificates/through.crt && update-ca-certificates
        """, text=f"{secret}\n")
    machine.must("systemctl", "restart", "nginx.service")
    subprocess.run(["sh", "-ec", MAKE_PROJECT, FOLDER], check=True)
    server = subprocess.Popen(
        ["nsenter", f"--target={machine.leader}", "--net", sys.executable, "-B",
         git_server.__file__, FOLDER, str(PORT), f"https://{HOST}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    site.background["forge"] = server
    expect(server.stdout.readline() == "serving\n", "it does not serve")
    with readable(f"{secret}\n") as fd:
        outcome = site.patctl(site.alice, "import", "through", "--through-gateway", "-p",
                              "vcs:repository:ro", "-t", f"https://{HOST}/smart", "-u", "al",
                              "--secret-fd", str(fd), pass_fds=(fd,),
                              answers=[site.alice.service_password])
    expect(outcome.status == 0, outcome)
    machine.must("patctl", "setup", "gateway", user="alice")
    machine.must("patctl", "setup", "git", user="alice")


def a_child_clones_through_the_gateway_and_pushes_nothing(site):
    machine = site.machine
    expect(machine.show(UNITS[0], "ActiveState") == "inactive", "it was started before")
    outcome = _git(site, "git clone -q $1 copy && git -C copy fetch -q")
    expect(outcome.status == 0, outcome)
    outcome = _git(site, PUSH)
    expect(outcome.status != 0 and "patd: permission" in outcome.output, outcome)
    log = machine.must("cat", f"{SITE}/log")
    expect("git-upload-pack" in log and "git-receive-pack" not in log, log)
    expect(set(re.findall(r'" (\d+) ', log)) == {"200"}, log)
    expect("exchange" in machine.must("patctl", "audit", user="alice"), "nothing says so")


# Row G13.
def nobody_else_gets_the_port_of_the_gateway(site):
    machine = site.machine
    machine.must("systemctl", "enable", "--now", "patd-gateway")
    _expect_port_is_held(site, "running")
    machine.must("systemctl", "kill", "--signal=KILL", UNITS[0])
    _expect_port_is_held(site, "killed")
    machine.must("systemctl", "stop", UNITS[0])
    _expect_port_is_held(site, "stopped")
    outcome = _git(site, "git clone -q $1 copy")  # waits at the socket meanwhile
    expect(outcome.status == 0, outcome)
    # A fault of the administrator's ends the reload, and not the gateway.
    wrong = "/etc/patd/gateway-nginx.d/wrong.conf"
    machine.write(wrong, "no such thing;\n")
    expect(machine.run("systemctl", "reload", "patd-gateway").status != 0, "it is reloaded")
    expect(machine.show(UNITS[0], "ActiveState") == "active", "the reload ended it")
    machine.must("rm", wrong)
    _expect_port_is_held(site, "after a reload that failed")
    machine.must("systemctl", "reload", "patd-gateway")
    # Off the loopback, it does not serve.
    drop_in = "/etc/systemd/system/patd-gateway.socket.d/wide.conf"
    machine.write(drop_in, "[Socket]\nListenStream=\nListenStream=0.0.0.0:9200\n")
    machine.must("systemctl", "daemon-reload")
    follower = machine.follow(UNITS[0])
    machine.run("systemctl", "restart", "patd-gateway.socket", UNITS[0])
    follower.wait_for("not a loopback address: 0.0.0.0:9200", 30)
    follower.close()
    machine.must("rm", "-r", os.path.dirname(drop_in))
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "restart", "patd-gateway.socket", UNITS[0])
    _expect_port_is_held(site, "back on the loopback")


# Row O3.
def the_gateway_runs_without_any_privilege_and_leaves_no_core(site):
    machine = site.machine
    found = os.stat(machine.path(SOCKET))
    expect(stat.S_IMODE(found.st_mode) == 0o600, f"{SOCKET} has mode {found.st_mode:o}")
    expect(found.st_uid == int(machine.must("id", "-u", "patd-gateway")), "not nginx's socket")
    for unit, account in ACCOUNTS.items():
        uid = machine.must("id", "-u", account).strip()
        pids = machine.must("pgrep", "-u", account).split()
        expect(machine.show(unit, "MainPID") in pids, f"{unit} is not {account}")
        for pid in pids:
            status = machine.must("cat", f"/proc/{pid}/status")
            fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            expect(fields["Uid"].split() == [uid] * 4, fields["Uid"])
            for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb", "CapInh"):
                expect(int(fields[name], 16) == 0, f"{name} is {fields[name]}")
            expect(fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2", status)
            limits = machine.must("cat", f"/proc/{pid}/limits")
            expect(re.search(r"Max core file size +0 +0 ", limits), limits)
    pid = machine.show(UNITS[0], "MainPID")
    dumped = machine.must("cat", f"/proc/{pid}/coredump_filter")
    expect(int(dumped, 16) == 0, f"a core would have {dumped}")


# Row O4.
def the_gateway_is_as_little_exposed_as_promised(site):
    for unit, most in EXPOSURE_MAX.items():
        said = site.machine.must("systemd-analyze", "--no-pager", "security", unit)
        level = float(re.search(r"Overall exposure level for .*: ([0-9.]+)", said)[1])
        expect(level <= most, f"exposure {level} of {unit}")


def the_gateway_goes_on_after_a_reload_and_a_restart_of_patd(site):
    machine = site.machine
    before = machine.show(UNITS[0], "MainPID")
    machine.must("systemctl", "reload", "patd-gateway")
    machine.must("systemctl", "restart", "patd.service")
    outcome = _git(site, "git clone -q $1 copy")
    expect(outcome.status == 0, outcome)
    expect(machine.show(UNITS[0], "MainPID") == before, "a reload is a restart")
    child = machine.must("sh", "-c", f"patctl get -t {ORIGIN}/{HOST}/smart/project.git | cat",
                         user="alice").strip()
    site.new_secret(child)
    expect(_status(site, child) == "200", "the child is not taken")
    machine.must("systemctl", "stop", "patd.socket", "patd.service")
    expect(_status(site, child) == "503", "what is not known is not said")
    machine.must("systemctl", "start", "patd.socket")
    machine.must("systemctl", "stop", UNITS[1])  # its socket starts it again
    expect(_status(site, child, "--retry", "10") == "200", "the child is not taken after a stop")
    expect(_status(site, "patc1_x") == "401", "anything is taken")
    machine.must("apt-get", "-qq", "-y", "--reinstall", "install", "/root/gateway.deb",
                 seconds=120)
    expect(machine.show(UNITS[0], "MainPID") not in ("0", before), "the old one runs on")
    expect(_status(site, child, "--retry", "10") == "200",
           "the child is not taken after an upgrade")


def a_purge_of_patd_gateway_leaves_nothing_of_it(site):
    machine = site.machine
    before = machine.show("patd.service", "MainPID")
    machine.must("apt-get", "-qq", "-y", "purge", "patd-gateway", "patd-http")
    for unit in UNITS:
        expect(machine.show(unit, "ActiveState") == "inactive", f"{unit} is active")
    for path in (SOCKET, RUN, "/etc/patd/gateway-nginx.d", "/usr/lib/patd/gateway",
                 "/usr/lib/patd/patd.conf.d", "/usr/libexec/patd/gateway-prepare",
                 "/usr/libexec/patd/gateway-listen",
                 "/var/lib/systemd/coredump/nginx"):
        expect(not os.path.exists(machine.path(path)), f"{path} is left")
    for account in ACCOUNTS.values():
        expect(machine.run("id", account).status != 0, f"{account} is left")
    expect(machine.must("dpkg", "--verify", "patd") == "", "a file of patd's is gone")
    expect(machine.show("patd.service", "MainPID") == before, "patd was restarted")
    machine.must("patctl", "setup", "gateway", "--undo", user="alice")
    machine.must("sh", "-ec", "rm -f /etc/nginx/conf.d/through.conf && systemctl restart nginx && "
                 "rm /usr/local/share/ca-certificates/through.crt && update-ca-certificates")
    server = site.background.pop("forge")
    server.communicate(timeout=30)
    expect(server.returncode == 0, "it did not end well")


CHECKS = [patd_gateway_is_installed_beside_patd_and_holds_its_port, a_forge_with_tls_is_set_up,
          a_child_clones_through_the_gateway_and_pushes_nothing,
          nobody_else_gets_the_port_of_the_gateway,
          the_gateway_runs_without_any_privilege_and_leaves_no_core,
          the_gateway_is_as_little_exposed_as_promised,
          the_gateway_goes_on_after_a_reload_and_a_restart_of_patd,
          a_purge_of_patd_gateway_leaves_nothing_of_it]
