# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A person at a terminal: sees what a program shows there, and types the answers."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios

import pyte

SECONDS = 60
LINES_ABOVE = 1000  # that have left the screen
# The colon at the foot of less, where there is more to see.
PAGER_WAITS = re.compile(r":\s*$")


class Seen:
    """How it ended, and all lines that were shown: with those above the screen, unless a pager was
    all there was; `text` is the same without the ends of lines that a terminal makes."""

    def __init__(self, status, lines, text):
        self.status, self.lines, self.text = status, lines, text


def run(command, answers=(), *, size=(80, 24), env=None, cwd=None, account=None):
    """Runs a command of the shell. `answers`: (what is asked, a pattern; what is typed then), one
    after the other. `account`: whose process it is."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("4H", size[1], size[0], 0, 0))
    whose = {}
    if account is not None:
        os.fchown(follower, account.pw_uid, -1)
        whose = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    # It begins when the terminal is its own, so that no key is lost.
    process = subprocess.Popen(  # pylint: disable=consider-using-with
        ["setsid", "--ctty", "--wait", "sh", "-c", command], stdin=follower, stdout=follower,
        stderr=follower, env=env, cwd=cwd, **whose)
    os.close(follower)
    try:
        seen = _watch(leader, list(answers), size)
    finally:
        os.close(leader)
    return Seen(process.wait(SECONDS), *seen)


def _watch(leader, answers, size):
    screen = pyte.HistoryScreen(*size, history=LINES_ABOVE, ratio=0.5)
    stream = pyte.ByteStream(screen)
    text, unanswered, paged, is_asked = "", "", None, bool(answers)
    while select.select([leader], [], [], SECONDS)[0]:
        try:
            data = os.read(leader, 4096)
        except OSError:  # the last program that had it open has ended
            break
        stream.feed(data)
        text, unanswered = text + data.decode(), unanswered + data.decode()
        if answers and re.search(answers[0][0], unanswered):
            os.write(leader, answers.pop(0)[1].encode())
            unanswered = ""
        elif PAGER_WAITS.fullmatch(screen.display[-1]):
            paged = None if is_asked else paged or list(screen.display)
            os.write(leader, b"q")
    assert not answers, f"never asked for {answers}:\n{text}"
    above = ["".join(line[column].data for column in range(size[0]))
             for line in screen.history.top]
    return paged or above + list(screen.display), text.replace("\r", "")
