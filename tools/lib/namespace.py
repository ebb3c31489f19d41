# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Separate mount and PID namespaces, and private directories inside them.

Everything is mounted, nothing is created on the host: when the last process of the namespace ends,
even by SIGKILL, nothing is left. There is no user namespace, so uids keep their usual meaning.
"""
import ctypes
import errno
import os
import select
import signal
import stat
import sys
import time
import traceback

from processes import exit_status

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
MNT_DETACH = 2
CLONE_NEWNS, CLONE_NEWPID = 0x00020000, 0x20000000
PR_SET_PDEATHSIG = 1
SI_KERNEL = 128  # <asm-generic/siginfo.h>: the terminal sent it, to the whole process group
FORWARDED = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source, target, fstype=None, flags=0, data=None):
    texts = [None if text is None else os.fsencode(text) for text in (source, target, fstype, data)]
    _check(_libc.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]),
           f"mount {target}")


def unmount(target):
    """Unmounts what is mounted at `target`, and everything mounted inside it."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount {target}")


def bind(source, target):
    """Shows the file or directory `source` also at `target`, which must exist."""
    mount(source, target, flags=MS_BIND | MS_REC)


def show_inside(tree, *paths):
    """Shows these files and folders of the machine, which begin with no /, also in the root
    directory `tree`."""
    for path in paths:
        inside, outside = f"{tree}/{path}", f"/{path}"
        if os.path.isdir(outside):
            os.makedirs(inside, exist_ok=True)
        else:
            with open(inside, "a", encoding="ascii"):
                pass
        bind(outside, inside)


def enter(tree, exposure=None):
    """This process, which has one thread, gets mounts of its own and `tree` as its root directory;
    `exposure` is there in place of /run/patd. It is no chroot, in which there are no user
    namespaces."""
    _check(_libc.unshare(CLONE_NEWNS), "unshare")
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    if exposure:
        bind(exposure, f"{tree}/run/patd")
    if tree:
        bind(tree, tree)
        os.chdir(tree)
        _check(_libc.pivot_root(b".", b"."), "pivot_root")
        _check(_libc.umount2(b".", MNT_DETACH), "umount")


def _make_mounts_private():
    try:
        mount("none", "/", flags=MS_REC | MS_PRIVATE)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        # In a chroot "/" is not a mount point. Make it one and step into it ("/.." follows a mount
        # on top of the root directory).
        here = os.getcwd()
        bind("/", "/")
        os.chdir("/..")
        os.chroot(".")
        mount("none", "/", flags=MS_REC | MS_PRIVATE)
        os.chdir(here)


def wait_forwarding(pid, grace, on_other=lambda pid, status: None):
    """Waits until `pid` is reaped and returns its exit status as a shell would report it. Reaps
    every other child on the way and reports it to `on_other`. SIGINT, SIGTERM and SIGHUP, which
    are blocked like SIGCHLD, are passed on to `pid`; it gets `grace` seconds from the first one,
    then it is killed."""
    awaited = FORWARDED | {signal.SIGCHLD}
    deadline = None
    while True:
        info = (signal.sigwaitinfo(awaited) if deadline is None else
                signal.sigtimedwait(awaited, max(0, deadline - time.monotonic())))
        if info is None:
            os.kill(pid, signal.SIGKILL)
            deadline = None
        elif info.si_signo in FORWARDED and info.si_code != SI_KERNEL:
            os.kill(pid, info.si_signo)
            deadline = deadline or time.monotonic() + grace
        status = _reap_until(pid, on_other)
        if status is not None:
            return status


def _reap_until(pid, on_other):
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        if ended == 0:
            return None
        if ended == pid:
            return exit_status(status)
        on_other(ended, exit_status(status))


def run_isolated(main):
    """Runs `main()` as PID 1 of a new PID and mount namespace and returns its exit status. `main`
    starts with SIGINT, SIGTERM, SIGHUP and SIGCHLD blocked. When it or this process ends, by
    any signal, the kernel ends every process in the namespace."""
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED | {signal.SIGCHLD})
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's `&` makes its children ignore it
    _check(_libc.unshare(CLONE_NEWNS | CLONE_NEWPID), "unshare (root and CAP_SYS_ADMIN needed)")
    _make_mounts_private()
    outside = os.pidfd_open(os.getpid())
    sys.stdout.flush()
    pid = os.fork()
    if pid != 0:
        return wait_forwarding(pid, grace=10)
    status = 1
    try:
        _check(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), "prctl")
        if not _has_ended(outside):
            os.close(outside)
            mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
            status = main()
    except BaseException:  # the fork must end here, whatever happens
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _has_ended(pidfd):
    ended = select.poll()
    ended.register(pidfd, select.POLLIN)  # readable once the process is gone
    return bool(ended.poll(0))


def mirror(directory, without=()):
    """Makes `directory` a private tmpfs with the same entries, except those in `without`. An entry
    is still the host's own; what is created beside it exists only in this namespace."""
    entries = [(name, _open_entry(directory, name)) for name in os.listdir(directory)
               if name not in without]
    mode = stat.S_IMODE(os.stat(directory).st_mode)
    mount("tmpfs", directory, "tmpfs", MS_NOSUID, f"mode={mode:o}")
    for name, entry in entries:
        if entry is None:
            continue
        target = os.path.join(directory, name)
        if isinstance(entry, str):
            os.symlink(entry, target)
            continue
        if stat.S_ISDIR(os.fstat(entry).st_mode):
            os.mkdir(target)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
        bind(f"/proc/self/fd/{entry}", target)
        os.close(entry)


def _open_entry(directory, name):
    path = os.path.join(directory, name)
    try:
        if os.path.islink(path):
            return os.readlink(path)
        return os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None  # it vanished meanwhile
