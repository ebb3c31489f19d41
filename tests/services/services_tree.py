# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The Debian 12 that services are played in: what patd needs, the packages that their examples
name, and the clients. Nothing in it starts by itself."""
import debian

PACKAGES = ("systemd", "systemd-sysv", "dbus", "libpam-systemd", "login", "passwd", "procps",
            "sudo", "openssl", "ca-certificates", "curl",
            # what the package of patd needs
            "libcrypt1", "libpam0g", "libsqlite3-0", "libssl3", "libstdc++6", "libsystemd0",
            "libyaml-0-2")
# A root directory of its own for what Debian 12 does not have, and its folder in the tree.
NEWER_SUITE = "trixie"
NEWER = "/opt/newer"
NEWER_PACKAGES = ("libc-bin",)  # ldconfig, which every Debian has
# Nobody reads them there, and what a crash loses is made again.
DPKG_OPTIONS = ("force-unsafe-io", "path-exclude=/usr/share/doc/*", "path-exclude=/usr/share/man/*",
                "path-exclude=/usr/share/locale/*", "path-exclude=/usr/share/info/*")
# Packages' units are enabled when they are installed; its example starts what is wanted.
HOOKS = (
    'chroot "$1" sh -c \'cd /etc/systemd/system && '
    'rm -rf *.wants/* && rm -f /etc/rc[2345].d/S*\'',
    'rm -rf "$1"/var/cache/apt/*.bin',
    'rm -f "$1"/etc/ssh/ssh_host_*',
)


def ensure(cache, name, services):
    """Gives the directory of the tree. Takes minutes the first time, nothing later."""
    packages = sorted(set(PACKAGES).union(*(service.packages for service in services),
                                          _named(services, newer=False)))
    newer_packages = sorted(_named(services, newer=True))
    if newer_packages:
        newer_packages += NEWER_PACKAGES

    def make(tree):
        debian.bootstrap(debian.SUITE, tree, packages, "--variant=minbase",
                         *(f"--dpkgopt={option}" for option in DPKG_OPTIONS),
                         *(f"--customize-hook={hook}" for hook in HOOKS))
        if newer_packages:
            # Nothing in it is configured.
            debian.bootstrap(NEWER_SUITE, f"{tree}{NEWER}", newer_packages, "--variant=extract")

    recipe = (debian.SUITE, packages, DPKG_OPTIONS, HOOKS, NEWER_SUITE, newer_packages)
    return debian.keep(cache, name, recipe, make)


def _named(services, newer):
    """The packages that the examples name."""
    return {package for service in services if service.newer == newer
            for file in service.files for package in file.packages}
