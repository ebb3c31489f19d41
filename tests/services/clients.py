# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The clients, as programs in the machine. A secret is passed over standard input."""
from processes import PlayError

SECONDS = 90


def curl(machine, url, *options, login=None, proxy_login=None, source="127.0.0.1"):
    """The Outcome; its output ends with a server's last status."""
    lines = [f'{name} = "{":".join(value)}"\n'
             for name, value in (("user", login), ("proxy-user", proxy_login)) if value is not None]
    return machine.run("curl", "-k", "-s", "-K", "-", "-w", "\n%{response_code}", "--interface",
                       source, *options, url, text="".join(lines), seconds=SECONDS)


def http(machine, url, user, secret, source, *options, good=("200",), refused="401"):
    outcome = curl(machine, url, *options, login=(user, secret), source=source)
    return _judge(outcome, outcome.output.rsplit("\n", 1)[-1], good, (refused,))


def curl_login(machine, url, user, secret, source, *options):
    """For protocols other than HTTP: curl's own status says that a login was denied."""
    outcome = curl(machine, url, *options, login=(user, secret), source=source)
    return _judge(outcome, outcome.status, (0,), (67,))


def _judge(outcome, answer, good, refused):
    if answer in good:
        return True
    if answer in refused:
        return False
    raise PlayError(f"neither let in nor refused ({answer}): {outcome}")


def with_secret(machine, variable, secret, *command):
    """The Outcome of a command that finds the secret in a variable."""
    script = f'read -r {variable} && export {variable} && exec "$@"'
    return machine.run("sh", "-c", script, "sh", *command, text=f"{secret}\n", seconds=SECONDS)


def by_words(outcome, refused, good=""):
    """Whether it succeeded; a failure must contain the words of a refusal."""
    if outcome.status == 0 and good in outcome.output:
        return True
    if refused in outcome.output:
        return False
    raise PlayError(f"neither let in nor refused: {outcome}")
