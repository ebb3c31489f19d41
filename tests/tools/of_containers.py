# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""docker, podman, buildah and skopeo."""
import json

from tool import Tool

HAND_BACK = """printf %s "$1" | docker-credential-pat get | sed 's/.*"Secret":"//; s/".*//' |
docker login -u alice --password-stdin "$1"
"""


class Docker(Tool):
    name = "docker"
    adapter = "docker"
    scheme = "https"
    shows = True
    shows_at_most = 2  # it asks once for the manifest and once for the blob

    def configure(self, user=""):
        self.write(".docker/config.json", json.dumps({"credHelpers": {self.server.host: "pat"}}))

    is_usable_alone = True

    def after_found(self, case):
        """A login stores what it was given: a child, which is no new token."""
        login = self.world.start(self.home, ["sh", "-ec", HAND_BACK, "sh", self.server.host],
                                 {"SSL_CERT_FILE": f"{self.world.certificate}.crt"})
        text, _ = login.communicate(timeout=self.seconds)
        if login.returncode != 0 or len(self.world.ids()) != 1:
            raise AssertionError(f"docker login: {login.returncode}, {text}")

    def command(self):
        return ["docker", "manifest", "inspect", "--insecure",
                f"{self.server.host}/team/image:one"], {}


class Skopeo(Tool):
    name = "skopeo"
    adapter = "docker"
    is_usable_alone = True

    def places(self):
        return [f"https://{self.server.host}"]

    def configure(self, user=""):
        self.write("auth.json", json.dumps({"credHelpers": {self.server.host: "pat"}}))
        self.write(".config/containers/policy.json",
                   '{"default": [{"type": "insecureAcceptAnything"}]}')

    def command(self):
        return ["skopeo", "copy", "-q", "--src-tls-verify=false", "--authfile",
                f"{self.home}/auth.json", f"docker://{self.server.host}/team/image:one",
                f"dir:{self.home}/image"], {}


class Podman(Skopeo):
    name = "podman"
    options = "--cgroup-manager cgroupfs"

    def command(self):
        # What was pulled before would do, whatever the server says.
        return ["sh", "-ec", f'mkdir -p run; exec {self.name} {self.options} '
                '--root "$PWD/storage-$$" --runroot "$PWD/run-$$" --storage-driver vfs pull -q '
                '--tls-verify=false --authfile auth.json "$1"', "sh",
                f"{self.server.host}/team/image:one"], {"XDG_RUNTIME_DIR": f"{self.home}/run"}


class Buildah(Podman):
    name = "buildah"
    options = ""
