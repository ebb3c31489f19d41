# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""in_tree.py SUITE CACHE BUILD RESULTS: keyring_test.py with the keyrings and libraries of another
Debian, whose files become the root directory meanwhile. The tree is made once. As root."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, f"{CHECKOUT}/tools/lib")
import debian  # noqa: E402: the path comes first
from namespace import bind, mount, run_isolated  # noqa: E402
from processes import await_exit, spawn  # noqa: E402

KEYRINGS = {"gnome-keyring": ("gnome-keyring",), "keepassxc": ("keepassxc-full",),
            "kwallet": ("kwallet6", "libqca-qt6-plugins")}
# What the tests and patd's programs need.
COMMON = ("dbus-daemon", "python3", "python3-jeepney", "util-linux", "libsecret-1-0",
          "libsqlite3-0", "libssl3t64", "libstdc++6", "libsystemd0", "libcrypt1", "libpam0g",
          "libyaml-0-2", "systemd")
SECONDS = 900


def ensure(suite, cache):
    packages = (*COMMON, *(name for names in KEYRINGS.values() for name in names))
    return debian.keep(cache, f"keyrings-{suite}", packages, lambda tree: debian.bootstrap(
        suite, tree, packages, "--variant=minbase"))


def run(tree, build, results):
    """In separate namespaces: what is mounted and started ends with them."""
    bind(tree, tree)  # the root directory must be a mount point: some tests make namespaces too
    for folder in ("/dev", "/proc", f"{CHECKOUT}/tests", f"{CHECKOUT}/tools", build, results):
        os.makedirs(f"{tree}{folder}", exist_ok=True)
        bind(folder, f"{tree}{folder}")
    mount("tmpfs", f"{tree}/tmp", "tmpfs")
    os.chroot(tree)
    os.chdir("/")
    failed = 0
    for name in (*KEYRINGS, "keepassxc-asking"):
        if name == "kwallet" and os.path.exists("/usr/bin/ksecretd"):
            name = "ksecretd"
        status = await_exit(
            spawn(["/usr/bin/python3", "-B", f"{HERE}/keyring_test.py", name,
                   f"{results}/{name}.json"],
                  {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PATD_BUILD_DIR": build,
                   "PATD_KEYRING_ONLY": os.environ.get("PATD_KEYRING_ONLY", "")}), SECONDS)
        failed += status != 0
    return 1 if failed else 0


def main(suite, cache, build, results):
    tree = ensure(suite, cache)
    os.makedirs(results, exist_ok=True)
    return run_isolated(lambda: run(tree, os.path.realpath(build), os.path.realpath(results)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
