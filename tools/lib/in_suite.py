# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""in_suite.py SUITE COMMAND...: runs COMMAND at the root of this checkout, with another Debian's
files as the root directory, as root, in separate namespaces; returns COMMAND's exit status.

The tree is made on first use, almost empty, in build/trees; it keeps what COMMAND installs
there. build/ in there is build/SUITE here, so that builds do not mix. The network and
the devices are this machine's."""
import os
import subprocess
import sys

import debian
from namespace import (MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_REC, mount, run_isolated,
                       unmount, wait_forwarding)
from processes import spawn

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PACKAGES = ("apt", "ca-certificates", "ccache", "util-linux")
# apt's source files go where a machine has them, so that trees can be made in the tree.
SOURCES = '''cd "$1/etc/apt" &&
for file in sources.list.d/*.sources; do
    [ ! -e "$file" ] || mv "$file" sources.list.d/debian.sources
done &&
for file in sources.list.d/*.list; do
    [ ! -e "$file" ] || mv "$file" sources.list
done'''
PASSED_ON = ("TERM", "http_proxy", "https_proxy", "no_proxy")


def ensure(suite):
    return debian.keep(f"{CHECKOUT}/build/trees", suite, (PACKAGES, SOURCES), lambda tree:
                       debian.bootstrap(suite, tree, PACKAGES, "--variant=minbase",
                                        f"--customize-hook={SOURCES}"))


def _folder_of_git():
    """What a worktree has outside of the checkout: a list of one, or of none."""
    try:
        found = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", CHECKOUT, "rev-parse",
             "--path-format=absolute", "--git-common-dir"],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return []
    return [] if found.startswith(f"{CHECKOUT}/") else [found]


def _show(source, place, flags=MS_BIND):
    """Shows a file or a directory at a place in the tree, which is created if missing."""
    if os.path.isdir(source):
        os.makedirs(place, exist_ok=True)
    elif not os.path.exists(place):
        with open(place, "wb"):
            pass
    mount(source, place, flags=flags)


def _enter(tree, folders):
    """Makes the tree the root directory. Not a chroot, in which no user namespace can be made."""
    _show(tree, tree)
    mount("proc", f"{tree}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    for place in ("/run", "/tmp"):
        mount("tmpfs", f"{tree}{place}", "tmpfs", MS_NOSUID | MS_NODEV,
              f"mode={'1777' if place == '/tmp' else '755'}")
    for place in ("/dev", "/sys"):
        _show(place, f"{tree}{place}", MS_BIND | MS_REC)
    for place, source in folders.items():
        _show(source, f"{tree}{place}")
    _show(os.path.realpath("/etc/resolv.conf"), f"{tree}/etc/resolv.conf")
    os.chdir(tree)
    subprocess.run(["pivot_root", ".", "."], check=True)
    unmount(".")  # the former root directory, which is now on top
    os.chdir(CHECKOUT)


def _run(tree, folders, command):
    _enter(tree, folders)
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                   "HOME": "/root", "LANG": "C.UTF-8", "CCACHE_DIR": f"{CHECKOUT}/build/ccache"}
    environment |= {name: value for name, value in os.environ.items()
                    if name in PASSED_ON or name.startswith("PATD_")}
    return wait_forwarding(spawn(command, environment), grace=20)


def main(suite, *command):
    tree, build = ensure(suite), f"{CHECKOUT}/build/{suite}"
    os.makedirs(build, exist_ok=True)
    folders = {path: path for path in (CHECKOUT, *_folder_of_git())}
    return run_isolated(lambda: _run(tree, {**folders, f"{CHECKOUT}/build": build}, command))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
