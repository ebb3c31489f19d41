# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patctl converse with the real patd and PAM: every operation, every way in which it ends, two
conversations at once, a second factor, and what is left of the secrets. Runs inside of
tools/play.sh, as root. converse_test.py TWO_PROMPTS."""
import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
import unittest

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tools/demo"))
from search import Search  # noqa: E402: the path comes first

PLAY = os.environ.get("PATD_PLAY_DIR", "")
SECONDS = 60
PASSWORD, FOREIGN_SECRET = secrets.token_urlsafe(18), secrets.token_urlsafe(18)
STACK = "/etc/pam.d/patd"
ERROR = "org.patd.Tokens1.Error."
LAPTOP = {"description": "laptop", "permissions": ["vcs:repository:rw"],
          "targets": ["https://git.example"]}
FOREIGN = {"description": "foreign", "targets": ["https://forge.example"], "username": "alice"}
with open(f"{HERE}/../../docs/patctl.schema.json", encoding="utf-8") as _file:
    SCHEMA = json.load(_file)
two_prompts = ""


def validate(message):
    jsonschema.validate(message, SCHEMA | {"$ref": f"#/$defs/converse-{message['type']}"})


def become(user):
    account = pwd.getpwnam(user)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": PLAY,
            "env": {"PATH": os.environ["PATH"], "HOME": PLAY,
                    "DBUS_SYSTEM_BUS_ADDRESS": os.environ["DBUS_SYSTEM_BUS_ADDRESS"]}}


def patctl(user, *arguments, text=""):
    return subprocess.run(["patctl", *arguments], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=SECONDS, check=False,
                          **become(user))


class Converse:
    """One conversation of a user's."""

    def __init__(self, user="alice"):
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["patctl", "converse"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, **become(user))
        self.heard = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        self.process.wait(timeout=SECONDS)

    def write(self, line):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(line)
            self.process.stdin.flush()

    def say(self, **message):
        validate(message)
        self.write(json.dumps(message).encode() + b"\n")

    def hear(self):
        """The next message; None when there is none."""
        line = self.process.stdout.readline()
        if not line:
            return None
        assert line.isascii() and line.endswith(b"\n"), line
        message = json.loads(line)
        validate(message)
        self.heard.append(message)
        return message

    def begin(self, operation, **arguments):
        self.say(type="begin", operation=operation, arguments=arguments)

    def answer(self, message, answers):
        """What is to be said to a message, if anything is."""
        if message["type"] == "secret":
            self.say(type="acknowledge")
        elif message["type"] == "prompt" and message["seconds"] is not None:
            self.say(type="answer", prompt=message["prompt"], text=answers.pop(0))

    def go_on(self, *answers):
        """Until the end; what was said then."""
        answers = list(answers)
        while (message := self.hear())["type"] != "ended":
            self.answer(message, answers)
        assert self.hear() is None
        assert self.process.stderr.read() == b""
        self.process.wait(timeout=SECONDS)
        return message

    def secret(self):
        return next((heard["secret"] for heard in self.heard if heard["type"] == "secret"), None)


def converse(operation, *answers, user="alice", **arguments):
    """(the last message, the secret) of a whole conversation."""
    with Converse(user) as conversation:
        conversation.begin(operation, **arguments)
        return conversation.go_on(*answers), conversation.secret()


def tokens(user="alice"):
    """All about them but their last use, which is the test's own."""
    return [{key: value for key, value in token.items() if not key.startswith("last_used")}
            for token in json.loads(patctl(user, "--json", "list").stdout)]


def is_valid(secret):
    return patctl("alice", "verify", text=secret + "\n").returncode == 0


def set_password(user):
    subprocess.run(["patctl", "admin", "passwd", user, "--password-fd", "0"], text=True,
                   input=f"{PASSWORD}\n{PASSWORD}\n", check=True, stdout=subprocess.DEVNULL)


def await_no_conversation(user="alice"):
    """patd-auth learns of an end a moment later. None costs a try, so that nobody has to wait."""
    deadline = time.monotonic() + SECONDS
    while True:
        with Converse(user) as conversation:
            conversation.begin("remove-all")
            message = conversation.hear()
            if message["type"] == "prompt":
                conversation.say(type="cancel")
                conversation.hear()
                conversation.process.wait(timeout=SECONDS)
                return
            assert message["errors"][0]["name"] == ERROR + "Busy", message
        assert time.monotonic() < deadline


class Conversations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for name in ("alice", "bob", "carol"):
            subprocess.run(["useradd", "--no-log-init", "-M", name], check=True,
                           stderr=subprocess.DEVNULL)
            set_password(name)

    def setUp(self):
        await_no_conversation()
        self.done("remove-all", PASSWORD)

    def done(self, operation, *answers, user="alice", **arguments):
        """The result of a whole conversation that must succeed, and the new secret."""
        ended, secret = converse(operation, *answers, user=user, **arguments)
        self.assertEqual((ended["outcome"], ended["errors"]), ("done", []))
        return ended["result"], secret

    def refused(self, name, operation, *answers, user="alice", **arguments):
        ended, _ = converse(operation, *answers, user=user, **arguments)
        self.assertEqual(ended["outcome"], "refused", ended)
        self.assertEqual(ended["errors"][0]["name"], ERROR + name)
        return ended["errors"][0]

    def test_a_tokens_whole_life(self):
        made, secret = self.done("create", PASSWORD, expires="90d", **LAPTOP)
        self.assertTrue(is_valid(secret))
        token = made["id"]
        self.done("edit", PASSWORD, id=token, description="größer 😀")
        self.assertEqual(tokens()[0]["description"], "größer 😀")
        _, other = self.done("regenerate", PASSWORD, id=token)
        self.assertEqual((is_valid(secret), is_valid(other)), (False, True))
        verdict, _ = self.done("verify", other)
        self.assertEqual((verdict["valid"], verdict["id"]), (True, token))
        self.assertEqual(self.done("lock")[0], {"locked": True})
        self.done("unlock", PASSWORD)
        imported, none = self.done("import", "a foreign secret", PASSWORD, **FOREIGN)
        self.assertIsNone(none)
        self.done("regenerate", "another foreign secret", PASSWORD, id=imported["id"])
        self.assertEqual(self.done("delete", PASSWORD, ids=[token, imported["id"]])[0],
                         {"ids": [token, imported["id"]]})
        self.assertEqual(tokens(), [])
        self.assertFalse(is_valid(other))

    def test_the_password_is_set_and_changed(self):
        self.done("passwd", PASSWORD, "another one", "another one", user="bob")
        self.refused("WrongPassword", "create", PASSWORD, user="bob", **LAPTOP)
        self.refused("PasswordNotAccepted", "passwd", "another one", "third one", "fourth one",
                     user="bob")
        done = self.as_root("admin-passwd", PASSWORD, PASSWORD, user="bob")
        self.assertEqual(done["result"], {"user": "bob"})
        made, _ = self.done("create", PASSWORD, user="bob", **LAPTOP)
        self.assertEqual(self.as_root("admin-revoke", user="bob", ids=[made["id"]])["result"],
                         {"ids": [made["id"]]})
        gone = self.as_root("admin-revoke", user="bob", ids=[made["id"]])["errors"][0]
        self.assertEqual([gone["name"], gone["field"], gone["item"]],
                         [ERROR + "NotFound", "ids", 0])
        self.as_root("admin-import", "a secret", owner="bob", **FOREIGN)
        self.assertEqual(tokens("bob")[0]["description"], "foreign")
        for operation, more in (("admin-revoke", {"ids": [made["id"]]}), ("admin-passwd", {})):
            with Converse() as conversation:
                conversation.begin(operation, user="bob", **more)
                self.assertEqual(conversation.go_on()["errors"][0]["name"], ERROR + "AccessDenied")

    @staticmethod
    def as_root(operation, *answers, **arguments):
        with Converse("root") as conversation:
            conversation.begin(operation, **arguments)
            return conversation.go_on(*answers)

    def test_a_wrong_password_and_then_a_wait(self):
        error = self.refused("WrongPassword", "create", "wrong", user="carol", **LAPTOP)
        self.assertEqual((error["field"], error["seconds"]), ("password", None))
        for _ in range(20):
            ended, _ = converse("create", "wrong", user="carol", **LAPTOP)
            if ended["errors"][0]["name"] == ERROR + "Throttled":
                break
        self.assertGreater(ended["errors"][0]["seconds"], 0)
        self.assertEqual(tokens("carol"), [])

    def test_faults_of_arguments_have_their_fields(self):
        with Converse() as conversation:
            conversation.begin("create", description="", permissions=["vcs", "no:such:rw"],
                               targets=["https://git.example", "git.example"])
            errors = conversation.go_on()["errors"]
        self.assertEqual([(error["field"], error["item"]) for error in errors],
                         [("description", None), ("targets", 1)])
        error = self.refused("UnknownPermission", "create", description="x",
                             permissions=["vcs", "no:such:rw"])
        self.assertEqual((error["field"], error["item"]), ("permissions", 1))
        with Converse() as conversation:
            conversation.say(type="begin", operation="create", arguments=LAPTOP, dry_run=True)
            self.assertEqual(conversation.go_on()["outcome"], "done")
        self.assertEqual(tokens(), [])

    def test_a_second_factor_is_two_more_messages(self):
        module = shutil.copy(two_prompts, f"{PLAY}/lib/two_prompts.so")
        with open(STACK, encoding="utf-8") as file:
            stack = file.read()
        self.addCleanup(lambda: self.write_stack(stack))
        self.write_stack(stack.replace("\naccount", f"\nauth required {module}\naccount", 1))
        with Converse() as conversation:
            conversation.begin("create", **LAPTOP)
            conversation.go_on(PASSWORD, "123456")
            heard = conversation.heard
        self.assertEqual([message.get("style", message["type"]) for message in heard],
                         ["secret", "info", "visible", "commit", "secret", "ended"])
        self.assertEqual([heard[1]["text"], heard[2]["text"]],
                         ["Look at your second factor", "Code: "])
        with Converse() as conversation:
            conversation.begin("create", **LAPTOP)
            ended = conversation.go_on(PASSWORD, "654321")
            self.assertEqual(conversation.heard[-2]["style"], "error")
        self.assertEqual(ended["errors"][0]["name"], ERROR + "WrongPassword")
        self.assertEqual(len(tokens()), 1)

    @staticmethod
    def write_stack(text):
        with open(STACK, "w", encoding="utf-8") as file:
            file.write(text)

    # Row A9 by another way: what one began is nobody else's to answer, end or silence.
    def test_two_at_once_leave_each_other_alone(self):
        with Converse() as one, Converse("bob") as stranger:
            one.begin("create", **LAPTOP)
            prompt = one.hear()
            self.assertEqual(prompt["style"], "secret")
            stranger.begin("create", **LAPTOP)
            self.assertEqual(stranger.hear()["style"], "secret")
            for _ in range(3):
                with Converse() as two:
                    two.begin("edit", id="AbCdE01234", description="x")
                    self.assertEqual(two.go_on()["errors"][0]["name"], ERROR + "NotFound")
                with Converse() as two:
                    two.begin("remove-all")
                    self.assertEqual(two.go_on()["errors"][0]["name"], ERROR + "Busy")
                with Converse() as two:
                    two.begin("remove-all")
                    two.process.send_signal(signal.SIGTERM)
            one.answer(prompt, [PASSWORD])
            self.assertEqual(one.hear()["type"], "commit")
            shown = one.hear()
            # Both may have a secret to acknowledge at once.
            with Converse() as two:
                two.begin("create", **(LAPTOP | {"description": "second"}))
                two.answer(two.hear(), [PASSWORD])
                self.assertEqual(two.hear()["type"], "commit")
                self.assertEqual(two.hear()["type"], "secret")
                two.say(type="cancel")
                self.assertEqual(two.go_on()["outcome"], "cancelled")
                self.assertFalse(is_valid(two.secret()))
            self.assertFalse(is_valid(shown["secret"]))
            one.say(type="acknowledge")
            self.assertEqual(one.go_on()["outcome"], "done")
            self.assertTrue(is_valid(shown["secret"]))
        self.assertEqual([token["description"] for token in tokens()], ["laptop"])

    # Row R1: whatever ends a conversation, wherever, nothing is half done.
    def test_every_end_at_every_message_leaves_nothing_half_done(self):
        issued, secret = self.done("create", PASSWORD, **LAPTOP)
        imported, _ = self.done("import", "a foreign secret", PASSWORD, **FOREIGN)
        operations = [
            ("create", [PASSWORD], LAPTOP | {"description": "new"}),
            ("import", ["new secret", PASSWORD], FOREIGN | {"description": "new"}),
            ("edit", [PASSWORD], {"id": issued["id"], "description": "new"}),
            ("delete", [PASSWORD], {"ids": [imported["id"]]}),
            ("regenerate", [PASSWORD], {"id": issued["id"]}),  # its end makes `secret` invalid
        ]
        for operation, answers, arguments in operations:
            number = 0
            while self.ends_well(operation, answers, arguments, number, secret):
                number += 1
            self.assertGreater(number, 1, operation)

    def ends_well(self, operation, answers, arguments, number, secret):
        """Ends a conversation after `number` of its messages, in each way. False: there are not so
        many before it is done."""
        for way in ("signal", "input", "kill"):
            before = tokens()
            with Converse() as conversation:
                conversation.begin(operation, **arguments)
                left = list(answers)
                for _ in range(number):
                    message = conversation.hear()
                    if message["type"] == "ended":
                        return False
                    if len(conversation.heard) < number:
                        conversation.answer(message, left)
                committed = any(heard["type"] == "commit" for heard in conversation.heard)
                self.end(conversation, way)
                # A new secret that was shown is not acknowledged.
                last = conversation.heard[-1] if conversation.heard else {}
                new = conversation.secret()
            what = f"{operation} {way} after {number}: {conversation.heard}"
            # A signal may come before patctl can hear it.
            deaf = number == 0 and conversation.process.returncode == -signal.SIGTERM
            if way != "kill" and not deaf:
                self.assertEqual(last["type"], "ended", what)
                if not committed or new:
                    self.assertEqual(last["outcome"], "cancelled", what)
            if new:
                self.assertFalse(is_valid(new), what)
            after = tokens()
            if new or not committed or last.get("outcome") == "cancelled":
                self.assertEqual(after, before, what)
                self.assertTrue(is_valid(secret), what)
            elif operation == "delete":
                self.assertIn(len(before) - len(after), (0, 1), what)
                if len(after) < len(before):
                    return False
            await_no_conversation()
        return True

    @staticmethod
    def end(conversation, way):
        if way == "signal":
            conversation.process.send_signal(signal.SIGTERM)
        elif way == "kill":
            conversation.process.kill()
        else:
            conversation.process.stdin.close()
        while conversation.hear() is not None:
            pass
        conversation.process.wait(timeout=SECONDS)

    def test_what_is_no_message_ends_it_and_nothing_else(self):
        self.done("create", PASSWORD, **LAPTOP)
        before = tokens()
        for line in (b"\n", b"{}\n", b"null\n", b"\xff\n", b'{"type":"cancel","type":"cancel"}\n',
                     b'{"type":"answer","prompt":1,"text":"a\\u0000b"}\n',
                     b'{"type":"answer","prompt":7,"text":"a"}\n',
                     b'{"type":"acknowledge"}\n', b'{"type":"begin","operation":"lock"}\n',
                     b"[" * 60000 + b"\n", b'{"a":' * 10000 + b"\n", b"x" * 65536 + b"\n",
                     b'{"type":"answer","prompt":1,"text":"' + b"x" * 600 + b'"}\n'):
            with Converse() as conversation:
                conversation.begin("remove-all")
                self.assertEqual(conversation.hear()["type"], "prompt")
                conversation.write(line)
                self.assertEqual(conversation.go_on()["outcome"], "refused", line[:60])
            await_no_conversation()
        self.assertEqual(tokens(), before)

    # Row L1: the memory of what runs, and all that was written.
    def test_no_secret_is_left_anywhere(self):
        with Converse() as conversation:
            conversation.begin("create", **LAPTOP)
            conversation.answer(conversation.hear(), [PASSWORD])
            self.assertEqual(conversation.hear()["type"], "commit")
            secret = conversation.hear()["secret"]
            with open(f"/proc/{conversation.process.pid}/maps", encoding="utf-8") as maps:
                sanitized = "libasan" in maps.read()  # which keeps what was freed for a while
            if not sanitized:
                names, _ = Search({"the password": PASSWORD}).memory(conversation.process.pid)
                self.assertNotIn("the password", names, "patctl needs it no more")
            conversation.say(type="acknowledge")
            conversation.go_on()
        self.done("import", FOREIGN_SECRET, PASSWORD, **FOREIGN)
        search = Search({"the password": PASSWORD, "the secret": secret,
                         "the foreign one": FOREIGN_SECRET})
        found = {}
        for pid in filter(str.isdigit, () if sanitized else os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if int(pid) != os.getpid() and os.readlink(f"/proc/{pid}/ns/mnt") == \
                        os.readlink("/proc/self/ns/mnt") and self.is_ours(pid):
                    names, _ = search.memory(int(pid))
                    if names:
                        found[pid] = names
        self.assertEqual(found, {})
        paths = [os.path.join(folder, name)
                 for root in (PLAY, "/var/lib/patd", "/run/patd")
                 for folder, _, names in os.walk(root) for name in names]
        paths = [path for path in paths if os.path.isfile(path)]
        self.assertGreater(len(paths), 5)
        self.assertEqual(search.files(paths, shapes=False), {})

    @staticmethod
    def is_ours(pid):
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip() in ("patd", "patd-auth", "dbus-daemon", "patctl")


if __name__ == "__main__":
    two_prompts = sys.argv.pop(1)
    unittest.main()
