# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Runs the EXAMPLES of patctl(1) and patctl-json(7) as they are printed, at a terminal, as a person
would: examples_test.py starts it in tools/play.sh, with the folder of the pages."""
import json
import os
import pty
import re
import select
import subprocess
import sys

SECONDS = 60
PASSWORD = os.environ["PATD_PLAY_PASSWORD"]
HOME = os.environ["HOME"]
os.environ["GIT_TERMINAL_PROMPT"] = "0"
ANSWERS = {"[Y/n]": "n"}  # the password to every other question


def recipes(page):
    with open(f"{sys.argv[1]}/{page}.md", encoding="utf-8") as file:
        section = file.read().split("\n# EXAMPLES\n")[1].split("\n# ")[0]
    return [re.sub(r"^ {4}", "", block, flags=re.M)
            for block in re.findall(r"(?:^ {4}.*\S.*\n)+", section, re.M)]


def write(name, text, mode=0o600):
    with open(f"{HOME}/{name}", "w", encoding="utf-8",
              opener=lambda path, flags: os.open(path, flags, mode)) as file:
        file.write(text)


def ask(*command, text=None):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, check=True,
                          timeout=SECONDS, cwd=HOME).stdout


def run(recipe, **names):
    """What was seen; `names` are put in the place of the words in capitals."""
    for name, own in names.items():
        assert name in recipe, recipe
        recipe = recipe.replace(name, own)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(HOME)
        os.execvp("bash", ["bash", "-ec", recipe])
    screen, unanswered = "", ""
    while select.select([terminal], [], [], SECONDS)[0]:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the last program that had it open has ended
            break
        screen, unanswered = screen + data.decode(), unanswered + data.decode()
        asked = re.search(r"(password for \w+|\[Y/n\]):? $", unanswered)
        if asked:
            os.write(terminal, ANSWERS.get(asked[1], PASSWORD).encode() + b"\n")
            unanswered = ""
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0, f"{status}\n{recipe}\n{screen}"
    return screen.replace("\r", "")


def tokens():
    return {token["description"]: token["id"] for token in json.loads(ask("patctl", "--json",
                                                                          "list"))}


def filled(url):
    return ask("git", "credential", "fill", text=f"url={url}\n\n")


def follow_patctl():
    laptop, from_file, script, command, container = recipes("patctl.1")
    run(laptop)
    assert "password=" in filled("https://git.example"), "git gets no token"

    write(".git-credentials", "https://zoe:s3cret@old.example\n")
    run(from_file)
    assert not os.path.exists(f"{HOME}/.git-credentials")
    assert "password=s3cret" in filled("https://old.example")

    write("password", PASSWORD + "\n")
    run(script)
    assert os.stat(f"{HOME}/secret").st_mode & 0o777 == 0o600
    with open(f"{HOME}/secret", encoding="utf-8") as secret:
        ask("patctl", "verify", "-p", "vcs:repository:rw", text=secret.read())

    # Has the token in its descriptor alone, and with no more than was asked for.
    write("mirror", """#!/bin/bash
        set -eu; read -r token <&3; [ -z "${PATD_TOKEN-}" ]
        patctl verify -p vcs:repository:ro <<<"$token"
        ! patctl verify -p vcs:repository:rw <<<"$token"\n""", 0o700)
    run(command)

    # Stands for podman: sees what it is told to mount.
    os.mkdir(f"{HOME}/bin")
    write("bin/podman", "#!/bin/sh\ntest \"$1 $2\" = 'run -v' && test -S \"${3%%:*}/socket\"\n",
          0o700)
    os.environ["PATH"] = f"{HOME}/bin:{os.environ['PATH']}"
    run(container, ID=tokens()["laptop"])
    assert json.loads(ask("patctl", "--json", "expose")) == []


def follow_patctl_json():
    soon, today = recipes("patctl-json.7")
    run('patctl create "short" -p vcs:repository:ro -t https://short.example -e 1d')
    run('patctl create "unused" -p vcs:repository:ro -t https://unused.example -e 90d')
    known = tokens()
    assert run(soon).split() == [known["short"]]
    for _ in range(2):
        assert "password=" in filled("https://short.example")
    released = run(today).split()
    assert released.count(known["short"]) == 1 and known["unused"] not in released, released


follow_patctl()
follow_patctl_json()
