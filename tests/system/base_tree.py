# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The Debian 12 tree that the machine boots, without patd; in it the git of the Debian after that.
It is made once, by mmdebstrap with the sources of this machine's apt, and kept under a name that
says what it was made of."""
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile

SUITE = "bookworm"
PACKAGES = ("systemd", "systemd-sysv", "dbus", "dbus-broker", "libpam-systemd", "cron",
            "openssh-server", "openssh-client", "nginx-light", "libnginx-mod-http-auth-pam", "git",
            "curl", "procps", "login", "passwd", "ca-certificates",
            "dbus-user-session", "gnome-keyring",
            # what the packages of patd need
            "libcrypt1", "libpam0g", "libsecret-1-0", "libsqlite3-0", "libssl3", "libstdc++6",
            "libsystemd0")
# A root directory of its own for a git that knows authtype and state, and its folder in the tree.
NEWER_SUITE = "trixie"
NEWER_PACKAGES = ("base-files", "coreutils", "dash", "git")
NEWER_GIT = "/opt/newer-git"
# Nobody reads them there, and nothing of them is started.
HOOKS = (
    'chroot "$1" systemctl disable dbus-broker.service ssh.service nginx.service'
    " apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer",
    'rm -rf "$1"/usr/share/locale "$1"/usr/share/doc/* "$1"/var/cache/apt/*.bin',
    'rm -f "$1"/etc/ssh/ssh_host_*',
)
SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources")
DEFAULT_SOURCE = "deb http://deb.debian.org/debian {} main\n"


def _recipe():
    sources = [path for path in SOURCES if os.path.exists(path) and os.path.getsize(path) > 0]
    digest = hashlib.sha256(repr((SUITE, PACKAGES, HOOKS, NEWER_SUITE, NEWER_PACKAGES)).encode())
    for path in sources:
        with open(path, "rb") as file:
            digest.update(file.read())
    return sources, digest.hexdigest()[:16]


def _debian_sources(paths, folder, suite):
    """Files that name the sources of `suite`. Only what is Debian's own: other people's
    repositories are no part of the machine."""
    chosen = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if SUITE in text:
            _write(f"{folder}/{suite}-{os.path.basename(path)}", text.replace(SUITE, suite), chosen)
    if not chosen:
        _write(f"{folder}/{suite}.list", DEFAULT_SOURCE.format(suite), chosen)
    return chosen


def _write(path, text, written):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    written.append(path)


def ensure(cache):
    """Gives the directory of the tree. Takes minutes the first time, nothing later."""
    sources, key = _recipe()
    tree = f"{cache}/base-{key}"
    os.makedirs(cache, exist_ok=True)
    with open(f"{cache}/lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(tree):
            for name in os.listdir(cache):  # of other recipes, and what was interrupted
                if name.startswith(("base-", "making-")):
                    shutil.rmtree(f"{cache}/{name}")
            making = tempfile.mkdtemp(prefix="making-", dir=cache)
            _make(f"{making}/tree", _debian_sources(sources, making, SUITE))
            _add_newer_git(f"{making}/tree", _debian_sources(sources, making, NEWER_SUITE))
            os.rename(f"{making}/tree", tree)
            shutil.rmtree(making)
    return tree


def _make(tree, sources):
    hooks = [f"--customize-hook={hook}" for hook in HOOKS]
    _bootstrap("--variant=minbase", f"--include={','.join(PACKAGES)}", *hooks, SUITE, tree,
               *sources)


def _add_newer_git(tree, sources):
    # Nothing of it is configured: git needs its files only.
    _bootstrap("--variant=extract", f"--include={','.join(NEWER_PACKAGES)}", NEWER_SUITE,
               f"{tree}{NEWER_GIT}", *sources)


def _bootstrap(*arguments):
    subprocess.run(["mmdebstrap", "--quiet", "--format=directory", *arguments], check=True,
                   stdin=subprocess.DEVNULL)
