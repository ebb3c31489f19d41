# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What a person sees of patctl, as text files. Runs in tools/play.sh, as root or as a user:
screens.py FOLDER. What differs from run to run, ids and times, is replaced by text of the same
width."""
import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

import pyte

SIZES = ((80, 24), (160, 50))
SECONDS = 60
LINES_ABOVE = 1000  # that have left the screen
IS_ROOT = os.geteuid() == 0
ENVIRONMENT = os.environ | {"TERM": "linux", "TZ": "UTC", "LESSHISTFILE": "-"}
for _name in ("NO_COLOR", "PAGER", "PATCTL_PAGER", "LESS"):
    ENVIRONMENT.pop(_name, None)
PASSWORD = ENVIRONMENT.pop("PATD_PLAY_PASSWORD")
FOREIGN = "a-secret-of-another-forge"
SECRETS = re.compile(f"patc?1_|{re.escape(FOREIGN)}|{re.escape(PASSWORD)}")
# The colon at the foot of less, where there is more to see.
PAGER_WAITS = re.compile(r":\s*$")

USER_SCREENS = {
    "list": "patctl list",  # first: what was used is used "just now" for a minute
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
ROOT_SCREENS = {
    "list-none": "patctl list",
    "status-root": "patctl status",
    "admin-list": "patctl admin list",
    "admin-list-long": "patctl admin list --long",
    "audit-all": "patctl audit --all",
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


def look(command, columns, rows):
    """What the terminal shows when the command has ended, or its pager waits."""
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
        os.execvpe("sh", ["sh", "-c", command], ENVIRONMENT)
    screen = pyte.HistoryScreen(columns, rows, history=LINES_ABOVE, ratio=0.5)
    stream = pyte.ByteStream(screen)
    kept = None
    while select.select([terminal], [], [], SECONDS)[0]:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the command has ended
            break
        stream.feed(data)
        if kept is None and PAGER_WAITS.fullmatch(screen.display[-1]):
            kept = list(screen.display)
            os.write(terminal, b"q")
    os.waitpid(child, 0)
    os.close(terminal)
    if kept is not None:
        return kept
    above = ["".join(line[column].data for column in range(columns))
             for line in screen.history.top]
    return above + list(screen.display)


def normalise(lines, ids):
    """What is the same in every run and on every machine."""
    text = "\n".join(line.rstrip() for line in lines).rstrip() + "\n"
    for number, identifier in enumerate(ids.values()):
        text = text.replace(identifier, f"TokenId{number + 1:03}")
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "2027-01-15 08:00:00", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(?!:\d)", "2027-01-15 08:00", text)
    text = re.sub(r"zoe \(\d+\)", "zoe (1000)", text)
    text = re.sub(r"patd \d+\.\d+\.\d+\S*", "patd 0.0.0", text)
    text = re.sub(r"just started|up \d+ \w+", "just started", text)
    text = re.sub(r"\((just now|\d+ \w+ ago)\)", "(just now)", text)
    text = re.sub(r"loaded (just now|\d+ \w+ ago)", "loaded just now", text)
    text = re.sub(r"(ends in\s+)\d+ minutes", r"\g<1>10 minutes", text)
    text = re.sub(r"\d+ [KM]iB", "100 KiB", text)
    text = re.sub(r"\d+ in the last minute, \d+ since", "7 in the last minute, 100 since", text)
    text = re.sub(r"advisory", "enforced", text)
    # Whether memory may be locked is the machine's business.
    return re.sub(r"(?m)^Memory .*\n(?: .*\n)*", "", text)


def play(screens, ids):
    """file -> text, of each screen in each size."""
    found = {}
    for name, command in screens.items():
        for columns, rows in SIZES:
            text = normalise(look(command.format(**ids), columns, rows), ids)
            if SECRETS.search(text):
                raise SystemExit(f"{name}: a secret is on the screen")
            wide = [line for line in text.splitlines() if len(line) > columns]
            if wide:
                raise SystemExit(f"{name}: wider than {columns} columns: {wide}")
            found[f"{columns}x{rows}/{name}.txt"] = f"$ {command}\n{text}"
    return found


def main():
    screens = ROOT_SCREENS if IS_ROOT else USER_SCREENS
    ids = import_for_others() if IS_ROOT else make_tokens()
    if not IS_ROOT:
        use_some()
    for path, text in play(screens, ids).items():
        file = os.path.join(sys.argv[1], path)
        os.makedirs(os.path.dirname(file), mode=0o777, exist_ok=True)
        with open(file, "w", encoding="utf-8") as screen:
            screen.write(text)


if __name__ == "__main__":
    main()
