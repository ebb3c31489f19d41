# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The demonstration's last step: no secret is left anywhere, and the search would have found it."""
import base64
import os
import secrets
import subprocess

from person import PLAY
from processes import expect
from search import Search, changed_files

# Only this demonstration writes here, so even unknown tokens are looked for.
PRIVATE = (PLAY, "/run/patd", "/run/patd-auth", "/var/lib/patd", "/var/lib/patd-auth", "/etc")
MUST_RUN = {"patd", "dbus-daemon", "nginx", "fcgiwrap"}
UNKNOWN_TOKEN = "pat1_" + "Canary0000_" + "Ab1" * 16 + "x"  # the right shape, but nobody's


class Hunt:
    def __init__(self, known, stamp):
        """`known`: name -> secret. `stamp`: a file as old as the first of them."""
        self._canary = secrets.token_urlsafe(30)
        self._search = Search(known | {"the canary": self._canary})
        self._stamp = stamp

    def run(self, homes):
        """Plants canaries, searches once, and expects to find only them."""
        planted = {f"{homes[0]}/canary": base64.b64encode(self._canary.encode()),
                   f"{PLAY}/log/canary.log": f"a line of a log: {self._canary}\n".encode(),
                   f"{homes[1]}/canary": UNKNOWN_TOKEN.encode()}
        for path, data in planted.items():
            with open(path, "wb") as file:
                file.write(data)
        bird = self._start_bird()
        files = self._search_files(set(planted))
        memory = self._search_memory(bird.pid)
        bird.communicate(b"\n")
        return f"{files}; {memory}"

    def _start_bird(self):
        """A process that has the canary in its memory."""
        bird = subprocess.Popen(["sh", "-c", "read -r song; echo; read -r end"], env={},
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        bird.stdin.write(self._canary.encode() + b"\n")
        bird.stdin.flush()
        bird.stdout.readline()
        return bird

    def _search_files(self, planted):
        paths = changed_files(self._stamp)
        private = [path for path in paths if path.startswith(PRIVATE)]
        others = [path for path in paths if not path.startswith(PRIVATE)]
        expect(planted <= set(private), "the list of changed files lacks the canaries")
        found = self._search.files(private, shapes=True) | self._search.files(others, shapes=False)
        missed = planted - found.keys()
        expect(not missed, f"the search is blind: it did not find the canary in {missed}")
        leaks = {path: names for path, names in found.items() if path not in planted}
        expect(not leaks, f"secrets lie in files: {leaks}")
        return f"{len(paths)} changed files"

    def _search_memory(self, bird):
        names, total, guards = {}, 0, 0
        for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
            if pid == os.getpid():
                continue
            with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                name = file.read().strip()
            found, memory = self._search.memory(pid)
            expect(memory.unread == 0,
                   f"{memory.unread} pages of {name} (process {pid}) cannot be read")
            if pid == bird:
                expect(found == ["the canary"], "the search is blind: no canary in memory")
                continue
            if pid == 1:  # play.sh, which invented root's password
                found = [secret for secret in found if secret != "root's service password"]
            expect(not found, f"{name} (process {pid}) has in its memory: {', '.join(found)}")
            names[name] = names.get(name, 0) + 1
            total += len(memory.data)
            guards += memory.guards
        expect(MUST_RUN <= names.keys(), f"only these processes run: {names}")
        parts = ", ".join(f"{name} \u00d7{count}" for name, count in sorted(names.items()))
        unread = f"all but {guards} guard pages, which hold nothing; " if guards else ""
        return f"{total >> 20} MiB of memory ({unread}{parts})"
