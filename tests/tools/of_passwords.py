# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Programs that take a password from another's output: ansible, restic, borg, msmtp, isync,
neomutt."""
import secrets

from mail import Imap, Smtp
from tool import Tool
from world import LINKS


class Keeps(Tool):
    """What it encrypts stays, so that its secret is an imported one."""
    scheme = ""
    kind = "imported"
    seconds = 90

    def __init__(self, world, home):
        super().__init__(world, home)
        self.label = f"l{secrets.token_hex(4)}"

    def places(self):
        return [f"https://{self.label}.example/repo"]


class Ansible(Keeps):
    name = "ansible"
    program = "ansible-vault"
    adapter = "ansible"
    shows_at_most = 2  # a warning and an error
    seconds = 240

    def places(self):
        return [f"vault://{self.label}"]

    def command(self):
        return ["sh", "-ec", 'echo "text: 1" >plain.yml.$$; '
                'ansible-vault encrypt --vault-id "$1" --output made.$$ plain.yml.$$; '
                'test "$(ansible-vault view --vault-id "$1" made.$$)" = "text: 1"; rm made.$$',
                "sh", f"{self.label}@{self.client()}"], {}

    def client(self):
        return f"{LINKS}/pat-vault-client"

    setup = ("ansible",)
    setup_file = ".ansible.cfg"

    def configure_before_setup(self):
        self.write(".ansible.cfg", "[defaults]\n; of alice\nforks = 3\n")

    def setup_places(self):
        return (self.label,)

    def command_after_setup(self):
        return ["sh", "-ec", 'echo "text: 1" >plain.yml; '
                'ansible-vault encrypt --encrypt-vault-id "$1" --output made plain.yml; '
                'test "$(ansible-vault view made)" = "text: 1"; rm made', "sh", self.label], {}


class Restic(Keeps):
    name = "restic"
    adapter = "get"

    def command(self):
        return ["sh", "-ec", 'export RESTIC_PASSWORD_COMMAND="pat-get $1" RESTIC_REPOSITORY=r.$$; '
                "restic -q init; restic -q snapshots; rm -r r.$$", "sh", self.places()[0]], {}


class Borg(Keeps):
    name = "borg"
    adapter = "get"

    def command(self):
        return ["sh", "-ec", 'export BORG_PASSCOMMAND="pat-get $1"; '
                "borg init -e repokey r.$$; borg list r.$$; rm -r r.$$", "sh",
                self.places()[0]], {}


class Rclone(Tool):
    name = "rclone"
    adapter = "get"

    def command(self):
        return ["rclone", "--retries", "1", "--low-level-retries", "1", "lsf", "far:"], {
            "RCLONE_CONFIG_FAR_TYPE": "webdav", "RCLONE_CONFIG_FAR_URL": f"{self.server.url}/dav",
            "RCLONE_CONFIG_FAR_BEARER_TOKEN_COMMAND": f"pat-get {self.server.url}"}


class Mail(Tool):
    adapter = "get"
    kind = "child"
    server_class = Smtp

    def places(self):
        return [self.server.url]


class Msmtp(Mail):
    name = "msmtp"

    def configure(self, user=""):
        self.write(".msmtprc", f"account default\nhost localhost\nport {self.server.port}\n"
                   "from a@a.example\nauth plain\ntls off\nuser alice\n"
                   f'passwordeval "pat-get {self.server.url}"\n', 0o600)

    def command(self):
        return ["sh", "-ec", "echo hello | msmtp b@b.example"], {}


class Neomutt(Mail):
    name = "neomutt"

    def configure(self, user=""):
        self.write(".neomuttrc", "set from = a@a.example\nset ssl_starttls = no\n"
                   "set ssl_force_tls = no\nset smtp_authenticators = plain\n"
                   f'set smtp_url = "smtp://alice@localhost:{self.server.port}"\n'
                   f"set smtp_pass = `pat-get {self.server.url}`\nset record = ''\n")

    def command(self):
        return ["sh", "-ec", "echo hello | neomutt -F .neomuttrc -s hello b@b.example"], {
            "TERM": "dumb"}


class Isync(Mail):
    name = "isync"
    program = "mbsync"
    server_class = Imap

    def configure(self, user=""):
        self.write("mail/inbox/cur/none", "")
        self.write(".mbsyncrc", f"IMAPAccount a\nHost localhost\nPort {self.server.port}\n"
                   "SSLType None\nAuthMechs LOGIN\nUser alice\n"
                   f'PassCmd "pat-get {self.server.url}"\n'
                   "\nIMAPStore far\nAccount a\n\nMaildirStore near\nPath ~/mail/\n"
                   "Inbox ~/mail/inbox\n\nChannel c\nFar :far:\nNear :near:\n", 0o600)

    def command(self):
        return ["mbsync", "--list", "c"], {}
