# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The tree of Debian that the machine boots, without patd. It is made once, by mmdebstrap with the
sources of this machine's apt, and kept under a name that says what it was made of."""
import debian

PACKAGES = ("systemd", "systemd-sysv", "dbus", "dbus-broker", "libpam-systemd", "cron",
            "openssh-server", "openssh-client", "nginx-light", "libnginx-mod-http-auth-pam", "git",
            "git-lfs", "curl", "procps", "login", "passwd", "ca-certificates",
            "dbus-user-session", "gnome-keyring",
            # what the packages of patd need
            "libcrypt1", "libpam0g", "libsecret-1-0", "libsqlite3-0", "libssl3", "libstdc++6",
            "libsystemd0", "libyaml-0-2")
# Nobody reads them there, and nothing of them is started.
HOOKS = (
    'chroot "$1" systemctl disable dbus-broker.service ssh.service nginx.service',
    'rm -f "$1"/etc/systemd/system/timers.target.wants/*',  # which there are depends on the release
    'rm -rf "$1"/usr/share/locale "$1"/usr/share/doc/* "$1"/var/cache/apt/*.bin',
    'rm -f "$1"/etc/ssh/ssh_host_*',
)


def ensure(cache, suite):
    """Gives the directory of the tree. Takes minutes the first time, nothing later."""
    return debian.keep(cache, f"base-{suite}", (PACKAGES, HOOKS), lambda tree: debian.bootstrap(
        suite, tree, PACKAGES, "--variant=minbase",
        *(f"--customize-hook={hook}" for hook in HOOKS)))
