# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Starting and awaiting processes, with exactly the descriptors and identity that they need."""
import os
import select
import signal
import sys


class PlayError(Exception):
    """An error that the caller can act on; its text is the whole message."""


def expect(condition, why):
    if not condition:
        raise PlayError(str(why))


def said(text):
    """A file in which somebody can read `text`."""
    reader, writer = os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    return os.fdopen(reader)


def spawn(argv, env, *, stdio=(0, 1, 2), listener=None, become=None, service=False):
    """Starts `argv` and returns its pid. `listener` becomes descriptor 3, announced as in
    sd_listen_fds(3). `become` is a pwd entry whose identity it takes. A `service` gets a separate
    session, so that no terminal reaches it, and inherits nothing else."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        try:
            _exec(argv, env, (*stdio, *([] if listener is None else [listener])), become, service)
        except FileNotFoundError:
            os.write(2, f"play: {argv[0]}: not found\n".encode())
            os._exit(127)
        except OSError as error:
            os.write(2, f"play: {argv[0]}: {error}\n".encode())
        finally:
            os._exit(126)
    return pid


def _exec(argv, env, files, become, service):
    for number, fd in enumerate([os.dup(fd) for fd in files]):  # the duplicates close on exec
        os.dup2(fd, number)
    if service:
        os.setsid()
        for name in os.listdir("/proc/self/fd"):
            if int(name) >= len(files):
                _set_close_on_exec(int(name))
    if len(files) > 3:
        env = {**env, "LISTEN_FDS": str(len(files) - 3), "LISTEN_PID": str(os.getpid())}
    if become is not None:
        os.initgroups(become.pw_name, become.pw_gid)
        os.setresgid(become.pw_gid, become.pw_gid, become.pw_gid)
        os.setresuid(become.pw_uid, become.pw_uid, become.pw_uid)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and children inherit that
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execvpe(argv[0], argv, env)


def _set_close_on_exec(fd):
    try:
        os.set_inheritable(fd, False)
    except OSError:
        pass  # the descriptor that listed the directory


def await_first(files, pid, seconds):
    """Waits until one of `files` is readable and returns it; None if `pid` ended first or time is
    up."""
    pidfd = os.pidfd_open(pid)
    try:
        ready, _, _ = select.select([*files, pidfd], [], [], seconds)
        return next((file for file in ready if file != pidfd), None)
    finally:
        os.close(pidfd)


def await_exit(pid, seconds):
    """Waits for a child and returns its exit status as a shell would report it; None if it is
    still running after `seconds`."""
    pidfd = os.pidfd_open(pid)
    try:
        if not select.select([pidfd], [], [], seconds)[0]:
            return None
    finally:
        os.close(pidfd)
    return exit_status(os.waitpid(pid, 0)[1])


def exit_status(wait_status):
    code = os.waitstatus_to_exitcode(wait_status)
    return code if code >= 0 else 128 - code
