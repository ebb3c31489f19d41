# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The services that tools/test-services.sh --all plays in a machine of their own, among them those
that cannot be installed beside one of the ten: exim (Postfix), proftpd (vsftpd)."""
import os
import secrets
import subprocess

import kept_out
from clients import SECONDS, curl, curl_login, http
from processes import PlayError
from service import Service
from services_tree import NEWER

MODULE = "/usr/lib/x86_64-linux-gnu/security/pam_pat.so"
XMPP = "/etc/test/xmpp.py"


class Proftpd(Service):
    name = "proftpd"
    examples = ("proftpd", "proftpd.conf")
    port = 21
    denied = "/etc/ftpusers"
    spoiled = (kept_out.keeps_out_whom_its_list_names,)

    def knock(self, machine, user, secret, source):
        return curl_login(machine, "ftp://127.0.0.1/", user, secret, source, "--ssl-reqd", "-l")


class Exim(Service):
    name = "exim"
    examples = ("exim", "exim-auth.conf", "exim-tls.conf")
    asks_of_accounts = False
    port = 25

    def knock(self, machine, user, secret, source):
        machine.write("/etc/test/mail", "Subject: test\n\nhello\n")
        return curl_login(machine, "smtp://127.0.0.1/", user, secret, source, "--ssl-reqd",
                          "--mail-from", f"{user}@mail.example", "--mail-rcpt", "root@localhost",
                          "-T", "/etc/test/mail")


class Cups(Service):
    name = "CUPS"
    examples = ("cups", "cups.conf")
    port = 631

    def prepare(self, machine):
        machine.write("/usr/share/cups/doc-root/page", "hello\n")

    def knock(self, machine, user, secret, source):
        url = "https://127.0.0.1:631"
        if not http(machine, f"{url}/page", user, secret, source):
            return False
        # Nobody here is in lpadmin: a token for printing must not change the server.
        return http(machine, f"{url}/admin/conf/cupsd.conf", user, secret, source, "-X", "PUT",
                    "-d", "#", good=("403",))


class Cockpit(Service):
    name = "Cockpit"
    examples = ("cockpit",)
    port = 9090
    url = "https://127.0.0.1:9090/cockpit/login"
    denied = "/etc/cockpit/disallowed-users"
    spoiled = (kept_out.keeps_out_whom_its_list_names,
               kept_out.keeps_out_all_but_root_before_the_machine_goes_down)

    def knock(self, machine, user, secret, source):
        return http(machine, self.url, user, secret, source)

    def keeps_out(self, machine, user, secret, source):
        outcome = curl(machine, self.url, login=(user, secret), source=source)
        return outcome.output.rsplit("\n", 1)[-1] in ("401", "403", "500")


class FreeRadius(Service):
    name = "FreeRADIUS"
    examples = ("freeradius", "freeradius.conf")

    def await_up(self, machine):
        """It listens on UDP, and says when it is up."""

    def knock(self, machine, user, secret, source):
        # From the only address that Debian's clients.conf knows.
        asked = f'User-Name = "{user}"\nUser-Password = "{secret}"\n'
        outcome = machine.run("radclient", "-x", "-t", "30", "127.0.0.1:1812", "auth", "testing123",
                              text=asked, seconds=SECONDS)
        for words, answer in (("Access-Accept", True), ("Access-Reject", False)):
            if f"Received {words}" in outcome.output:
                return answer
        raise PlayError(f"neither let in nor refused: {outcome}")


class OpenVpn(Service):
    name = "OpenVPN"
    examples = ("openvpn", "openvpn.conf")
    machine_options = ("--bind=/dev/net/tun",)

    def await_up(self, machine):
        """It listens on UDP, and says when it is up."""

    def knock(self, machine, user, secret, source):
        """A client without its own device, which ends when the server has answered."""
        script = f"""umask 077 && cat >"$1.login" && exec timeout {SECONDS} \
            openvpn --client --dev null --proto udp --connect-timeout 30 --hand-window 30 \
            --remote 127.0.0.1 1194 --nobind --ca /etc/ssl/vpn.example/fullchain.pem \
            --auth-user-pass "$1.login" --auth-retry none --connect-retry-max 1 --verb 3 \
            --ifconfig-noexec --route-noexec --writepid "$1.pid" 2>&1"""
        place = f"/run/test-openvpn-{secrets.token_hex(4)}"
        client = subprocess.Popen(machine.argv("sh", "-c", script, "sh", place), text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        client.stdin.write(f"{user}\n{secret}\n")
        client.stdin.close()
        shown = ""
        answer = None
        for line in client.stdout:
            shown += line
            if "Initialization Sequence Completed" in line:
                answer = True
                machine.must("sh", "-c", f"kill $(cat {place}.pid)")
            elif "AUTH_FAILED" in line:
                answer = False
        client.wait()
        if answer is None:
            raise PlayError(f"neither let in nor refused:\n{shown}")
        return answer


class Ejabberd(Service):
    name = "ejabberd"
    examples = ("ejabberd", "ejabberd.yml")
    asks_of_accounts = False
    packages = ("python3-minimal", "libpython3-stdlib")
    port = 5222
    kept = ("sed -i /^auth_use_cache/d /etc/ejabberd/ejabberd.yml && systemctl restart ejabberd",
            "another hour")

    def prepare(self, machine):
        machine.copy_in(os.path.join(os.path.dirname(__file__), "xmpp_login.py"), XMPP)

    def knock(self, machine, user, secret, source):
        outcome = machine.run("python3", XMPP, user, source, text=f"{secret}\n", seconds=SECONDS)
        if outcome.output not in ("success\n", "failure\n"):
            raise PlayError(f"neither let in nor refused: {outcome}")
        return outcome.output == "success\n"


class Radicale(Service):
    """Debian 13's, in a unit that has that Debian's files as its root."""
    name = "radicale"
    examples = ("radicale", "radicale.conf")
    asks_of_accounts = False
    newer = True
    port = 5232

    def prepare(self, machine):
        shown = ("/run/patd", "/etc/radicale", "/etc/pam.d/radicale", "/etc/passwd", "/etc/group",
                 "/var/lib/radicale", MODULE)
        machine.must("sh", "-ec", f"""
            useradd --system --home-dir /var/lib/radicale --create-home radicale
            chroot {NEWER} ldconfig
            mkdir -p /var/log/radicale {NEWER}/etc/pam.d {NEWER}/var/log/radicale
            cp {NEWER}/usr/lib/systemd/system/radicale.service /etc/systemd/system""")
        machine.write("/etc/systemd/system/radicale.service.d/newer.conf",
                      f"[Service]\nRootDirectory={NEWER}\nMountAPIVFS=yes\n"
                      f"BindPaths={' '.join(shown)}\n")
        machine.must("systemctl", "daemon-reload")

    def knock(self, machine, user, secret, source):
        return http(machine, f"https://127.0.0.1:5232/{user}/", user, secret, source,
                    "-X", "PROPFIND", "-H", "Depth: 0", good=("207",))


SERVICES = (Proftpd, Exim, Cups, Cockpit, FreeRadius, OpenVpn, Ejabberd, Radicale)
