# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The services that CI plays."""
import re

import kept_out
import fixes
from clients import by_words, curl, curl_login, http, with_secret
from processes import PlayError
from service import Service, await_socket, wait_until

ASKPASS = "/etc/test/askpass"
REPOSITORY = "/srv/git/team/project.git"


class Sshd(Service):
    name = "sshd"
    examples = ("sshd", "sshd.conf")
    packages = ("openssh-client",)
    port = 22
    spoiled = (kept_out.keeps_out_all_but_root_before_the_machine_goes_down, fixes.lets_keys_in,
               fixes.lets_sudo_ask_nobody)
    takes_login_password = True

    def prepare(self, machine):
        machine.must("ssh-keygen", "-q", "-A")
        machine.write(ASKPASS, "#!/bin/sh\nprintf '%s\\n' \"$SECRET\"\n", "755")

    def knock(self, machine, user, secret, source):
        options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR",
                   "PreferredAuthentications=keyboard-interactive", "NumberOfPasswordPrompts=1")
        outcome = with_secret(
            machine, "SECRET", secret, "env", f"SSH_ASKPASS={ASKPASS}", "SSH_ASKPASS_REQUIRE=force",
            "ssh", "-b", source, *(f"-o{option}" for option in options), f"{user}@127.0.0.1",
            "id", "-un")
        return by_words(outcome, "Permission denied", good=f"{user}\n")


class Nginx(Service):
    name = "git over HTTPS with nginx"
    examples = ("nginx-git-fetch", "nginx-git-push", "nginx-git-backend.conf", "nginx-git.conf")
    asks_of_accounts = False
    port = 443

    def prepare(self, machine):
        machine.must("git", "init", "-q", "--bare", REPOSITORY)
        machine.must("chown", "-R", "www-data:", "/srv/git")

    def knock(self, machine, user, secret, source):
        path = "team/project.git/info/refs?service=git-"
        if http(machine, f"https://127.0.0.1/{path}receive-pack", user, secret, source):
            raise PlayError("a token for reading may write")
        return http(machine, f"https://127.0.0.1/{path}upload-pack", user, secret, source)


class WebSite(Service):
    """A page for tokens over HTTPS, next to the site on port 80 that Debian's package has."""
    port = 443

    def prepare(self, machine):
        machine.write("/var/www/tokens/page", "hello\n")

    def knock(self, machine, user, secret, source):
        outcome = curl(machine, "http://127.0.0.1/page", source=source)
        if outcome.output.rsplit("\n", 1)[-1] != "404":
            raise PlayError(f"port 80 has the page without a token, or does not answer: {outcome}")
        return http(machine, "https://127.0.0.1/page", user, secret, source)


class Apache(WebSite):
    name = "Apache"
    examples = ("apache", "apache.conf")
    asks_of_accounts = False


class Lighttpd(WebSite):
    name = "lighttpd"
    examples = ("lighttpd", "lighttpd.conf")
    asks_of_accounts = False


class Dovecot(Service):
    name = "dovecot"
    examples = ("dovecot", "dovecot.conf")
    port = 143
    kept = ("sed -i 's/args = dovecot/args = cache_key=%u dovecot/; s/^auth_cache_size = 0/"
            "auth_cache_size = 1M/' /etc/dovecot/conf.d/90-patd.conf && systemctl restart dovecot",
            "cache_key")

    def knock(self, machine, user, secret, source):
        return curl_login(machine, "imap://127.0.0.1/", user, secret, source, "--ssl-reqd")


class Postfix(Service):
    name = "Postfix through saslauthd"
    examples = ("postfix", "postfix-saslauthd", "postfix-sasl.conf", "postfix-main.cf")
    port = 25
    kept = ("sed -i 's/^OPTIONS=\"/&-c /' /etc/default/saslauthd && systemctl restart saslauthd",
            "saslauthd")

    def await_up(self, machine):
        super().await_up(machine)
        # saslauthd goes into the background before it has created its socket.
        await_socket(machine, "/var/spool/postfix/var/run/saslauthd/mux")

    def knock(self, machine, user, secret, source):
        machine.write("/etc/test/mail", "Subject: test\n\nhello\n")
        return curl_login(machine, "smtp://127.0.0.1/", user, secret, source, "--ssl-reqd",
                          "--mail-from", f"{user}@mail.example", "--mail-rcpt", "x@other.example",
                          "-T", "/etc/test/mail")


class Vsftpd(Service):
    name = "vsftpd"
    examples = ("vsftpd", "vsftpd.conf")
    port = 21
    denied = "/etc/ftpusers"
    spoiled = (kept_out.keeps_out_whom_its_list_names, kept_out.keeps_out_who_has_no_shell,
               fixes.asks_whether_an_account_has_expired)

    def knock(self, machine, user, secret, source):
        return curl_login(machine, "ftp://127.0.0.1/", user, secret, source, "--ssl-reqd", "-l")


class PostgreSQL(Service):
    name = "PostgreSQL"
    examples = ("postgresql", "postgresql-hba.conf")
    asks_of_accounts = False
    port = 5432
    spoiled = (fixes.takes_tokens_over_tls_alone,)

    def prepare(self, machine):
        machine.must("systemctl", "start", "postgresql")

    def change(self, machine, command):
        before = loaded_at(machine)
        super().change(machine, command)
        wait_until(lambda: loaded_at(machine) != before, "PostgreSQL does not load its files again")

    def knock(self, machine, user, secret, source):
        outcome = with_secret(machine, "PGPASSWORD", secret, "psql", "-w", "-h", "127.0.0.1", "-U",
                              user, "-d", "postgres", "-Atc", "SELECT current_user")
        return by_words(outcome, "PAM authentication failed", good=f"{user}\n")


def loaded_at(machine):
    """When PostgreSQL read its files, before those that say who may come in."""
    return machine.must("runuser", "-u", "postgres", "--", "psql", "-Atc",
                        "SELECT pg_conf_load_time()")


class MariaDB(Service):
    name = "MariaDB"
    examples = ("mariadb", "mariadb.cnf")
    port = 3306

    def knock(self, machine, user, secret, source):
        outcome = with_secret(machine, "MYSQL_PWD", secret, "mariadb", "-h", "127.0.0.1", "-u",
                              user, "--ssl", "-Ne", "SELECT current_user()")
        return by_words(outcome, "Access denied", good=f"{user}@%\n")


class Squid(Service):
    name = "Squid"
    examples = ("squid", "squid.conf")
    asks_of_accounts = False
    port = 3128
    kept = ("sed -i /credentialsttl/d /etc/squid/conf.d/tokens.conf && systemctl reload squid",
            "two hours")

    def __init__(self):
        super().__init__()
        said = re.search(r"^auth_param basic credentialsttl (\d+) second", self.files[1].text,
                         re.MULTILINE)
        self.seconds_after_delete = int(said.group(1)) + 1

    def prepare(self, machine):
        machine.must("systemctl", "start", "nginx")

    def change(self, machine, command):
        # For a moment nobody listens.
        before = times_squid_was_up(machine)
        super().change(machine, command)
        wait_until(lambda: times_squid_was_up(machine) > before, "Squid does not listen again")

    def stop(self, machine):
        # By itself it takes half a minute for that.
        machine.must("systemctl", "kill", "--signal=KILL", "squid")
        machine.must("systemctl", "stop", "nginx")

    def knock(self, machine, user, secret, source):
        outcome = curl(machine, "http://127.0.0.1/", "-x", "http://127.0.0.1:3128",
                       proxy_login=(user, secret), source=source)
        status = outcome.output.rsplit("\n", 1)[-1]
        if status not in ("200", "407"):
            raise PlayError(f"neither let in nor refused: {outcome}")
        return status == "200"


def times_squid_was_up(machine):
    said = machine.must("sh", "-c", "journalctl --sync; journalctl --no-pager -q --unit=squid")
    return said.count("Accepting HTTP Socket connections")


SERVICES = (Sshd, Nginx, Apache, Lighttpd, Dovecot, Postfix, Vsftpd, PostgreSQL, MariaDB, Squid)
