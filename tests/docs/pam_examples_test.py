# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""docs/examples/pam: the servers themselves accept the configurations, patctl doctor finds nothing
in the stacks, and each stack lets its token in and nothing else. In tools/play.sh, so as root.
PATD_BUILD_DIR names a build without sanitizers: pamtester is built without them."""
import os
import re
import subprocess
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "../..")
EXAMPLES = f"{ROOT}/docs/examples/pam"
STACKS = ("nginx-git-fetch", "nginx-git-push", "sshd", "dovecot")
SECONDS = 100


def play(script, *arguments):
    done = subprocess.run(
        [f"{ROOT}/tools/play.sh", "--", "bash", "-euc", script, "bash", *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def instructions(stack):
    """(permission, target) that the example tells people to make a token with."""
    with open(f"{EXAMPLES}/{stack}", encoding="utf-8") as file:
        text = file.read()
    told = re.search(r"#\s+patctl create .* -p (\S+) -t (\S+)", text).groups()
    asked = re.search(r"permission=(\S+) audience=(\S+)", text).groups()
    assert told == asked, f"{stack}: what it tells and what it asks for differ"
    return told


class Stacks(unittest.TestCase):
    def test_let_in_the_token_that_they_tell_people_to_make(self):
        for stack in STACKS:
            permission, target = instructions(stack)
            self.assertEqual(self.log_in(stack, permission, target), ["in", "out", "out"], stack)

    def test_keep_out_a_token_for_something_else(self):
        for stack in STACKS:
            _, target = instructions(stack)
            self.assertEqual(self.log_in(stack, "collaboration:issue:ro", target)[0], "out", stack)
            permission, _ = instructions(stack)
            self.assertEqual(self.log_in(stack, permission, "https://other.example")[0], "out")

    def test_are_told_apart_by_what_the_token_may_do(self):
        self.assertEqual(self.log_in("nginx-git-push", "vcs:repository:ro",
                                     "https://git.example")[0], "out")
        self.assertEqual(self.log_in("nginx-git-fetch", "vcs:repository:rw",
                                     "https://git.example")[0], "in")

    def test_let_in_a_child_of_all_that_is_shipped_which_no_service_cuts(self):
        shown = play("""
            sed "s|pam_pat.so|$PATD_PLAY_DIR/lib/&|; s|audience=.*|& prompt=Password|" \\
                "$1/docs/examples/pam/nginx-git-push" > /etc/pam.d/git
            areas=$(sed -n 's/^\\[\\([a-z-]*\\)\\]$/\\1/p' "$1"/systemd/permissions.d/*.conf)
            patctl create x $(printf -- '-p %s ' $areas) -t https://git.example --password-fd 8 \\
                --output-fd 1 8<<<"$PATD_PLAY_PASSWORD" >/dev/null 2>&1
            child=$(patctl get -t https://git.example | cat)
            echo "${#child}"
            pamtester git root authenticate acct_mgmt <<<"$child" 2>&1
            pamtester git root authenticate <<<"${child:0:80}" 2>&1 || echo "status $?"
            pamtester git root acct_mgmt 2>&1 || echo "status $?"
            """, ROOT)
        self.assertLessEqual(int(shown.split()[0]), 127)
        self.assertEqual(shown.count("Password: "), 2, shown)
        self.assertIn("successfully authenticated", shown)
        self.assertEqual(shown.count("status 1"), 2, shown)

    def log_in(self, stack, permission, target):
        """The results of root's token, of a wrong one, and of root's token used by daemon."""
        return play(f"""
            sed "s|pam_pat.so|$PATD_PLAY_DIR/lib/&|" "$1/docs/examples/pam/$2" > "/etc/pam.d/$2"
            test "$(patctl --json doctor | grep -c '"check":"pam"')" = 0
            token=$(patctl create x -p "$3" -t "$4" --password-fd 8 --output-fd 1 \\
                8<<<"$PATD_PLAY_PASSWORD" 2>/dev/null | head -1)
            log_in() {{
                pamtester "$2" "$1" authenticate acct_mgmt <<<"$3" >/dev/null 2>&1 && echo in ||
                    echo out
            }}
            log_in root "$2" "$token"
            log_in root "$2" pat1_wrong
            log_in daemon "$2" "$token"
            """, ROOT, stack, permission, target).split()


class Servers(unittest.TestCase):
    """Whether each server's own parser accepts the file, in its place."""

    def test_nginx_takes_its_files(self):
        play("""
            mkdir -p /etc/ssl/git.example /etc/nginx/snippets
            openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=git.example \\
                -keyout /etc/ssl/git.example/privkey.pem -out /etc/ssl/git.example/fullchain.pem
            cp "$1/docs/examples/pam/nginx-git-backend.conf" /etc/nginx/snippets/git-backend.conf
            cp "$1/docs/examples/pam/nginx-git.conf" /etc/nginx/sites-enabled/git
            nginx -t
            nginx -T | grep -q 'auth_pam_service_name "nginx-git-push"'
            """, ROOT)

    def test_sshd_takes_its_file(self):
        shown = play("""
            mkdir -p /run/sshd /etc/ssh/sshd_config.d
            cp "$1/docs/examples/pam/sshd.conf" /etc/ssh/sshd_config.d/patd.conf
            /usr/sbin/sshd -t
            /usr/sbin/sshd -T
            """, ROOT).lower().splitlines()  # newer ones write keywords in mixed case
        for line in ("usepam yes", "kbdinteractiveauthentication yes", "passwordauthentication no"):
            self.assertIn(line, shown)

    def test_dovecot_takes_its_file(self):
        shown = play("""
            case $(dovecot --version) in
                2.3.*) file=dovecot.conf ;;
                *) file=dovecot-2.4.conf ;;
            esac
            sed -i 's/^!include auth-system/#&/' /etc/dovecot/conf.d/10-auth.conf
            cp "$1/docs/examples/pam/$file" /etc/dovecot/conf.d/90-patd.conf
            doveconf -n
            """, ROOT)
        self.assertRegex(shown, r"passdb \{\s+args = dovecot\s+driver = pam\s+\}|"
                                r"passdb pam \{\s+service_name = dovecot\s+\}")


if __name__ == "__main__":
    unittest.main()
