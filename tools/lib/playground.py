# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A private machine for patd: directories, accounts, a system bus, the daemons. It is built inside
the namespaces of namespace.py and vanishes with them."""
import glob
import os
import pwd
import secrets
import shutil
import signal
import socket

from accounts import ensure_account
from namespace import bind, mirror, wait_forwarding
from processes import PlayError, await_exit, await_first, spawn

PLAY = "/run/patd-play"
CLIENTS = ("patctl", "git-credential-pat")
DAEMONS = ("patd", "patd-auth", "patd-counter", "patd-enroll")
MODULE = "pam_pat.so"
START_SECONDS = 30
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

BUS_CONFIG = """<busconfig>
  <type>system</type>
  <listen>unix:path={play}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus.Properties"/>
  </policy>
  <policy user="root">
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus.Monitoring"/>
  </policy>
  <include>{play}/org.patd.Tokens1.conf</include>
</busconfig>
"""


class Playground:
    def __init__(self, checkout, build):
        self._checkout = checkout
        self._build = build
        self._services = {}  # pid: name
        self._environment = {name: value for name, value in os.environ.items()
                             if name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS",
                                         "UBSAN_OPTIONS")}
        self._environment |= {"PATH": SYSTEM_PATH, "LANG": "C.UTF-8",
                              "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={PLAY}/bus"}

    def build_up(self):
        """Mounts, accounts and files. Nothing is started yet."""
        # Nothing that people run for themselves, least of all root's own patd-user and keyring.
        mirror("/run", without=("patd", "patd-auth", "patd-play", "nscd", "user"))
        mirror("/var/lib", without=("patd", "patd-auth"))
        for name in ("", "bin", "sbin", "lib", "home", "log"):
            os.mkdir(f"{PLAY}/{name}", 0o755)
        self._copy_etc()
        daemon = ensure_account("patd", "/nonexistent", system=True)
        auth = ensure_account("patd-auth", "/nonexistent", system=True)
        self._make_directory("/run/patd", 0o755, daemon)
        self._make_directory("/run/patd-auth", 0o755)
        self._make_directory("/var/lib/patd", 0o700, daemon)
        self._make_directory("/var/lib/patd-auth", 0o700, auth)
        self._show_binaries()
        self._write_configuration(daemon)

    @staticmethod
    def _copy_etc():
        copy = f"{PLAY}/etc"
        status = await_exit(spawn(["cp", "-a", "--", "/etc", copy], os.environ), 60)
        if status != 0:
            raise PlayError("copying /etc failed")
        bind(copy, "/etc")

    @staticmethod
    def _make_directory(path, mode, owner=None):
        os.mkdir(path)
        if owner is not None:
            os.chown(path, owner.pw_uid, owner.pw_gid)
        os.chmod(path, mode)

    def _show_binaries(self):
        """Binds the build's files to paths that every uid can reach, wherever the checkout is."""
        wanted = {"bin": CLIENTS, "sbin": DAEMONS, "lib": (MODULE,)}
        for folder, names in wanted.items():
            for name in names:
                found = [path for path in
                         glob.glob(f"{glob.escape(self._build)}/**/{name}", recursive=True)
                         if os.path.isfile(path)]
                if len(found) != 1:
                    raise PlayError(f"{name} was not built in {self._build}")
                target = f"{PLAY}/{folder}/{name}"
                os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o755))
                bind(found[0], target)

    def _write_configuration(self, daemon):
        shutil.copy(f"{self._build}/systemd/org.patd.Tokens1.conf", PLAY)
        with open(f"{PLAY}/bus.conf", "w", encoding="utf-8") as file:
            file.write(BUS_CONFIG.format(play=PLAY))
        for service in ("patd", "patd-enroll"):
            with open(f"{self._checkout}/systemd/pam.d/{service}", encoding="utf-8") as file:
                stack = file.read().replace(MODULE, f"{PLAY}/lib/{MODULE}")
            with open(f"/etc/pam.d/{service}", "w", encoding="utf-8") as file:
                file.write(stack)
        os.makedirs("/etc/patd", exist_ok=True)
        # The shipped catalogue and the example, whatever the machine itself has.
        shutil.rmtree("/etc/patd/permissions.d", ignore_errors=True)
        os.makedirs("/etc/patd/permissions.d")
        for folder in ("systemd", "docs/examples"):
            with os.scandir(f"{self._checkout}/{folder}/permissions.d") as files:
                for file in files:
                    # A checkout's modes come from somebody's umask.
                    copy = shutil.copyfile(file.path, f"/etc/patd/permissions.d/{file.name}")
                    os.chmod(copy, 0o644)
        os.chmod("/etc/patd/permissions.d", 0o755)
        key = os.open("/etc/patd/master.key", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o400)
        os.fchown(key, daemon.pw_uid, daemon.pw_gid)
        os.write(key, secrets.token_bytes(32))
        os.close(key)

    def start(self):
        """Starts everything and returns when patd has reported that it is ready."""
        self._collect_syslog()
        self._start_bus()
        self._start_per_connection("auth.sock", "patd-auth", as_user="patd-auth")
        self._start_per_connection("enroll.sock", "patd-enroll")
        self._start_daemon()

    def _start_service(self, name, argv, *, stdin=None, stdout=None, listener=None, env=()):
        log = self._open_log(name)
        null = os.open("/dev/null", os.O_RDONLY)
        stdio = (null if stdin is None else stdin, log if stdout is None else stdout, log)
        pid = spawn(argv, self._environment | dict(env), stdio=stdio, listener=listener,
                    service=True)
        os.close(null)
        os.close(log)
        self._services[pid] = name
        return pid

    @staticmethod
    def _open_log(name):
        return os.open(f"{PLAY}/log/{name}.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def _collect_syslog(self):
        """If the machine has a log daemon, it gets nothing of ours."""
        path = os.path.realpath("/dev/log")
        if not os.path.exists(path):
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as messages:
            messages.bind(f"{PLAY}/log/socket")
            os.chmod(f"{PLAY}/log/socket", 0o666)
            bind(f"{PLAY}/log/socket", path)
            self._start_service("syslog", ["cat"], stdin=messages.fileno())

    def _start_bus(self):
        reader, writer = os.pipe()
        pid = self._start_service(
            "dbus-daemon",
            ["dbus-daemon", "--nofork", "--nopidfile", f"--config-file={PLAY}/bus.conf",
             "--print-address=1"], stdout=writer)
        os.close(writer)
        if await_first([reader], pid, START_SECONDS) is None or not os.read(reader, 4096):
            self._fail_to_start("dbus-daemon")
        os.close(reader)

    def _start_per_connection(self, socket_name, program, as_user=None):
        path = f"/run/patd-auth/{socket_name}"
        owner = pwd.getpwnam("patd")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(path)
            os.chmod(path, 0o600)
            os.chown(path, owner.pw_uid, owner.pw_gid)
            listener.listen(128)
            drop = [] if as_user is None else [
                "/usr/bin/setpriv", f"--reuid={as_user}", f"--regid={as_user}", "--clear-groups",
                "--no-new-privs", "--"]
            passed = [f"--setenv={name}" for name in self._environment if name.endswith("_OPTIONS")]
            self._start_service(
                program, ["systemd-socket-activate", "--accept", "--inetd", *passed, *drop,
                          f"{PLAY}/sbin/{program}"], listener=listener.fileno())

    def _start_daemon(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
            notices.bind(f"{PLAY}/notify")
            os.chmod(f"{PLAY}/notify", 0o666)
            pid = self._start_service(
                "patd", ["/usr/bin/setpriv", "--reuid=patd", "--regid=patd", "--clear-groups",
                         "--no-new-privs", "--", f"{PLAY}/sbin/patd"],
                env={"NOTIFY_SOCKET": f"{PLAY}/notify"})
            ready = False
            while not ready:
                if await_first([notices], pid, START_SECONDS) is None:
                    self._fail_to_start("patd")
                ready = b"READY=1" in notices.recv(4096).split(b"\n")

    @staticmethod
    def _fail_to_start(name):
        with open(f"{PLAY}/log/{name}.log", encoding="utf-8", errors="replace") as file:
            raise PlayError(f"{name} did not start:\n{file.read()[-4000:]}")

    def give_password(self, user):
        """Gives `user` a new random service password and returns it."""
        password = secrets.token_urlsafe(18)
        reader, writer = os.pipe()
        os.write(writer, f"{password}\n{password}\n".encode())
        os.close(writer)
        os.set_inheritable(reader, True)
        log = self._open_log("give-password")
        status = await_exit(
            spawn([f"{PLAY}/bin/patctl", "admin", "passwd", user, "--password-fd", str(reader)],
                  self._environment, stdio=(0, log, log)), 60)
        os.close(reader)
        os.close(log)
        if status != 0:
            self._fail_to_start("give-password")
        return password

    def run(self, argv, account, password):
        """Runs `argv` as `account` and returns its exit status."""
        env = dict(os.environ)
        env |= {"PATH": f"{PLAY}/bin:" + env.get("PATH", SYSTEM_PATH),
                "DBUS_SYSTEM_BUS_ADDRESS": self._environment["DBUS_SYSTEM_BUS_ADDRESS"],
                "PATD_PLAY_DIR": PLAY, "PATD_PLAY_PASSWORD": password}
        become = None
        if account.pw_uid != 0:
            become = account
            env = {name: value for name, value in env.items() if not name.startswith("XDG_")}
            env |= {"HOME": account.pw_dir, "USER": account.pw_name, "LOGNAME": account.pw_name}
        return wait_forwarding(spawn(argv, env, become=become), grace=5, on_other=self._on_ended)

    def _on_ended(self, pid, status):
        name = self._services.pop(pid, None)
        if name is not None:
            os.write(2, f"play: {name} ended with status {status}; see {PLAY}/log\n".encode())

    def stop(self):
        """Ends patd as systemd would, so that its last words count; the rest ends with the
        namespace. Returns whether patd ended well."""
        for pid, name in self._services.items():
            if name == "patd":
                os.kill(pid, signal.SIGTERM)
                return await_exit(pid, 10) == 0
        return False
