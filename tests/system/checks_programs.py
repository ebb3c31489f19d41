# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What people do with git over HTTPS, with the programs of both Debians: git-lfs, cargo, submodules
of several hosts, a repository as files. nginx lets in whom pam_pat.so does; behind it is git's own
server and one for LFS objects without locks (tests/integration/git_server.py)."""
import os
import subprocess
import sys

import git_server
from checks_newer_git import HELPER, newer
from machine import WORK
from processes import expect

SITE = "/etc/test/programs"
HOSTS = ("forge.example", "second.example", "third.example")
URL = f"https://{HOSTS[0]}"
PROJECT = f"{URL}/smart/project.git"
HOME = "/home/alice/programs"
FOLDER = f"{WORK}/programs"
PORT = 8480
STACK = """\
auth     required pam_pat.so token permission=vcs:repository:rw audience=https://{host}
account  required pam_pat.so token permission=vcs:repository:rw audience=https://{host}
"""
NGINX = """server {{
    listen 127.0.0.1:443 ssl;
    server_name {host};
    ssl_certificate {site}/cert.pem;
    ssl_certificate_key {site}/key.pem;
    access_log {site}/log;
    auth_pam "git";
    auth_pam_service_name "programs-{host}";
    location /files/ {{ alias {site}/files/; }}
    location / {{ proxy_pass http://127.0.0.1:{port}; }}
}}
"""
GIT_CONFIG = f"""[user]
    name = alice
    email = alice@a.example
[http]
    sslCAInfo = {SITE}/cert.pem
[credential]
    helper =
    helper = {{helper}}
"""
# A helper that gives a name and a password, as every helper could before git 2.46.
PLAIN_HELPER = f"""#!/bin/sh
[ "$1" = get ] && sed /^capability/d | {HELPER} get
"""
MAKE_PROJECT = r"""
git init -q --bare project.git && cd project.git
git config user.name a && git config user.email a@b
manifest=$(printf '[package]\nname="private"\nversion="0.1.0"\n[lib]\n' |
    git hash-object -w --stdin)
source=$(printf '100644 blob %s\tlib.rs\n' $(git hash-object -w --stdin </dev/null) | git mktree)
tree=$(printf '100644 blob %s\tCargo.toml\n040000 tree %s\tsrc\n' $manifest $source | git mktree)
git update-ref HEAD $(git commit-tree -m first $tree) && git update-server-info
"""
LFS = """
git init -q lfs && cd lfs
git lfs install --local >/dev/null && git lfs track '*.bin' >/dev/null
for name in 1 2 3; do echo "$0 $name" >$name.bin; done
git add . && git commit -qm objects && git push -q "$1" HEAD:refs/heads/$0
cd .. && git clone -q -b $0 "$1" lfs-copy && cd lfs-copy && git lfs install --local >/dev/null
git lfs pull && test "$(cat 2.bin)" = "$0 2"
"""
# libgit2 reads only the configuration in the home directory.
CARGO = rf"""
export HOME={HOME} && cp "$GIT_CONFIG_GLOBAL" {HOME}/.gitconfig
mkdir -p cargo/src && cd cargo && echo 'fn main() {{}}' >src/main.rs && printf '%s\n' '[package]' \
    'name = "user"' 'version = "0.1.0"' 'edition = "2021"' '[dependencies]' \
    'private = {{ git = "{PROJECT}" }}' >Cargo.toml && cargo fetch
"""
SUBMODULES = """
git init -q super && cd super
for host in "$@"; do git submodule --quiet add "https://$host/smart/project.git" $host; done
git commit -qm all && cd .. && git clone -q super super-copy && cd super-copy
git submodule --quiet update --init --jobs 8 && test "$(ls */Cargo.toml | wc -l)" = $#
"""


def programs_and_their_servers_are_set_up(site):
    machine = site.machine
    machine.write(f"{SITE}/plain-helper", PLAIN_HELPER, "755")
    for name, helper in (("gitconfig", HELPER), ("plain.gitconfig", f"{SITE}/plain-helper")):
        machine.write(f"{SITE}/{name}", GIT_CONFIG.format(helper=helper))
    names = ",".join(f"DNS:{host}" for host in HOSTS)
    machine.must("sh", "-ec", f"""
        cd {SITE} && echo 127.0.0.1 {' '.join(HOSTS)} >>/etc/hosts
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \\
            -subj /CN={HOSTS[0]} -addext subjectAltName={names} \\
            -keyout key.pem -out cert.pem
        mkdir files && cd files && {MAKE_PROJECT}""")
    for host in HOSTS:
        machine.write(f"/etc/pam.d/programs-{host}", STACK.format(host=host))
        machine.write(f"/etc/nginx/conf.d/{host}.conf",
                      NGINX.format(host=host, site=SITE, port=PORT))
        site.create(site.alice, host, "-p", "vcs:repository:rw", "-t", f"https://{host}")
    machine.must("systemctl", "restart", "nginx.service")
    os.mkdir(FOLDER)
    subprocess.run(["sh", "-ec", f"cd {FOLDER} && {MAKE_PROJECT}"], check=True)
    server = subprocess.Popen(
        ["nsenter", f"--target={machine.leader}", "--net", sys.executable, "-B",
         git_server.__file__, FOLDER, str(PORT), URL],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    site.background["git server"] = server
    expect(server.stdout.readline() == "serving\n", "it does not serve")


def _work(site, script, *arguments, is_newer, config="gitconfig"):
    """The Outcome of a script of alice's in an empty folder. Its $0 says which Debian's it is."""
    argv = ("sh", "-ec", f"rm -rf {HOME} && mkdir {HOME} && cd {HOME}\n{script}",
            "newer" if is_newer else "older", *arguments)
    if is_newer:
        trust = f"{SITE}/cert.pem:/etc/ssl/certs/ca-certificates.crt"
        return site.machine.run(*newer(*argv, config=f"{SITE}/{config}", bound=(trust,)))
    return site.machine.run("env", f"GIT_CONFIG_GLOBAL={SITE}/{config}", "GIT_TERMINAL_PROMPT=0",
                            *argv, user="alice")


def _works(site, *argv, **options):
    for is_newer in (False, True):
        outcome = _work(site, *argv, is_newer=is_newer, **options)
        expect(outcome.status == 0, outcome)


def lfs_objects_are_pushed_to_a_server_without_locks_and_cloned(site):
    _works(site, LFS, PROJECT)


def cargos_own_git_fetches_a_private_dependency(site):
    outcome = _work(site, CARGO, is_newer=True)
    expect(outcome.status == 0, outcome)


def git_authenticates_before_it_is_asked_to(site):
    site.machine.must("sh", "-c", f": >{SITE}/log")
    for mode in ("basic", "auto"):
        outcome = _work(site, f"git -c http.proactiveAuth={mode} ls-remote $1", PROJECT,
                        is_newer=True)
        expect(outcome.status == 0, outcome)
    expect('" 401 ' not in site.machine.must("cat", f"{SITE}/log"), "a request had no token")


def submodules_of_several_hosts_are_cloned_at_once(site):
    _works(site, SUBMODULES, *HOSTS)


def a_repository_of_files_is_cloned_as_with_a_plain_helper(site):
    for config in ("plain.gitconfig", "gitconfig"):
        _works(site, "git clone -q $1 copy && test -e copy/Cargo.toml", f"{URL}/files/project.git",
               config=config)


def the_git_server_ends(site):
    server = site.background.pop("git server")
    server.communicate(timeout=30)
    expect(server.returncode == 0, "it did not end well")


CHECKS = [programs_and_their_servers_are_set_up,
          lfs_objects_are_pushed_to_a_server_without_locks_and_cloned,
          cargos_own_git_fetches_a_private_dependency, git_authenticates_before_it_is_asked_to,
          submodules_of_several_hosts_are_cloned_at_once,
          a_repository_of_files_is_cloned_as_with_a_plain_helper, the_git_server_ends]
