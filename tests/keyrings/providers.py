#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Debian's keyrings, the real programs, without a screen and without a human.

    with Session() as session:
        keyring = make("kwallet", session)      # or another of PROVIDERS
        keyring.start()                         # returns when it is open
        keyring.lock(); keyring.unlock(); keyring.end(signal.SIGKILL); keyring.start()

As a program: `providers.py NAME -- COMMAND...` runs COMMAND in a session with that keyring open;
`providers.py NAME` does what it is told on its standard input (see serve).
"""
import base64
import contextlib
import glob
import hashlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import uuid

from jeepney import DBusAddress, DBusErrorResponse

import kdbx
from session import SECRETS, PlayError, Session, expect, wait_until

PASSWORD = "the user's password"
SERVICE = DBusAddress("/org/freedesktop/secrets", SECRETS, "org.freedesktop.Secret.Service")


class Provider:
    """One program, which keeps its data in the session's home."""

    name = ""

    def await_saved(self):
        """Waits until everything it has answered is saved. Call it for keyrings that save later."""

    @classmethod
    def program(cls):
        return cls.name

    def __init__(self, session):
        self.session = session
        self.process = None

    def start(self):
        """Starts the program, open. Returns when it can be used."""
        self.process = self._launch()
        wait_until(self._is_ready, f"{self.name} is open", self.process)

    def end(self, number=signal.SIGTERM):
        """Ends the program with a signal; returns its exit status, as a shell would report it."""
        process, self.process = self.process, None
        status = self.session.end(process, number)
        wait_until(lambda: self.session.owner_pid() != process.pid, f"it gives {SECRETS} up")
        return status

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def lock(self):
        """As its user would."""
        raise NotImplementedError

    def unlock(self):
        """As its user would by typing the password."""
        raise NotImplementedError

    def collection(self):
        """The path of the default collection; None if there is none."""
        path = self.session.call(SERVICE, "ReadAlias", "s", "default")[0]
        return None if path == "/" else path

    def is_locked(self):
        properties = DBusAddress(self.collection(), SECRETS, "org.freedesktop.DBus.Properties")
        return self.session.call(properties, "Get", "ss", "org.freedesktop.Secret.Collection",
                                 "Locked")[0][1]

    def secrets(self, **attributes):
        """The contents of the items with these attributes, as text."""
        items = sum(self.session.call(SERVICE, "SearchItems", "a{ss}", attributes), [])
        path = self.session.call(SERVICE, "OpenSession", "sv", "plain", ("s", ""))[1]
        found = self.session.call(SERVICE, "GetSecrets", "aoo", items, path)[0]
        return [secret[2].decode() for secret in found.values()]

    @property
    def file(self):
        raise NotImplementedError

    def _launch(self):
        raise NotImplementedError

    def _is_ready(self):
        owner = self.session.owner_pid()
        expect(owner in (None, self.process.pid), f"another program owns {SECRETS}")
        return owner is not None and self.collection() is not None


class GnomeKeyring(Provider):
    name = "gnome-keyring"

    @classmethod
    def program(cls):
        return "gnome-keyring-daemon"

    @property
    def file(self):
        return self.session.path("xdg_data_home/keyrings/login.keyring")

    def lock(self):
        self.session.call(SERVICE, "Lock", "ao", [self.collection()])

    def unlock(self):
        guilt = DBusAddress(SERVICE.object_path, SECRETS,
                            "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")
        path = self.session.call(SERVICE, "OpenSession", "sv", "plain", ("s", ""))[1]
        self.session.call(guilt, "UnlockWithMasterPassword", "o(oayays)", self.collection(),
                          (path, b"", PASSWORD.encode(), "text/plain"))

    def _launch(self):
        # As pam_gnome_keyring does.
        return self.session.start(self.program(), "--foreground", "--unlock",
                                  "--components=secrets", text=PASSWORD)


class KWallet(Provider):
    """KWallet, whose wallet pam_kwallet5 makes and opens."""

    name = "kwallet"
    WALLET = "kdewallet"
    PROGRAMS = ("kwalletd6", "kwalletd5")
    LOGIN = "PAM_KWALLET5_LOGIN"
    SETTINGS = "[Wallet]\nFirst Use=false\nPrompt on Open=false\nClose When Idle=false\n"
    # Of pam_kwallet.
    KEY_BYTES, SALT_BYTES, ROUNDS = 56, 56, 50000

    def __init__(self, session):
        super().__init__(session)
        self._wrapper = ()
        self._program = self.program()
        self._kde = DBusAddress(f"/modules/{self._program}", f"org.kde.{self._program}",
                                "org.kde.KWallet")
        os.makedirs(os.path.dirname(self.file))
        salt = os.urandom(self.SALT_BYTES)
        with open(self._path("salt"), "wb") as file:
            file.write(salt)
        self._key = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, self.ROUNDS,
                                        self.KEY_BYTES)
        with open(session.path("xdg_config_home/kwalletrc"), "w", encoding="utf-8") as file:
            file.write(self.SETTINGS)

    @staticmethod
    def _plugins():
        (folder,) = glob.glob("/usr/lib/*/qca-qt*/crypto")
        return folder

    @classmethod
    def program(cls):
        return next(filter(shutil.which, cls.PROGRAMS))

    def _path(self, suffix):
        return self.session.path(f"xdg_data_home/kwalletd/{self.WALLET}.{suffix}")

    @property
    def file(self):
        return self._path("kwl")

    def start(self, *, without_encryption=False):
        """If the package with QCA's plugins is not installed there is no encrypted session."""
        self._wrapper = () if not without_encryption else (
            "unshare", "--mount", "sh", "-c",
            f'mount -t tmpfs none {shlex.quote(self._plugins())} && exec "$@"', "sh")
        if not os.path.exists(self.file):
            # The session that created the wallet has no default collection; the next one does.
            self.process = self._launch()
            wait_until(lambda: os.path.exists(self.file) and self._is_open(), "it made a wallet",
                       self.process)
            self.end()
        super().start()

    def lock(self):
        self.session.call(self._kde, "close", "sb", self.WALLET, True)
        wait_until(lambda: not self._is_open(), "the wallet is closed")

    def unlock(self):
        self.session.send(self._kde, "pamOpen", "sayi", self.WALLET, self._key, 0)
        wait_until(self._is_open, "the wallet is open")

    def _launch(self):
        path = self.session.path(f"xdg_runtime_dir/{self._program}.socket")
        reader, writer = os.pipe()
        os.write(writer, self._key)
        os.close(writer)
        with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as login:
            listener.bind(path)
            listener.listen(1)
            process = self.session.start(
                *self._wrapper, self._program, "--pam-login", str(reader), str(listener.fileno()),
                pass_fds=(reader, listener.fileno()), environment={self.LOGIN: path})
            # The login's environment, which it waits for.
            login.connect(path)
            login.sendall("".join(f"{name}={value}\n" for name, value
                                  in self.session.environment.items()).encode())
        os.close(reader)
        os.unlink(path)
        return process

    def _is_open(self):
        try:
            return self.session.call(self._kde, "isOpen", "s", self.WALLET)[0]
        except DBusErrorResponse:
            return False  # it is not on the bus yet, or no longer

    def _is_ready(self):
        return super()._is_ready() and self._is_open()


class KSecretD(KWallet):
    """KWallet since 6.14: another program serves secrets, and it has nothing of KWallet's own
    interface, by which the other is locked, unlocked and made to save. It writes 5 s after the last
    change, and not when it is stopped."""

    name = "ksecretd"
    PROGRAMS = ("ksecretd",)
    MARK = {"org.freedesktop.Secret.Item.Label": ("s", "a change"),
            "org.freedesktop.Secret.Item.Attributes": ("a{ss}", {"purpose": "to be saved"})}

    def lock(self):
        self.session.call(SERVICE, "Lock", "ao", [self.collection()])
        wait_until(self.is_locked, "the wallet is closed")

    def await_saved(self):
        """One's own change is in the file together with everything before it."""
        before = os.stat(self.file).st_mtime_ns
        plain = self.session.call(SERVICE, "OpenSession", "sv", "plain", ("s", ""))[1]
        collection = DBusAddress(self.collection(), SECRETS, "org.freedesktop.Secret.Collection")
        self.session.call(collection, "CreateItem", "a{sv}(oayays)b", self.MARK,
                          (plain, b"", os.urandom(8).hex().encode(), "text/plain"), True)
        wait_until(lambda: os.stat(self.file).st_mtime_ns != before, "it is saved", self.process)

    def _is_open(self):
        return self.collection() is not None and not self.is_locked()


class KeePassXC(Provider):
    """KeePassXC with one database, whose root group is exposed to the Secret Service."""

    name = "keepassxc"
    # The Secret Service on, nothing that would open a window, each change saved.
    SETTINGS = """[General]
ConfigVersion=2
SingleInstance=false
AutoSaveAfterEveryChange=true
UpdateCheckMessageShown=true
[GUI]
CheckForUpdates=false
[FdoSecrets]
Enabled=true
ShowNotification=false
ConfirmDeleteItem=false
ConfirmAccessItem={confirm}
"""
    GROUP = uuid.UUID("5f3b1f0e-6f0c-4e0c-9d6b-2f8f6f1f3a10")
    DATABASE = """<?xml version="1.0" encoding="utf-8"?>
<KeePassFile><Meta><DatabaseName>keyring</DatabaseName>
<RecycleBinEnabled>True</RecycleBinEnabled><HistoryMaxItems>10</HistoryMaxItems>
<CustomData><Item><Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{{{group}}}</Value></Item></CustomData>
</Meta><Root><Group><UUID>{base64}</UUID><Name>Root</Name></Group></Root></KeePassFile>
"""
    MAIN = DBusAddress("/keepassxc", "org.keepassxc.KeePassXC.MainWindow",
                       "org.keepassxc.KeePassXC.MainWindow")
    BUNDLES = {kdbx.SCHEMA: kdbx.BUNDLE}
    PATIENCE = 2
    confirm = "false"

    @classmethod
    def program(cls):
        return "keepassxc"

    def __init__(self, session):
        super().__init__(session)
        with open(session.path("keepassxc.ini"), "w", encoding="utf-8") as file:
            file.write(self.SETTINGS.format(confirm=self.confirm))
        self.replace(self.DATABASE.format(
            group=self.GROUP, base64=base64.b64encode(self.GROUP.bytes).decode()))

    def replace(self, xml):
        """Makes the file anew, of what `export` gives. To be called while it does not run."""
        path = self.session.path("database.xml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(xml)
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.file)
        self._run_cli("import", "--quiet", "--set-password", "--decryption-time", "100", path,
                      self.file, text=f"{PASSWORD}\n{PASSWORD}\n")

    def _run_cli(self, *argv, text):
        done = subprocess.run(["keepassxc-cli", *argv], input=text, text=True, check=False,
                              capture_output=True, env=self.session.environment)
        expect(done.returncode == 0, f"keepassxc-cli {argv[0]}: {done.stderr}")
        return done.stdout

    @property
    def file(self):
        return self.session.path("home/keyring.kdbx")

    def lock(self):
        self.session.call(self.MAIN, "lockAllDatabases")
        wait_until(self.is_locked, "the database is locked")

    def unlock(self):
        """2.7.10 loses it where it is still closing the database, which says so already."""
        self._open_database()
        try:
            wait_until(lambda: not self.is_locked(), "the database is open", self.process,
                       self.PATIENCE)
        except PlayError:
            self._open_database()
            wait_until(lambda: not self.is_locked(), "the database is open", self.process)

    def is_saved(self):
        return kdbx.Database(self.export()).live() == set(self.secrets(**self.BUNDLES))

    def await_saved(self):
        """2.7.4 leaves a change that comes while it saves until there is another one."""
        try:
            wait_until(self.is_saved, "it is saved", self.process, self.PATIENCE)
        except PlayError:
            self._change_a_label()
            wait_until(self.is_saved, "it is saved", self.process)

    def _change_a_label(self):
        item = sum(self.session.call(SERVICE, "SearchItems", "a{ss}", self.BUNDLES), [])[0]
        properties = DBusAddress(item, SECRETS, "org.freedesktop.DBus.Properties")
        self.session.call(properties, "Set", "ssv", "org.freedesktop.Secret.Item", "Label",
                          ("s", uuid.uuid4().hex))

    def export(self):
        """All that the file holds, including history and recycle bin, as XML in clear."""
        return self._run_cli("export", "--quiet", self.file, text=f"{PASSWORD}\n")

    def start(self, *, empty=False):
        """`empty`: no database is open, and none was."""
        if not empty:
            return super().start()
        self.process = self._launch_empty()
        return None

    def _settings(self):
        return ("--config", self.session.path("keepassxc.ini"),
                "--localconfig", self.session.path("keepassxc-local.ini"))

    def _launch_empty(self):
        process = self.session.start("keepassxc", *self._settings())
        wait_until(lambda: self.session.owner_pid() == process.pid, "it serves", process)
        return process

    def _launch(self):
        """Started with a database and --pw-stdin, 2.7.10 ends by itself."""
        process = self._launch_empty()
        self._open_database()
        return process

    def _open_database(self):
        """2.7.10 stops answering if its prompt is shown meanwhile."""
        self.session.send(self.MAIN, "openDatabase", "ss", self.file, PASSWORD)

    def _is_ready(self):
        return super()._is_ready() and not self.is_locked()


class KeePassXCAsking(KeePassXC):
    """KeePassXC with its default settings: it prompts before it shows an item to another client."""

    name = "keepassxc-asking"
    confirm = "true"


PROVIDERS = {kind.name: kind for kind in (GnomeKeyring, KWallet, KSecretD, KeePassXC,
                                          KeePassXCAsking)}


def make(name, session):
    return PROVIDERS[name](session)


def run_in_session(name, command):
    """Runs `command` with that keyring open, and returns its exit status."""
    with Session() as session:
        make(name, session).start()
        environment = {**os.environ, **session.environment, "PATD_TEST_KEYRING": name}
        return subprocess.run(command, env=environment, check=False).returncode


def serve(name):
    """For a test in another language: the session's environment, a line for each variable, and an
    empty line; then a line for each command, `ok` with the keyring's pid, or what went wrong. The
    commands: start, kill, term, stop, continue, lock, unlock. The end of the input ends it all."""
    with Session() as session:
        keyring = make(name, session)
        commands = {"start": keyring.start, "lock": keyring.lock, "unlock": keyring.unlock,
                    "kill": lambda: keyring.end(signal.SIGKILL), "term": keyring.end,
                    "stop": lambda: keyring.process.send_signal(signal.SIGSTOP),
                    "continue": lambda: keyring.process.send_signal(signal.SIGCONT)}
        for variable in session.environment.items():
            print("=".join(variable))
        print(flush=True)
        for line in sys.stdin:
            try:
                commands[line.strip()]()
                print("ok", 0 if keyring.process is None else keyring.process.pid, flush=True)
            except (PlayError, DBusErrorResponse, OSError) as error:
                print(str(error).replace("\n", " "), flush=True)
    return 0


def main(arguments):
    if not arguments or arguments[0] not in PROVIDERS or arguments[1:2] not in ([], ["--"]):
        sys.exit(f"Usage: providers.py {{{'|'.join(PROVIDERS)}}} [-- COMMAND...]")
    if arguments[1:]:
        return run_in_session(arguments[0], arguments[2:])
    return serve(arguments[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
