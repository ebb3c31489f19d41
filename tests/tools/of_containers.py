# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""docker, podman, buildah and skopeo."""
import json
import os

from registry import Registry, find_registry
from tool import Tool

HAND_BACK = """host=$1; shift
printf %s "$host" | docker-credential-pat get | sed 's/.*"Secret":"//; s/".*//' |
"$@" -u alice --password-stdin "$host"
"""


def hand_back(tool, *login):
    """A login stores what it was given: a child, which is no new token."""
    started = tool.world.start(tool.home, ["sh", "-ec", HAND_BACK, "sh", tool.server.host, *login],
                               {"SSL_CERT_FILE": f"{tool.world.certificate}.crt",
                                "XDG_RUNTIME_DIR": f"{tool.home}/run"})
    text, _ = started.communicate(timeout=tool.seconds)
    if started.returncode != 0 or len(tool.world.ids()) != 1:
        raise AssertionError(f"{login}: {started.returncode}, {text}")


class Docker(Tool):
    name = "docker"
    adapter = "docker"
    scheme = "https"
    shows = True
    shows_at_most = 2  # it asks once for the manifest and once for the blob

    def configure(self, user=""):
        self.write(".docker/config.json", json.dumps({"credHelpers": {self.server.host: "pat"}}))

    is_usable_alone = True

    setup = ("docker",)
    setup_file = ".docker/config.json"

    def configure_before_setup(self):
        self.write(".docker/config.json", '{\n\t"detachKeys": "ctrl-e,e"\n}\n')

    def after_found(self, case):
        hand_back(self, "docker", "login")

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

    setup = ("podman",)
    setup_file = ".config/containers/auth.json"

    def configure_before_setup(self):
        self.configure()
        self.write(".config/containers/auth.json", '{"auths": {}}')

    def login(self):
        return ["skopeo", "login", "--tls-verify=false", "--authfile", "auth.json"]

    def after_found(self, case):
        hand_back(self, *self.login())

    def command_after_setup(self):
        argv, more = self.command()
        return [word.replace(" --authfile auth.json", "") for word in argv
                if word not in ("--authfile", f"{self.home}/auth.json")], more

    def command(self):
        return ["skopeo", "copy", "-q", "--src-tls-verify=false", "--authfile",
                f"{self.home}/auth.json", f"docker://{self.server.host}/team/image:one",
                f"dir:{self.home}/image"], {}


class Podman(Skopeo):
    name = "podman"
    options = "--cgroup-manager cgroupfs"

    def in_own_storage(self, *words):
        return [self.program or self.name, *self.options.split(), "--root", f"{self.home}/s",
                "--runroot", f"{os.path.dirname(self.home)}/r", "--storage-driver", "vfs", *words]

    def login(self):
        return self.in_own_storage("login", "--tls-verify=false", "--authfile", "auth.json")

    def after_found(self, case):
        """A logout from all registries takes out what setup wrote, and doctor notices."""
        super().after_found(case)
        self.world.must("setup", "podman", home=self.home)
        started = self.world.start(
            self.home, self.in_own_storage("logout", "--all", "--authfile", self.setup_file),
            {"XDG_RUNTIME_DIR": f"{self.home}/run"})
        text, _ = started.communicate(timeout=self.seconds)
        told = " ".join(self.world.patctl("doctor", home=self.home).stdout.split())
        if f"podman was set up for {self.server.host}, and is not any more" not in told:
            raise AssertionError(f"doctor does not notice '{text}': {told}")

    def command(self):
        # What was pulled before would do, whatever the server says; a run root has 50 characters
        # at most.
        return ["sh", "-ec", f'mkdir -p run; exec {self.program or self.name} '
                f'{self.options} --root "$PWD/storage-$$" --runroot "${{PWD%/*}}/r$$" '
                '--storage-driver vfs pull -q --tls-verify=false --authfile auth.json "$1"', "sh",
                f"{self.server.host}/team/image:one"], {"XDG_RUNTIME_DIR": f"{self.home}/run"}


class Buildah(Podman):
    name = "buildah"
    options = ""


class AtRegistry:
    """At Debian's docker-registry, which lets in whom a server of tokens has named."""

    @classmethod
    def find(cls, tree):
        return super().find(tree) if find_registry(tree) else None

    def make_server(self):
        server = Registry(self.world, self.scheme, self.home)
        self.world.servers.append(server)
        return server


class DockerAtRegistry(AtRegistry, Docker):
    name = "docker-at-registry"
    program = "docker"


class SkopeoAtRegistry(AtRegistry, Skopeo):
    name = "skopeo-at-registry"
    program = "skopeo"


class PodmanAtRegistry(AtRegistry, Podman):
    name = "podman-at-registry"
    program = "podman"


class BuildahAtRegistry(AtRegistry, Buildah):
    name = "buildah-at-registry"
    program = "buildah"
