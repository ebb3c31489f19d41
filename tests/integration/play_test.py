# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""tools/play.sh with the real daemons, and what only shows with all of them together: the bus
policy and a token's whole life. Needs root. PATD_BUILD_DIR names the build."""
import json
import os
import pty
import select
import signal
import subprocess
import tempfile
import unittest

# Row O5: the bus of play.sh runs under the policy that ships.
PLAY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/play.sh")
SECONDS = 100
HOST_FILES = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/pam.d", "/run", "/var/lib")


def play(*command, name=None, script=None, **options):
    """Runs a command, or a bash script, in play.sh; returns the CompletedProcess."""
    argv = [PLAY, *([] if name is None else ["--as", name]), "--"]
    argv += command if script is None else ["bash", "-c", script]
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=SECONDS, check=False, **options)


def describe_host():
    """What a session could leave behind: names in shared directories, and the account files."""
    return {path: sorted(os.listdir(path)) if os.path.isdir(path) else open_and_read(path)
            for path in HOST_FILES}


def open_and_read(path):
    with open(path, "rb") as file:
        return file.read()


def processes_in(namespace):
    """pidfds of the processes in a mount namespace."""
    found = []
    for pid in (name for name in os.listdir("/proc") if name.isdigit()):
        try:
            if os.readlink(f"/proc/{pid}/ns/mnt") == namespace:
                found.append(os.pidfd_open(int(pid)))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            pass  # it ended meanwhile, or is not our child: it has more privileges
    return found


class Play(unittest.TestCase):
    def check(self, done, status=0):
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def test_passes_on_the_exit_status_and_both_streams(self):
        done = play(script="cat; echo heard >&2; exit 7", input="said")
        self.check(done, 7)
        self.assertEqual((done.stdout, done.stderr), ("said", "heard\n"))

    def test_says_what_is_wrong_with_its_arguments(self):
        for arguments in ([], ["true"], ["--"], ["--as"], ["--as", "alice", "true"]):
            done = subprocess.run([PLAY, *arguments], stderr=subprocess.PIPE, text=True,
                                  timeout=SECONDS, check=False)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assertIn("play.sh", done.stderr)

    def test_gives_127_when_the_command_is_not_there(self):
        self.check(play("no-such-command"), 127)

    def test_runs_the_command_as_a_user_that_the_machine_does_not_know(self):
        script = 'id -un; id -u; echo "$HOME"; touch "$HOME/file"; patctl --json status'
        name, uid, home, *status = self.check(play(script=script, name="zoe")).split("\n")
        self.assertEqual(name, "zoe")
        self.assertGreaterEqual(int(uid), 1000)
        self.assertTrue(home.startswith("/run/patd-play/"))
        self.assertEqual(json.loads("\n".join(status))["user"], "zoe")

    def test_keeps_the_callers_environment_directory_and_umask(self):
        with tempfile.TemporaryDirectory() as directory:
            done = play(script='echo "$FOO"; pwd; umask; echo "$HOME"', cwd=directory, umask=0o027,
                        env=os.environ | {"FOO": "bar", "HOME": directory})
            self.assertEqual(self.check(done).split(), ["bar", directory, "0027", directory])

    def test_takes_the_terminal_of_the_caller_along(self):
        leader, follower = pty.openpty()
        done = subprocess.run(
            ["setsid", "--ctty", "--wait", PLAY, "--", "bash", "-c", "echo here > /dev/tty"],
            stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=SECONDS, check=False)
        self.check(done)
        self.assertEqual(os.read(leader, 100), b"here\r\n")
        os.close(leader)
        os.close(follower)

    def test_leaves_nothing_on_the_host(self):
        before = describe_host()
        self.check(play(script="useradd -m eve; mkdir /var/lib/eve /run/eve; ls /run/patd/socket"))
        self.assertEqual(describe_host(), before)

    def test_has_nothing_of_what_people_run_for_themselves(self):
        mine = "/run/user" if os.path.isdir("/run/user") else "/run"
        before = {folder: names for folder, _, names in os.walk(mine)}
        self.check(play(script="test ! -e /run/user && mkdir -p /run/user/0/patd &&"
                               " touch /run/user/0/patd/socket"))
        self.assertEqual({folder: names for folder, _, names in os.walk(mine)}, before)

    def test_plays_two_games_at_once(self):
        first = subprocess.Popen([PLAY, "--", "bash", "-c", "echo; read -r end"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.assertEqual(first.stdout.readline(), "\n")
        self.check(play("patctl", "status"))
        first.communicate("end\n", timeout=SECONDS)
        self.assertEqual(first.returncode, 0)

    def interrupt(self, sent, ignored=""):
        """Sends a signal to play.sh while its command runs; returns the exit status once every
        process of the session is gone."""
        script = (f"import os, signal\n{ignored}\n"
                  "print(os.readlink('/proc/self/ns/mnt'), flush=True)\nsignal.pause()")
        playing = subprocess.Popen([PLAY, "--", "/usr/bin/python3", "-c", script],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                   start_new_session=True)
        namespace = playing.stdout.readline().strip()
        members = processes_in(namespace)
        self.assertGreaterEqual(len(members), 6, "the bus, patd, two listeners, PID 1, it")
        playing.send_signal(sent)
        status = playing.wait(SECONDS)
        for member in members:
            self.assertTrue(select.select([member], [], [], SECONDS)[0], "a process is left")
            os.close(member)
        playing.stdout.close()
        return status

    def test_takes_everything_down_when_it_is_interrupted(self):
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.assertEqual(self.interrupt(sent), 128 + sent)

    def test_takes_everything_down_when_it_is_killed(self):
        before = describe_host()
        self.assertEqual(self.interrupt(signal.SIGKILL), -signal.SIGKILL)
        self.assertEqual(describe_host(), before)

    def test_takes_down_a_command_that_ignores_the_signal(self):
        ignored = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
        self.assertEqual(self.interrupt(signal.SIGTERM, ignored), 128 + signal.SIGKILL)


class Bus(unittest.TestCase):
    CALL = "busctl --json=short call org.patd.Tokens1 /org/patd/Tokens1 "

    def call_as(self, user, call):
        return play(script=f"setpriv --reuid={user} --clear-groups {self.CALL}{call}")

    def test_carries_a_call_of_any_user(self):
        done = self.call_as("nobody", "org.patd.Tokens1.Manager Status")
        self.assertNotIn("Access denied", done.stderr)  # patd answers, whatever it says
        done = self.call_as("www-data", "org.patd.Tokens1.Manager List")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_stops_a_call_of_admin_that_is_not_roots(self):
        done = self.call_as("www-data", "org.patd.Tokens1.Admin List u 0")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("Access denied", done.stderr)
        self.assertEqual(self.call_as("root", "org.patd.Tokens1.Admin List u 0").returncode, 0)

    def test_stops_what_is_not_in_the_interface(self):
        for call in ("org.freedesktop.DBus.Properties GetAll s org.patd.Tokens1.Manager",
                     "org.freedesktop.DBus.ObjectManager GetManagedObjects",
                     "org.patd.Tokens1.Manager NoSuchMember"):
            done = self.call_as("root", call)
            self.assertNotEqual(done.returncode, 0, call)
            self.assertIn("Access denied", done.stderr)


TOKEN_SCRIPT = """set -eu
made=$(patctl create x -p vcs -t https://h.example --password-fd 8 --output-fd 1 \
    8< <(echo "$PATD_PLAY_PASSWORD"))
patctl verify <<< "$made" > verified
printf 'protocol=https\\nhost=h.example\\n' | git-credential-pat get > released
grep -q '^password=patc1_' released
sed -n 's/^password=//p' released | patctl verify --permission vcs:repository:rw
patctl remove-all --password-fd 8 8< <(echo "$PATD_PLAY_PASSWORD")
patctl verify <<< "$made" && exit 99
sed -n 's/^password=//p' released | patctl verify && exit 98
exit 0
"""


SCRIPT_TOKEN = """set -eu
made=$(patctl create x -p vcs:repository:rw -t https://h.example --password-fd 8 --output-fd 1 \
    8< <(echo "$PATD_PLAY_PASSWORD"))
patctl exec -t https://h.example -- sh -c 'printenv PATD_TOKEN' > in_environment
patctl exec --fd 3 -- cat /dev/fd/3 > in_descriptor
patctl get -p vcs:repository:rw > in_pipe
for file in in_environment in_descriptor in_pipe; do
    grep -q '^patc1_' "$file"
    patctl verify --permission vcs:repository:rw --audience https://h.example < "$file"
done
status=0; patctl exec -- sh -c 'kill -TERM $$' || status=$?; test "$status" = 143
status=0; patctl exec -t https://other.example -- touch ran || status=$?; test "$status" = 3
test ! -e ran
"""
EXPOSURE = """set -eu
for host in shown hidden; do
    patctl --json create "$host" -p vcs -t "https://$host.example" --password-fd 8 --output-fd 9 \
        8< <(echo "$PATD_PLAY_PASSWORD") 9> "$host.secret" |
        sed 's/.*"id":"\\([^"]*\\)".*/\\1/' > "$host"
done
mkdir -m 700 "$PWD/agent"
patctl expose "$PWD/agent" --only "$(cat shown)" --ttl 5m
inside() {  # what git gets where the directory is mounted in place of patd's own
    printf 'protocol=https\\nhost=%s.example\\n' "$1" |
        unshare --mount sh -c 'mount --bind agent /run/patd && timeout 20 git-credential-pat get'
}
inside shown | sed -n 's/^password=//p' | patctl verify --audience https://shown.example
test -z "$(inside hidden)"
patctl --json expose | grep -q "$(cat shown)"
patctl expose --cut "$PWD/agent"
status=0; inside shown || status=$?; test "$status" = 1
test -z "$(ls -A agent)"
patctl expose "$PWD/agent" --only 0123456789 && exit 99
test -z "$(ls -A agent)"
patctl --json audit | grep -q '"exposure":"[0-9A-Za-z]*",.*"where":"https://shown.example"'
"""

FILE_IMPORT = r"""
set -euo pipefail
for i in {1..1000}; do printf 'https://me%d:s%%2f-%d@h%d.example\n' "$i" "$i" "$i"; done > file
patctl import --from file --dry-run > shown
grep -q '1000 tokens would be imported' shown
[ "$(patctl --json list)" = '[]' ]
patctl import --from file --password-fd 8 8<<< wrong && exit 1
[ "$(patctl --json list)" = '[]' ]
patctl import --from file --password-fd 8 8<<< "$PATD_PLAY_PASSWORD" > shown
grep -q '1000 tokens imported' shown
[ "$(patctl --json audit --limit 1000 | grep -o '"event":"import"' | wc -l)" = 1000 ]
git-credential-pat get <<< $'protocol=https\nhost=h777.example' > answer
grep -qx 'username=me777' answer
grep -qx 'password=s/-777' answer
"""

# What people's files contain, with the real git.
PEOPLES_FILES = r"""
set -euo pipefail
export HOME=$PWD GIT_CONFIG_SYSTEM=$PWD/system
keep() { patctl import "$@" --password-fd 8 8<<< "$PATD_PLAY_PASSWORD"; }
cat > netrc <<'END'
# mine
default login anonymous password z
macdef put
machine no.example login x password y

MACHINE One.example LOGIN alice account work PASSWORD "a b\"c"
machine two.example login bob
machine three.example
    login carol # her
    password s3
END
keep --from netrc > shown 2> said
grep -q '2 tokens imported' shown
grep -q 'not imported: line 2: default' said && grep -q 'not imported: line 3: a macro' said
grep -q 'not imported: line 7: a machine without a password' said
if grep -q 'rm --' shown; then exit 1; fi
patctl setup git
answer() { printf 'protocol=https\nhost=%s\n\n' "$1" | GIT_TERMINAL_PROMPT=0 git credential fill; }
answer one.example | grep -qx 'password=a b"c'
answer three.example | grep -qx 'username=carol'
printf 'https://a:p@q@four.example\r\nhttps://ghp_x:x-oauth-basic@five.example\r\n' > git
printf 'https://me:x@six.example\r\nhttps://you:x@six.example\nhunter2\n' >> git
if keep --from git > shown 2> said; then exit 1; fi
grep -q 'line 1: an @ in the user name or the password must be written as %40' said
grep -q 'line 5: not of the form' said && grep -q -- --skip said
if grep -q hunter2 said; then exit 1; fi
keep --from git --skip > shown 2> said
grep -q '3 tokens imported' shown && grep -q 'https://six.example will have 2 user names' said
answer five.example | grep -qx 'password=ghp_x'
eval "$(grep -o 'git config --global .*' said)"  # what the tie names
answer six.example | grep -qx 'username=me'
echo 'https://new:x@seven.example' >> git
keep --from git --skip > shown
grep -q '1 token imported. 3 are kept already' shown
printf '[credential "https://one.example"]\nhelper =\nhelper = "%s"\n' \
    '!echo username=g; echo password=$(echo gh); : ' > .gitconfig
patctl setup git > shown
grep -q 'For https://one.example git asks a shell command alone' shown
patctl explain https://one.example > shown 2>&1
grep -q 'asks a shell command alone for it instead of patd' shown
answer one.example > by
grep -qx 'password=gh' by
fix=$({ patctl doctor || :; } | grep -A1 'for https://one.example git asks' | tail -n 1)
[ "$fix" = "    patctl setup git 'https://one.example'" ]
eval "$fix"
answer one.example | grep -qx 'password=a b"c'
"""


# Secrets of several parts, and what other tools keep in files. Each tool's program gives what its
# file held; git is told why it gets nothing.
TOOL_FILES = r"""
set -euo pipefail
keep() { patctl import "$@" --password-fd 8 8<<< "$PATD_PLAY_PASSWORD" > shown; }
for name in pat-aws docker-credential-pat cargo-credential-pat pat-pnpm pat-keyring pat-kubectl \
    terraform-credentials-pat; do
    eval "$name() { git-credential-pat $name \"\$@\"; }"
done
cat > sts <<'END'
{"Credentials": {"AccessKeyId": "AKIA1", "SecretAccessKey": "secret/1", "SessionToken": "session+1",
 "Expiration": "2034-01-01T00:00:00+00:00"}}
END
keep prod --kind aws -t aws://prod -t https://s3.example --secret-fd 9 9< sts
wanted='{"Version":1,"AccessKeyId":"AKIA1","SecretAccessKey":"secret/1","SessionToken":"session+1",'
wanted+='"Expiration":"2034-01-01T00:00:00Z"}'
[ "$(pat-aws prod)" = "$wanted" ]
[ "$(pat-aws https://s3.example)" = "$wanted" ]
answer=$(git-credential-pat get <<< $'protocol=https\nhost=s3.example' 2> why)
[ "$answer" = quit=1 ]
grep -q 'several parts, which only pat-aws can give' why
{ docker-credential-pat get <<< s3.example > said || :; } 2> why
[ ! -s said ]
grep -q 'only pat-aws' why
{ patctl get -t aws://prod > said || :; } 2> why
[ ! -s said ]
grep -q 'only pat-aws' why
patctl --json list | grep -q '"secret_kind":"aws"'
patctl show prod | grep -q 'imported (aws)'
patctl explain aws://prod | grep -q 'gets a token'
{ patctl explain https://s3.example || :; } | grep -q several-parts
sed s/session+1/session+2/ sts > sts2
patctl regenerate prod --password-fd 8 8<<< "$PATD_PLAY_PASSWORD" --secret-fd 9 9< sts2 > shown
[ "$(pat-aws prod)" = "${wanted/session+1/session+2}" ]

cat > config.json <<'END'
{"auths": {"localhost:5877": {"auth": "YWxpY2U6czM6Y3IiZXQ="}}}
END
keep --from config.json
grep -q "docker --config '$PWD' logout 'localhost:5877'" shown
docker-credential-pat get <<< localhost:5877 > said
grep -q '"Username":"alice","Secret":"s3:cr\\"et"' said
printf '[registry]\ntoken = "crates-1"\n[registries.priv]\ntoken = "to\\"ken"\n' > credentials.toml
printf '[registries]\npriv = { index = "sparse+https://crates.example/i/" }\n' > config.toml
keep --from credentials.toml
cargo-credential-pat --cargo-plugin > said <<'END'
{"v":1,"registry":{"index-url":"sparse+https://crates.example/i/"},"kind":"get","operation":"read"}
END
grep -q '"token":"to\\"ken"' said
printf '//npm.example/team/:_authToken=npm-1\n' > npmrc
keep --from npmrc
[ "$(pat-pnpm https://npm.example/team/)" = 'Bearer npm-1' ]
printf '[dev]\naws_access_key_id = AKIA2\naws_secret_access_key = secret2\n' > credentials
keep --from credentials
[ "$(pat-aws dev)" = '{"Version":1,"AccessKeyId":"AKIA2","SecretAccessKey":"secret2"}' ]
printf '[global]\nindex-url = https://al%%40ice:pip%%251@pypi.example/simple\n' > pip.conf
keep --from pip.conf
[ "$(pat-keyring get https://pypi.example/simple al@ice)" = pip%1 ]
printf '{"credentials": {"tf.example": {"token": "tf-1"}}}' > credentials.tfrc.json
keep --from credentials.tfrc.json
[ "$(terraform-credentials-pat get tf.example)" = '{"token":"tf-1"}' ]
cat > kubeconfig <<'END'
apiVersion: v1
clusters:
- cluster:
    server: https://kube.example:6443
  name: c1
contexts:
- context:
    cluster: c1
    user: u.1
  name: ctx
kind: Config
users:
- name: u.1
  user:
    token: 'kube: #1'
END
keep --from kubeconfig
grep -q "kubectl --kubeconfig '$PWD/kubeconfig' config unset 'users.u.1.token'" shown
pat-kubectl https://kube.example:6443 > said
grep -q '"token":"kube: #1"' said
keep --from kubeconfig
grep -q '1 is kept already' shown
# None of it lies about in plain text.
for secret in session+1 session+2 secret/1 s3:cr crates-1 npm-1 pip%1 tf-1 'kube: #1'; do
    if grep -rqF -e "$secret" /var/lib/patd "$PATD_PLAY_DIR/log"; then exit 1; fi
    if patctl --json audit | grep -qF -e "$secret"; then exit 1; fi
done
"""


class WholeWay(unittest.TestCase):
    def test_files_that_people_have_are_kept_and_their_git_stays_theirs(self):
        with tempfile.TemporaryDirectory() as directory:
            done = play(script=PEOPLES_FILES, cwd=directory)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_file_of_a_thousand_secrets_is_kept_with_one_password(self):
        with tempfile.TemporaryDirectory() as directory:
            done = play(script=FILE_IMPORT, cwd=directory)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_other_tools_keep_in_files_their_programs_give(self):
        with tempfile.TemporaryDirectory() as directory:
            done = play(script=TOOL_FILES, cwd=directory)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_script_gets_a_token(self):
        with tempfile.TemporaryDirectory() as directory:
            done = play(script=SCRIPT_TOKEN, cwd=directory)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_an_exposed_directory_gives_its_token_until_it_is_cut(self):
        with tempfile.TemporaryDirectory() as directory:
            done = play(script=EXPOSURE, cwd=directory)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_token_is_made_released_verified_and_removed(self):
        with tempfile.TemporaryDirectory() as directory:
            done = play(script=TOKEN_SCRIPT, cwd=directory)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_wrong_service_password_makes_no_token(self):
        done = play(script="patctl create x -p vcs --password-fd 8 --output-fd 1 8<<< wrong; "
                           'echo "$?"; patctl --json list')
        self.assertEqual(done.returncode, 0, done.stderr)
        status, tokens = done.stdout.split("\n", 1)
        self.assertEqual((status, json.loads(tokens)), ("4", []))


if __name__ == "__main__":
    unittest.main()
