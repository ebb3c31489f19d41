# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What a person sees of patctl, as text files. Runs in tools/play.sh, as root or as a user:
screens.py FOLDER. What differs from run to run, ids and times, is replaced by text of the same
width."""
import contextlib
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time

import at_terminal

SIZES = ((80, 24), (160, 50))
SECONDS = 60
IS_ROOT = os.geteuid() == 0
# The machine's own git configuration would show.
ENVIRONMENT = os.environ | {"TERM": "linux", "TZ": "UTC", "LESSHISTFILE": "-",
                            "GIT_CONFIG_NOSYSTEM": "1"}
for _name in ("NO_COLOR", "PAGER", "PATCTL_PAGER", "LESS"):
    ENVIRONMENT.pop(_name, None)
PASSWORD = ENVIRONMENT.pop("PATD_PLAY_PASSWORD")
FOREIGN = "a-secret-of-another-forge"
SECRETS = re.compile(f"patc?1_(?!x{{60}})|{re.escape(FOREIGN)}|{re.escape(PASSWORD)}")
GIT_CONFIG = """[user]
    name = Zoe
[credential "https://gist.github.com"]
    helper = !gh auth git-credential
[credential]
    helper = cache
    helper = store
"""
PASSWORD_OF_ZOE = (r"password for zoe: $", f"{PASSWORD}\n")
CREATE = [(r"What is the token for\? $", "release script\n"), (r"Permission: $", "?\n"),
          (r"Permission: $", "push\n"), (r"Permission: $", "9\n"), (r"Permission: $", "\n"),
          (r"never gets it\): $", "git.example/team\n"),
          (r"never gets it\): $", "https://git.example/team\n"), (r"\]: $", "30\n"),
          (r"\]: $", "30d\n"), PASSWORD_OF_ZOE]
NO = [(r"\[y/N\] ?$", "n\n")]

USER_SCREENS = {
    "list": "patctl list",
    "status": "patctl status",
    "list-long": "patctl --no-pager list --long",
    "show": "patctl show {laptop}",
    "explain": "patctl explain https://git.example/team/tool.git",
    "explain-none": "patctl explain https://git.example.org/",
    "audit": "patctl audit",
    "audit-verbose": "patctl audit --verbose --limit 3",
    "permissions": "patctl permissions git",
    "permissions-in-pager": "patctl permissions",
    "expose": "patctl expose",
    "help": "patctl --no-pager --help",
    "help-create": "patctl --no-pager create --help",
    "help-import": "patctl --no-pager import --help",
    "help-admin": "patctl --no-pager admin --help",
    "unknown-command": "patctl lsit",
    "unknown-option": "patctl list --lnog",
    "unknown-area": "patctl permissions vsc",
}
USER_STEPS = {  # each finds what those before it left
    "create-questions": ("patctl create", CREATE),
    "create-less": ("patctl create {laptop}-2 -p vcs:repository:ro -t https://git.example -e never",
                    [PASSWORD_OF_ZOE]),
    "delete-several": ("patctl delete {laptop} {unit} {forge}", NO),
    "remove-all": ("patctl remove-all", NO),
    "doctor-faulty": "patctl doctor",
    "setup-git": "patctl setup git",
    "setup-git-again": "patctl setup git",
    "doctor": "patctl doctor",
    "setup-git-undo": "patctl setup git --undo",
}
ROOT_SCREENS = {
    "list-none": "patctl list",
    "status-root": "patctl status",
    "admin-list": "patctl admin list",
    "admin-list-long": "patctl admin list --long",
    "audit-all": "patctl audit --all",
    "doctor-faulty": "patctl doctor",
}
ROOT_STEPS = {
    "export-key": "patctl admin export-key recovery.txt && rm recovery.txt",
    "doctor": "patctl doctor",
    "explain-other": "patctl explain https://git.example/team",
    "explain-user": "patctl explain https://git.example/team --user backup",
    "revoke": ("patctl admin revoke backup {backup}", NO),
    "backup": "patctl admin backup tokens.backup",
    "restore": "patctl admin revoke --yes backup {backup} >/dev/null; "
               "patctl admin restore tokens.backup",
    "restore-unknown": "patctl admin restore tokens.backup --accept-rollback "
                       "'nightly of all repositories'",
    "restore-named": "patctl admin restore tokens.backup --accept-rollback {backup}",
    "restore-damaged": "patctl admin restore /etc/hostname",
}


def patctl(*arguments, secret=None):
    """What it says in JSON; passwords and secrets through descriptors."""
    feed = {"--password-fd": PASSWORD, "--secret-fd": secret}
    options, readers = [], []
    for option, text in feed.items():
        if text is None:
            continue
        reader, writer = os.pipe()
        os.write(writer, text.encode() + b"\n")
        os.close(writer)
        options += [option, str(reader)]
        readers.append(reader)
    try:
        done = subprocess.run(["patctl", "--json", *arguments, *options], pass_fds=readers,
                              check=True, stdout=subprocess.PIPE, timeout=SECONDS, text=True)
    finally:
        for reader in readers:
            os.close(reader)
    return json.loads(done.stdout.splitlines()[-1])


def patctl_says(command):
    done = subprocess.run(["patctl", "--json", command], check=True, stdout=subprocess.PIPE,
                          timeout=SECONDS)
    return json.loads(done.stdout)


def make_tokens():
    """Ids by name, of a user's tokens."""
    wanted = {
        "laptop": ("create", "laptop", "-p", "vcs:repository:rw", "-t", "https://git.example",
                   "-e", "90d"),
        "unit": ("create", "nightly backup", "-p", "vcs:repository:ro", "-t",
                 "https://git.example/backup", "--only-unit", "backup.service", "-e", "2d"),
        "wide": ("create", "\u4e2d\u6587 \u4ee4\u724c", "-p", "vcs", "-e", "1y"),
        "forge": ("import", "https://forge.example/team, from .git-credentials", "-t",
                  "https://forge.example/team", "-u", "zoe")}
    ids = {}
    for name, arguments in wanted.items():
        if arguments[0] == "create":
            ids[name] = patctl(*arguments, "--output-fd", "1")["id"]
        else:
            ids[name] = patctl(*arguments, secret=FOREIGN)["id"]
        made = int(time.time())
        while int(time.time()) == made:  # a list of the same second is in no order
            select.select([], [], [], 0.01)
    return ids


def import_for_others():
    """root may not ask for a password here."""
    ids = {}
    for owner, host in (("backup", "git"), ("www-data", "forge")):
        done = subprocess.run(
            ["patctl", "--json", "admin", "import", f"nightly {owner} of all repositories",
             "--owner", owner, "-t", f"https://{host}.example", "-u", "robot", "--secret-fd", "0"],
            check=True, input=FOREIGN + "\n", stdout=subprocess.PIPE, text=True, timeout=SECONDS)
        ids[owner] = json.loads(done.stdout)["id"]
    return ids


def use_some():
    for host, path in (("git.example", "team/tool.git"), ("git.example", "backup/all.git"),
                       ("forge.example", "team/tool.git")):
        subprocess.run(["git-credential-pat", "get"], check=False, timeout=SECONDS, text=True,
                       input=f"protocol=https\nhost={host}\npath={path}\n\n",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + SECONDS
    while sum(token["last_used_at"] is not None for token in patctl_says("list")) < 2:
        if time.monotonic() > deadline:
            raise SystemExit("no use is shown")


def fresh_files():
    """What a screen may leave, as it was before the first."""
    with contextlib.suppress(FileNotFoundError):
        os.remove("tokens.backup")
    with open(".gitconfig", "w", encoding="utf-8") as file:
        file.write(GIT_CONFIG)


def normalise(lines, ids):
    """What is the same in every run and on every machine."""
    text = "\n".join(line.rstrip() for line in lines).rstrip() + "\n"
    for number, identifier in enumerate(ids.values()):
        text = text.replace(identifier, f"TokenId{number + 1:03}")
    text = text.replace(ENVIRONMENT["HOME"], "/home/zoe/folder")
    # Shown once, at the end of which the test deletes the token.
    text = re.sub(r"pat1_\w{60}\b", "pat1_" + "x" * 60, text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "2027-01-15 08:00:00", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(?!:\d)", "2027-01-15 08:00", text)
    text = re.sub(r"zoe \(\d+\)", "zoe (1000)", text)
    text = re.sub(r"patd \d+\.\d+\.\d+\S*", "patd 0.0.0", text)
    text = re.sub(r"just started|up \d+ \w+", "just started", text)
    text = re.sub(r"\((just now|\d+ \w+ ago)\)", "(just now)", text)
    text = re.sub(r"used (just now|\d+ \w+ ago)", "used just now", text)
    text = re.sub(r"loaded (just now|\d+ \w+ ago)", "loaded just now", text)
    text = re.sub(r"(ends in\s+)\d+ minutes", r"\g<1>10 minutes", text)
    text = re.sub(r"\d+ [KM]iB", "100 KiB", text)
    text = re.sub(r"\d+ in the last minute, \d+ since", "7 in the last minute, 100 since", text)
    text = re.sub(r"advisory", "enforced", text)
    # Whether there is systemd, whether its clock is set, what else is installed and whether memory
    # may be locked is the machine's business.
    text = re.sub(r"(?ms)^\w+: (service|clock|resources): .*?(?=^\w|\Z)", "", text)
    text = re.sub(r"(?ms)^Not checked: .*?(?=^\d+ problem|^No problem|\Z)", "", text)
    left = len(re.findall(r"(?m)^(?:error|warning): ", text)) or "No"
    text = re.sub(r"(?m)^(\d+ problems?|No problems) found",
                  f"{left} problem{'' if left == 1 else 's'} found", text)
    return re.sub(r"(?m)^Memory .*\n(?: .*\n)*", "", text)


def play_in(size, screens, ids):
    """file -> text, of each screen."""
    found = {}
    columns, rows = size
    for name, screen in screens.items():
        command, answers = (screen, []) if isinstance(screen, str) else screen
        seen = at_terminal.run(command.format(**ids), answers, size=size, env=ENVIRONMENT)
        made = forget_new(ids)
        text = normalise(seen.lines, ids | made)
        if SECRETS.search(text):
            raise SystemExit(f"{name}: a secret is on the screen")
        wide = [line for line in text.splitlines() if len(line) > columns and line[:4].strip()]
        if wide:
            raise SystemExit(f"{name}: wider than {columns} columns: {wide}")
        found[f"{columns}x{rows}/{name}.txt"] = f"$ {command}\n{text}"
    return found


def forget_new(ids):
    """Deletes the tokens that a screen made; their ids by name."""
    made = {} if IS_ROOT else {token["description"]: token["id"] for token in patctl_says("list")
                               if token["id"] not in ids.values()}
    for identifier in made.values():
        patctl("delete", identifier)
    return made


def play(screens, steps, ids):
    fresh_files()
    found = {}
    # What was used is used "just now" for a minute.
    for name, screen in screens.items():
        for size in SIZES:
            found |= play_in(size, {name: screen}, ids)
    for size in SIZES:
        fresh_files()
        found |= play_in(size, steps, ids)
    return found


def main():
    # root's own home is that of the machine.
    with tempfile.TemporaryDirectory() as home:
        ENVIRONMENT["HOME"] = home
        os.chdir(home)
        write_screens()


def write_screens():
    screens, steps = (ROOT_SCREENS, ROOT_STEPS) if IS_ROOT else (USER_SCREENS, USER_STEPS)
    ids = import_for_others() if IS_ROOT else make_tokens()
    if not IS_ROOT:
        use_some()
    for path, text in play(screens, steps, ids).items():
        file = os.path.join(sys.argv[1], path)
        os.makedirs(os.path.dirname(file), mode=0o777, exist_ok=True)
        with open(file, "w", encoding="utf-8") as screen:
            screen.write(text)


if __name__ == "__main__":
    main()
