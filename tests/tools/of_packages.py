# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""pip, cargo, pnpm and go."""
import os
import re

from tool import Tool


class Pip(Tool):
    name = "pip"
    program = "pip3"
    adapter = "pip"
    names_user = True
    shows_at_most = 2  # it asks about the index, and then about its host

    @property
    def version(self):
        with open(f"{self.world.tree}/usr/lib/python3/dist-packages/pip/__init__.py",
                  encoding="utf-8") as module:
            found = re.search(r'__version__ = "(\d+)\.(\d+)', module.read())
        return tuple(int(number) for number in found.groups())

    @property
    def shows(self):
        """Debian 12's takes what the program says, and drops it; so do newer ones again."""
        return (23, 0) < self.version < (26, 2)

    def configure(self, user=""):
        self.user = user or self.user

    def command(self, user=None):
        user = f"{self.user}@" if user is None else user
        return ["sh", "-ec", 'rm -rf got; exec pip3 download -q --no-deps --no-cache-dir '
                '--disable-pip-version-check -d got --index-url "$1" private', "sh",
                f"http://{user}{self.server.host}/simple"], {}

    def after_found(self, case):
        """Newer ones ask for an index without a user name too."""
        argv, more = self.command(user="")
        status, text = case.run(command=(argv, more))
        if (status == 0) != (self.version >= (26, 2)):
            raise AssertionError(f"without a user name: status {status}: {text}")

    setup = ("pip", "--link")
    setup_file = ".config/pip/pip.conf"

    def configure_before_setup(self):
        self.write(".config/pip/pip.conf", "[global]\n# alice's\ntimeout = 30\n")

    def command_after_setup(self):
        argv, more = self.command()
        # The link that setup has made, and no other.
        return argv, {**more, "PATH": f"{self.home}/.local/bin:/usr/bin:/bin"}


class Cargo(Tool):
    name = "cargo"
    adapter = "cargo"
    permissions = {"artifact:version:ro"}  # of the children that its server is sent

    def configure(self, user=""):
        self.write("crate/Cargo.toml", '[package]\nname = "x"\nversion = "0.1.0"\n'
                   'edition = "2021"\ndescription = "x"\nlicense = "0BSD"\n'
                   '[dependencies]\nprivate = { version = "1", registry = "priv" }\n')
        self.write("crate/src/lib.rs", "")
        self.write(".cargo/config.toml",
                   f'[registries.priv]\nindex = "sparse+{self.server.url}/index/"\n[registry]\n'
                   f'global-credential-providers = ["cargo-credential-pat"]\n')

    def command(self):
        return ["sh", "-ec", 'rm -rf .cargo/registry; exec "$1" fetch --manifest-path '
                'crate/Cargo.toml', "sh", self.path], {
                    "RUSTC": f"{os.path.dirname(self.path)}/rustc"}


    setup = ("cargo",)
    setup_file = ".cargo/config.toml"

    def configure_before_setup(self):
        self.configure()
        self.write(".cargo/config.toml", "# alice's\n[registries.priv]\n"
                   f'index = "sparse+{self.server.url}/index/"  # ours\n')

    def after_found(self, case):
        sent = {permissions for _, permissions in self.world.kinds.values()}
        if sent != self.permissions:
            raise AssertionError(f"its server was sent children for {sent}")


class CargoOwners(Cargo):
    """A request for more than to read: cargo reads with one child, and asks with another."""
    name = "cargo-owners"
    program = "cargo"
    permissions = {"artifact:version:ro", "artifact:version:rw"}

    def command(self):
        return [self.path, "owner", "--registry", "priv", "--list", "private"], {}


class CargoYank(CargoOwners):
    name = "cargo-yank"

    def command(self):
        return [self.path, "yank", "--registry", "priv", "--version", "1.0.0", "private"], {}


class CargoPublish(CargoOwners):
    name = "cargo-publish"

    def configure(self, user=""):
        super().configure(user)
        # Eight publish at once.
        self.crate = f"crate{os.path.basename(self.home).rpartition('-')[2]}"
        manifest = f"{self.home}/crate/Cargo.toml"
        with open(manifest, encoding="utf-8") as file:
            text = file.read().replace('"x"\nversion', f'"{self.crate}"\nversion')
        self.write("crate/Cargo.toml", text)

    def command(self):
        return ["sh", "-ec", 'rm -rf .cargo/registry; exec "$1" publish --registry priv '
                "--no-verify --allow-dirty --manifest-path crate/Cargo.toml", "sh", self.path], {
                    "RUSTC": f"{os.path.dirname(self.path)}/rustc"}


CARGO_HAND_BACK = """child() {
printf '{"v":1,"registry":{"index-url":"sparse+%s/index/"},"kind":"get",' "$1"
printf '"operation":"read"}\\n'
}
child "$2" | cargo-credential-pat --cargo-plugin | sed -n 's/.*"token":"//; T; s/".*//; p' |
"$1" login --registry priv
"$1" logout --registry priv
"$1" owner --registry priv --list private
"""


class CargoLogin(CargoOwners):
    """A login stores what it was given, a child, which is no new token; a logout takes away nothing
    that cargo did not bring."""
    name = "cargo-login"

    def command(self):
        return ["sh", "-ec", CARGO_HAND_BACK, "sh", self.path, self.server.url], {}

    def after_found(self, case):
        super().after_found(case)
        if len(self.world.ids()) != 1:
            raise AssertionError("cargo login has brought a token")


class Pnpm(Tool):
    name = "pnpm"
    adapter = "pnpm"
    shows = False

    def configure(self, user=""):
        helper = self.write("pat-pnpm-here", '#!/bin/sh\n'
                            f'exec pat-pnpm http://{self.server.host}/\n', 0o755)
        self.write(".npmrc", f"registry={self.server.url}/\n//{self.server.host}/:tokenHelper="
                   f"{helper}\nfetch-retries=0\nupdate-notifier=false\n")
        self.write("package.json", '{"name": "x", "version": "1.0.0"}')

    def command(self):
        return ["sh", "-ec", 'rm -rf store node_modules pnpm-lock.yaml .cache; exec "$1" add '
                "--store-dir store private", "sh", self.path], {}


    setup = ("pnpm",)
    setup_file = ".npmrc"

    def setup_places(self):
        return (f"{self.server.url}/",)

    def configure_before_setup(self):
        self.configure()
        self.write(".npmrc", f"; alice's\nregistry={self.server.url}/\nfetch-retries=0\n"
                   "update-notifier=false\n")


class Go(Tool):
    name = "go"
    adapter = "go"
    scheme = "https"
    shows = False

    def command(self):
        # What was fetched before would do.
        return ["sh", "-ec", 'rm -rf go; exec "$1" mod download "$2"', "sh", self.path,
                "private.example/m@v1.0.0"], {
            "GOAUTH": "pat-go", "GOFLAGS": "-modcacherw", "GOSUMDB": "off",
            "GOPROXY": f"{self.server.url}/go",
            "GOTOOLCHAIN": "local", "SSL_CERT_FILE": f"{self.world.certificate}.crt",
            "GOPATH": f"{self.home}/go"}

    setup = ("go",)
    setup_file = ".config/go/env"

    def configure_before_setup(self):
        self.write(".config/go/env", "GOFLAGS=-modcacherw\n")

    def command_after_setup(self):
        argv, more = self.command()
        del more["GOAUTH"]
        return argv, more
