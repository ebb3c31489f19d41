# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A git that knows authtype, ephemeral and state (2.46 and later; Debian 12 has 2.39), against
nginx with HTTPS. It comes from the Debian after 12 and runs in a unit that has that Debian's files
for its root."""
import subprocess
import urllib.parse

from machine import NEWER
from processes import PlayError, expect

SITE = "/etc/test/newer"
URL = "https://git.example/team"
BEARER_URL = "https://git.example/bearer"
CLOSED_URL = "https://closed.example/closed"
LOG = "/var/log/nginx/newer.log"
HELPER = "/usr/bin/git-credential-pat"
WAIT_SECONDS = 30
STACK = """\
auth     required pam_pat.so token permission=vcs:repository:ro audience=https://git.example
account  required pam_pat.so token permission=vcs:repository:ro audience=https://git.example
"""
# Repositories as plain files, which git can read from any web server.
NGINX = f"""map $http_authorization $bears_a_child {{
    default 0;
    "~^Bearer patc1_[-_0-9A-Za-z]+$" 1;
}}
log_format newer "$status $uri";
server {{
    listen 127.0.0.1:443 ssl;
    server_name git.example closed.example;
    ssl_certificate {SITE}/cert.pem;
    ssl_certificate_key {SITE}/key.pem;
    access_log {LOG} newer;
    location /team/ {{
        auth_pam "git";
        auth_pam_service_name "newer-git";
        alias {SITE}/site/;
    }}
    location /bearer/ {{
        add_header WWW-Authenticate 'Bearer realm="git"' always;
        if ($bears_a_child = 0) {{ return 401; }}
        alias {SITE}/site/;
    }}
    location /closed/ {{
        add_header WWW-Authenticate 'Basic realm="git"' always;
        return 401;
    }}
}}
"""
GIT_CONFIG = f"""[http]
    sslCAInfo = {SITE}/cert.pem
[credential]
    useHttpPath = true
    helper =
    helper = store
    helper = {{helper}}
    helper = cache
"""
# The first message to git waits until somebody has done something to the token.
LATE_HELPER = f"""#!/bin/sh
answer=$({HELPER} "$@")
if [ "$1" = get ] && mkdir /run/test/newer/asked 2>/dev/null; then
    echo asked >/run/test/newer/held
    read -r word </run/test/newer/go
fi
printf '%s\\n\\n' "$answer"
"""
# Lists git's store, and then what other helpers kept of it.
LIST = """#!/bin/sh
git ls-remote "$1/project.git" 2>&1
echo "status $?"
printf 'url=%s\\n\\n' "$1/project.git" | git credential-cache get
cat /home/alice/.git-credentials /home/alice/.config/git/credentials 2>/dev/null
exit 0
"""


def newer_git_and_its_server_are_set_up(site):
    machine = site.machine
    machine.write("/etc/pam.d/newer-git", STACK)
    machine.write("/etc/nginx/conf.d/newer.conf", NGINX)
    machine.write(f"{SITE}/late-helper", LATE_HELPER, "755")
    machine.write(f"{SITE}/list", LIST, "755")
    for name, helper in (("gitconfig", HELPER), ("late.gitconfig", f"{SITE}/late-helper")):
        machine.write(f"{SITE}/{name}", GIT_CONFIG.format(helper=helper))
    machine.must("sh", "-c", f"""
        cd {SITE} && echo 127.0.0.1 git.example closed.example >>/etc/hosts
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
            -subj /CN=git.example -addext subjectAltName=DNS:git.example,DNS:closed.example \
            -keyout key.pem -out cert.pem
        git init -q --bare site/project.git && cd site/project.git
        tree=$(git mktree </dev/null)
        commit=$(git -c user.name=a -c user.email=a@b commit-tree -m first "$tree")
        git update-ref HEAD "$commit" && git update-server-info
        mkdir -p -m 755 /run/test/newer && chown alice /run/test/newer""")
    machine.must("systemctl", "restart", "nginx.service")
    version = _run(site, "git", "--version")
    expect(_is_newer(version), f"that is no newer git: {version}")


def _is_newer(version):
    """Whether it knows ephemeral, according to `git --version`."""
    numbers = version.split()[2].split(".")
    return (int(numbers[0]), int(numbers[1])) >= (2, 46)


def newer(*command, config=f"{SITE}/gitconfig", bound=()):
    """`command` as alice, with the programs of the next Debian and with patd's socket and helper,
    git's configuration in `config`."""
    shared = ("/run/patd", "/run/test", "/home/alice", "/etc/test", "/etc/passwd", "/etc/group",
              "/etc/hosts", HELPER, *bound)
    settings = {"User": "alice", "RootDirectory": NEWER, "MountAPIVFS": "yes",
                "BindPaths": " ".join(shared)}
    return ("systemd-run", "--quiet", "--wait", "--pipe", "--collect",
            *(f"--property={name}={value}" for name, value in settings.items()),
            f"--setenv=GIT_CONFIG_GLOBAL={config}", "--setenv=GIT_TERMINAL_PROMPT=0",
            "--setenv=HOME=/home/alice", *command)


def _run(site, *command):
    return site.machine.must(*newer(*command))


def _served(site, url):
    """The statuses that nginx returned below a URL, in order, since the last question."""
    path = urllib.parse.urlsplit(url).path
    lines = site.machine.must("cat", LOG).splitlines()
    site.machine.must("sh", "-c", f": >{LOG}")
    return [line.split()[0] for line in lines if line.split()[1].startswith(path)]


def _expect_listed(text):
    """git saw the repository, and nobody else keeps anything."""
    lines = text.strip().splitlines()
    expect(lines[0].endswith("\tHEAD") and lines[-1] == "status 0", text)


# Row C8.
def newer_git_gets_what_no_other_helper_keeps(site):
    site.create(site.alice, "newer git", "-p", "vcs:repository:ro", "-t", URL)
    _expect_listed(_run(site, f"{SITE}/list", URL))
    served = _served(site, URL)
    expect(served[0] == "401" and set(served[1:]) == {"200"}, served)


# Row C8.
def the_machines_git_leaves_its_other_helpers_a_child_at_most(site):
    """The machine's own git in the same chain. If it is an older one, this shows what the check
    before would have found."""
    machine = site.machine
    outcome = machine.run("env", f"GIT_CONFIG_GLOBAL={SITE}/gitconfig", f"{SITE}/list", URL,
                          user="alice")
    machine.must("git", "credential-cache", "exit", user="alice")
    if _is_newer(machine.must("git", "--version")):
        _expect_listed(outcome.output)
        return
    kept = machine.must("cat", "/home/alice/.git-credentials")
    machine.must("rm", "/home/alice/.git-credentials")
    expect("password=patc1_" in outcome.output and ":patc1_" in kept, outcome)
    expect("status 0" in outcome.output and "pat1_" not in outcome.output + kept, outcome)


def newer_git_sends_a_bearer_token_where_the_target_says_so(site):
    site.create(site.alice, "bearer", "-p", "vcs:repository:ro", "-t", f"bearer+{BEARER_URL}")
    _expect_listed(_run(site, f"{SITE}/list", BEARER_URL))
    expect("200" in _served(site, BEARER_URL), "the server saw no bearer token")


def newer_git_succeeds_although_its_token_is_regenerated_before_it_is_used(site):
    machine = site.machine
    machine.must("mkfifo", "-m", "666", "/run/test/newer/held", "/run/test/newer/go")
    identifier, first = site.create(site.alice, "late", "-p", "vcs:repository:ro",
                                    "-t", f"{URL}/late")
    machine.must("mkdir", f"{SITE}/site/late")
    machine.must("cp", "-r", f"{SITE}/site/project.git", f"{SITE}/site/late")
    git = machine.start(*newer(f"{SITE}/list", f"{URL}/late", config=f"{SITE}/late.gitconfig"),
                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    machine.must("cat", "/run/test/newer/held", seconds=WAIT_SECONDS)
    outcome, second = site.patctl_secret(site.alice, "regenerate", identifier)
    expect(outcome.status == 0, outcome)
    site.dead["late"] = first
    site.live[("alice", identifier)] = second
    machine.must("sh", "-c", "echo go >/run/test/newer/go")
    try:
        output, _ = git.communicate(timeout=WAIT_SECONDS)
    except subprocess.TimeoutExpired as error:
        git.kill()
        raise PlayError("git does not end") from error
    _expect_listed(output)
    served = _served(site, f"{URL}/late")
    expect(served[:2] == ["401", "401"] and set(served[2:]) == {"200"}, served)


def newer_git_gives_up_on_a_server_that_wants_no_token(site):
    identifier, _ = site.create(site.alice, "closed", "-p", "vcs:repository:ro", "-t", CLOSED_URL)
    text = _run(site, f"{SITE}/list", CLOSED_URL)
    expect("status 128" in text, text)
    served = _served(site, CLOSED_URL)
    # Without a token, and with the only one that fits.
    expect(served == ["401", "401"], f"it tries again and again, or never: {served}")
    site.expect_all_as_it_was()
    site.delete(site.alice, identifier)


CHECKS = [newer_git_and_its_server_are_set_up, newer_git_gets_what_no_other_helper_keeps,
          the_machines_git_leaves_its_other_helpers_a_child_at_most,
          newer_git_sends_a_bearer_token_where_the_target_says_so,
          newer_git_succeeds_although_its_token_is_regenerated_before_it_is_used,
          newer_git_gives_up_on_a_server_that_wants_no_token]
