# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Runs the EXAMPLES of patctl(1), patctl-json(7) and git-credential-pat(1) as they are printed, at
a terminal, as a person would, and what pat-tools(7) tells each tool to run: examples_test.py starts
it in tools/play.sh, with the folder of the pages. What they have in /usr/bin is in ~/bin here."""
import base64
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


def settings(page):
    """What is printed as code in each entry of SET UP, by its name."""
    with open(f"{sys.argv[1]}/{page}.md", encoding="utf-8") as file:
        section = file.read().split("\n# SET UP\n")[1].split("\n# ")[0]
    entries = re.findall(r"^\*\*(.+)\*\*\n:   ((?:.+\n(?:\n(?= ))?)+)", section, re.M)
    return {name: [re.sub(r"\s+", " ", code).replace("/usr/bin/", f"{HOME}/bin/")
                   for code in re.findall(r"`([^`]+)`", text)] for name, text in entries}


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
    write("bin/podman", "#!/bin/sh\ntest \"$1 $2\" = 'run -v' && test -S \"${3%%:*}/socket\"\n",
          0o700)
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


def follow_git_credential_pat():
    show, narrow, explain = recipes("git-credential-pat.1")
    shown = run(show)
    assert "username=" in shown and "password=patc1_" in shown, shown
    asked = ("git", "config", "--global", "--get-all", "credential.https://git.example.helper")
    run(narrow.replace("/usr/bin/", f"{HOME}/bin/"))
    assert ask(*asked).splitlines()[0] == ""
    child = dict(line.split("=", 1) for line in filled("https://git.example").splitlines())
    assert json.loads(ask("patctl", "--json", "verify", text=child["password"]))["permissions"] == [
        "vcs:repository:ro"]
    ask("git", "config", "--global", "--unset-all", asked[-1])
    assert "laptop" in run(explain)


def keep(url, user="robot"):
    """A secret that was made elsewhere, for `url`."""
    secret = f"secret-of-{re.sub('[^a-z]', '-', url)}"
    write("kept", secret)
    run(f"patctl import '{url}' -t '{url}' -u {user} --secret-fd 3 3<kept")
    return secret


def basic(secret):
    return "Basic " + base64.b64encode(f"robot:{secret}".encode()).decode()


def asked_by(tool, command, text, expected):
    """What `command`, a line of the shell that `tool` runs, answers to `text`."""
    answer = ask("sh", "-c", command, text=text)
    assert expected in answer, f"{tool}: {command}: {answer}"


def led_to_ours(link):
    """A link to where the package has the program, which here is in ~/bin."""
    name = os.path.basename(os.readlink(link))
    os.remove(link)
    os.symlink(f"{HOME}/bin/{name}", link)


# Of these tools CI has none: each program is started as its tool starts it, and hears what that
# says. (tools/test-tools.sh runs the tools.)
def follow_pat_tools():
    printed = settings("pat-tools.7")

    def code_of(tool, start):
        found = [code for code in printed[tool] if code.startswith(start)]
        assert found, f"{tool}: {start}: {printed[tool]}"
        return found[0]

    docker = json.loads("{%s}" % printed["docker, podman"][0])["credHelpers"]
    [(registry, name)] = docker.items()
    asked_by("docker", f"docker-credential-{name} get", registry, keep(f"https://{registry}"))

    cargo = re.search(r'"([^"]+)"\]', code_of("cargo", "[registry]"))[1]
    asked_by("cargo", f"{cargo} --cargo-plugin",
             '{"v":1,"registry":{"index-url":"sparse+https://index.example/"},"kind":"get",'
             '"operation":"read","args":[]}\n', keep("https://index.example"))

    kubectl = code_of("kubectl", "command: ").removeprefix("command: ")
    os.environ["KUBERNETES_EXEC_INFO"] = json.dumps(
        {"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
         "spec": {"cluster": {"server": "https://kube.example:6443"}, "interactive": False}})
    asked_by("kubectl", kubectl, "", keep("https://kube.example:6443"))

    aws = code_of("aws", "credential_process = ").removeprefix("credential_process = ")
    asked_by("aws", aws, "", keep(code_of("aws", "aws://")))

    run(code_of("pip", "patctl setup pip"))
    led_to_ours(f"{HOME}/.local/bin/keyring")
    asked_by("pip", "~/.local/bin/keyring get https://robot@pypi.example/simple robot", "",
             keep("https://pypi.example/simple"))

    go = code_of("go", "GOAUTH=").removeprefix("GOAUTH=").split(";")[0]
    asked_by("go", f"{go} https://mod.example/team/mod", "HTTP/1.1 401 Unauthorized\n\n",
             basic(keep("https://mod.example")))

    helper = re.search(r'"(\w+)"', code_of("terraform", "credentials_helper "))[1]
    asked_by("terraform", f"terraform-credentials-{helper} get tf.example", "",
             keep("https://tf.example"))

    link = code_of("pnpm", "//npm.example").removeprefix(
        "//npm.example/:tokenHelper=FOLDER/")
    os.symlink("git-credential-pat", f"{HOME}/bin/{link}")
    asked_by("pnpm", link, "", keep("https://npm.example"))
    url = code_of("pnpm", "pat-pnpm ")
    asked_by("pnpm", url, "", keep(url.split()[1]))

    label, client = re.search(r"(\w+)@(\S+)", code_of("ansible", "[defaults]")).groups()
    asked_by("ansible", f"{client} --vault-id {label}", "", keep(code_of("ansible", "vault://")))

    scope, helper = re.search(r"--credential_helper=([^=]+)=(\S+)",
                              code_of("bazel", "common ")).groups()
    asked_by("bazel", f"{helper} get", json.dumps({"uri": f"https://{scope}/a"}),
             basic(keep(f"https://{scope}")))

    lines = [code for code in printed["password commands"] if "pat-get" in code]
    assert lines, printed["password commands"]
    for command in lines:
        words = re.search(r"['\"](.+)['\"]", command)[1]
        asked_by(command.split()[0], words, "", keep(words.split()[1]))
    setup = next(code for code in printed["password commands"] if code.endswith(" URL"))
    assert "pat-get" in run(setup.replace("URL", "https://printed.example/repo"))


def link_programs():
    helper = ask("sh", "-c", "command -v git-credential-pat").strip()
    os.mkdir(f"{HOME}/bin")
    os.symlink(helper, f"{HOME}/bin/git-credential-pat")
    for name in ("pat-get docker-credential-pat cargo-credential-pat pat-kubectl pat-aws "
                 "pat-keyring pat-go terraform-credentials-pat pat-pnpm pat-vault-client "
                 "pat-bazel").split():
        os.symlink("git-credential-pat", f"{HOME}/bin/{name}")
    os.environ["PATH"] = f"{HOME}/bin:{os.environ['PATH']}"


link_programs()
follow_patctl()
follow_git_credential_pat()
follow_pat_tools()
follow_patctl_json()
