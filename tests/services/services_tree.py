# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The Debian 12 that services are played in: what patd needs, the packages that their examples
name, and the clients. Nothing of it starts by itself."""
import debian

PACKAGES = ("systemd", "systemd-sysv", "dbus", "libpam-systemd", "login", "passwd", "procps",
            "sudo", "openssl", "ca-certificates", "curl",
            # what the package of patd needs
            "libcrypt1", "libpam0g", "libsqlite3-0", "libssl3", "libstdc++6", "libsystemd0")
# Nobody reads them there, and what is lost in a crash is made again.
DPKG_OPTIONS = ("force-unsafe-io", "path-exclude=/usr/share/doc/*", "path-exclude=/usr/share/man/*",
                "path-exclude=/usr/share/locale/*", "path-exclude=/usr/share/info/*")
# Units of packages are enabled when they are installed; what is wanted is started by its example.
HOOKS = (
    'chroot "$1" sh -c \'cd /etc/systemd/system && '
    'rm -rf *.wants/* && rm -f /etc/rc[2345].d/S*\'',
    'rm -rf "$1"/var/cache/apt/*.bin',
    'rm -f "$1"/etc/ssh/ssh_host_*',
)


def ensure(cache, name, services):
    """Gives the directory of the tree. Takes minutes the first time, nothing later."""
    packages = list(PACKAGES)
    for service in services:
        packages += service.packages
        for file in service.files:
            packages += file.packages
    packages = sorted(set(packages))

    def make(tree):
        debian.bootstrap(debian.SUITE, tree, packages, "--variant=minbase",
                         *(f"--dpkgopt={option}" for option in DPKG_OPTIONS),
                         *(f"--customize-hook={hook}" for hook in HOOKS))

    return debian.keep(cache, name, (debian.SUITE, packages, DPKG_OPTIONS, HOOKS), make)
