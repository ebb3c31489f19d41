# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What patctl prints with --json is what docs/patctl.schema.json says, for every command and for
errors. Runs in tools/play.sh, as root."""
import json
import os
import re
import subprocess
import tempfile
import time
import unittest

import jsonschema

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
SECONDS = 60
PASSWORD = os.environ["PATD_PLAY_PASSWORD"]
URL = "https://git.example"
with open(f"{ROOT}/docs/patctl.schema.json", encoding="utf-8") as _file:
    SCHEMA = json.load(_file)


def validate(value, name):
    jsonschema.validate(value, SCHEMA | {"$ref": f"#/$defs/{name}"})


def run(*arguments, text=None, environment=None):
    return subprocess.run(arguments, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, timeout=SECONDS,
                          env=os.environ | (environment or {}))


class Json(unittest.TestCase):
    seen = set()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.environment = {"HOME": self.folder}

    def ask(self, name, *arguments, text=PASSWORD, status=0):
        """The answer of the command `name`, which the schema allows. `text` is the password or the
        secret, whatever is asked for."""
        done = run("patctl", "--json", *name.split(), *arguments, text=text + "\n",
                   environment=self.environment)
        self.assertEqual(done.returncode, status, done.stderr)
        answer = json.loads(done.stdout)
        validate(answer, name)
        self.seen.add(name)
        return answer

    def change(self, name, *arguments):
        return self.ask(name, *arguments, "--password-fd", "0")

    def create(self, *arguments):
        """(answer, secret) of a new token."""
        file = f"{self.folder}/secret"
        with open(file, "w", encoding="ascii") as secret:
            done = subprocess.run(["patctl", "--json", "create", *arguments, "--password-fd", "0",
                                   "--output-fd", str(secret.fileno())], text=True, check=True,
                                  input=PASSWORD + "\n", stdout=subprocess.PIPE, timeout=SECONDS,
                                  pass_fds=[secret.fileno()])
        answer = json.loads(done.stdout)
        validate(answer, "create")
        self.seen.add("create")
        with open(file, encoding="ascii") as secret:
            return answer["id"], secret.read().rstrip("\n")

    def test_1_tokens_and_what_is_done_with_them(self):
        token, secret = self.create("laptop", "-p", "vcs:repository:rw", "-t", URL, "-e", "90d")
        self.create("unit", "-p", "vcs", "--only-unit", "a.service", "-t", f"{URL}/a")
        listed = self.ask("list")
        self.assertEqual([entry["last_used_by_uid"] for entry in listed], [None, None])
        # Two of one second are in no order.
        ends = {entry["id"]: entry["expires"] for entry in listed}
        self.assertRegex(ends.pop(token), "^20..-..-..T..:..:..Z$")
        self.assertEqual(list(ends.values()), [None])
        got = run("git-credential-pat", "get", text="protocol=https\nhost=git.example\n\n")
        self.assertIn("password=", got.stdout, got.stderr)
        deadline = time.monotonic() + SECONDS
        while (shown := self.ask("show", token))["last_used_at"] is None:
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual((shown["last_used_by"], shown["last_used_by_uid"]), ("root", 0))
        self.assertEqual(shown["children"][0]["permissions"], ["vcs:repository:rw"])
        event = self.ask("audit", "--limit", "1")[0]
        self.assertEqual((event["where"], event["ttl"], event["owner"]), (URL, 600, "root"))
        self.assertEqual(self.ask("explain", URL)["outcome"], "released")
        # There is no systemd here that could say of which unit this is.
        verdicts = {row["verdict"] for row in self.ask("explain", f"{URL}/a")["candidates"]}
        self.assertEqual(verdicts, {"released", "unavailable"})
        self.ask("explain", "http://git.example", status=3)
        self.assertEqual(self.ask("verify", "-p", "vcs:issue:ro", text=secret, status=4)["valid"],
                         False)
        self.assertEqual(self.ask("verify", text=secret)["id"], token)
        self.change("edit", token, "-d", "old laptop")
        self.ask("lock")
        self.change("unlock")
        self.ask("permissions")
        self.ask("permissions", "git:repository")
        self.ask("status")
        self.ask("doctor", status=1)
        os.mkdir(f"{self.folder}/agent", 0o700)
        self.ask("expose", f"{self.folder}/agent", "--only", token)
        self.ask("expose")
        self.ask("expose", "--cut")
        self.assertEqual(self.change("delete", token)["id"], token)
        # The form is that of the question: several names, an array.
        others = [self.create(f"more {number}", "-p", "vcs")[0] for number in (1, 2)]
        gone = self.change("delete", *others)
        self.assertEqual([entry["id"] for entry in gone], others)
        same = self.create("same", "-p", "vcs")[0]
        self.assertEqual(self.change("delete", same, same), [{"id": same}])

    def test_2_regenerate_tells_no_secret(self):
        token, _ = self.create("again", "-p", "vcs")
        done = run("sh", "-c", "exec patctl --json regenerate \"$1\" --password-fd 0 --output-fd 3 "
                   "3>/dev/null", "sh", token, text=PASSWORD + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        validate(json.loads(done.stdout), "regenerate")
        self.seen.add("regenerate")

    def test_3_a_file_is_imported(self):
        file = f"{self.folder}/credentials"
        with open(file, "w", encoding="ascii") as credentials:
            credentials.write("https://me:s1@one.example\n# a comment\nhttps://me:s2@two.example\n")
        self.ask("import", "--from", file, "--dry-run")
        self.change("import", "--from", file)
        rows = self.change("import", "--from", file)
        self.assertEqual({"kept_already", "passed_over"} & set().union(*rows),
                         {"kept_already", "passed_over"})
        steps = self.ask_for_steps()
        self.assertFalse(steps["git_asks_patd"])
        self.assertIn("patctl setup git", steps["next"])
        self.assertEqual(self.ask("setup git")["no_longer_asked"], [])
        self.assertTrue(self.ask_for_steps()["git_asks_patd"])
        self.assertTrue(self.ask("setup git", "--undo")["undone"])
        self.assertFalse(self.ask("setup gateway", "--undo")["undone"])
        self.assertEqual(self.ask("setup", "docker")["places"], ["one.example", "two.example"])
        self.ask("setup", "--list")
        self.ask("setup", "restic", "https://one.example")
        self.assertTrue(self.ask("setup", "docker", "--undo")["changed"])

    def ask_for_steps(self):
        """patctl without a command."""
        done = run("patctl", "--json", environment=self.environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        validate(answer, "patctl")
        return answer

    def set_gateway(self, text):
        """Returns once patd has it."""
        os.makedirs("/etc/patd/patd.conf.d", exist_ok=True)
        with open("/etc/patd/patd.conf.d/gateway.conf", "w", encoding="ascii") as file:
            file.write(f"[Patd]\n{text}")
        subprocess.run(["pkill", "-HUP", "-x", "patd"], check=True)
        deadline = time.monotonic() + SECONDS
        while ("gateway" in self.ask("status")) != bool(text):
            self.assertLess(time.monotonic(), deadline)

    def test_3_what_goes_through_the_gateway(self):
        origin = "http://127.0.0.1:9200"
        self.set_gateway(f"GatewayOrigin={origin}\n")
        self.addCleanup(self.set_gateway, "")
        file = f"{self.folder}/credentials"
        with open(file, "w", encoding="ascii") as credentials:
            credentials.write("https://me:s1@forge.example\nhttp://me:s2@localhost\n")
        rows = self.change("import", "--from", file, "--skip", "--through-gateway", "-p",
                           "vcs:repository:ro")
        (token,) = [row["id"] for row in rows if "id" in row]
        self.assertTrue(self.ask("show", token)["through_gateway"])
        self.assertEqual(self.ask("setup gateway")["forges"], ["https://forge.example"])
        self.assertEqual(self.ask("explain", "https://forge.example/x", status=3)["outcome"],
                         "through-gateway")
        self.ask("explain", f"{origin}/forge.example/x")
        os.mkdir(f"{self.folder}/agent", 0o700)
        exposed = self.ask("expose", f"{self.folder}/agent", "--only", token)
        self.assertEqual((exposed["gateway"], os.path.basename(exposed["git_config"])),
                         (origin, "gitconfig"))
        self.ask("expose", "--cut")
        texts = [found["text"] for found in self.ask("doctor", status=1)["findings"]
                 if found["check"] == "gateway"]
        self.assertEqual(len(texts), 1, texts)
        self.assertIn(f"nothing answers at {origin}", texts[0])
        self.assertIn("gateway", self.ask_for_steps())
        self.change("delete", token)

    def test_3_a_tool_has_a_key_of_its_own(self):
        token, _ = self.create("hub", "-p", "vcs", "-t", "https://hub.example")
        got = run("git-credential-pat", "docker-credential-pat", "get", text="hub.example")
        self.assertIn("Secret", got.stdout, got.stderr)
        event = self.ask("audit", "--token", token, "--limit", "1")[0]
        self.assertEqual((event["tool"], event["where"]), ("docker", "https://hub.example"))
        deadline = time.monotonic() + SECONDS
        while (shown := self.ask("show", token))["last_used_at"] is None:
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual((shown["last_used_tool"], shown["last_used_where"]),
                         ("docker", "https://hub.example"))
        child = shown["children"][0]
        self.assertEqual((child["tool"], child["target"]), ("docker", "https://hub.example"))

    def test_4_root_looks_after_everybody(self):
        token = self.ask("admin import", "nightly", "--owner", "backup", "-t", URL, "-u", "robot",
                         "--secret-fd", "0", text="foreign")["id"]
        owned = self.ask("admin list")
        self.assertIn(("backup", token), [(entry["owner"], entry["id"]) for entry in owned])
        self.ask("audit", "--all")
        recovery, backup = f"{self.folder}/recovery", f"{self.folder}/backup"
        self.ask("admin export-key", recovery)
        self.ask("admin recover-key", recovery, "--output", f"{self.folder}/key")
        self.ask("admin backup", backup)
        self.ask("admin revoke", "backup", token, "--yes")
        dead = self.ask("admin restore", backup, status=4)["dead"]
        self.assertEqual([(entry["id"], entry["cause"]) for entry in dead], [(token, "deleted")])
        self.ask("admin restore", backup, "--keep-dead")
        several = [self.ask("admin import", name, "--owner", "backup", "-t", f"{URL}/{name}", "-u",
                            "robot", "--secret-fd", "0", text=name)["id"] for name in ("x", "y")]
        gone = self.ask("admin revoke", "backup", *several, "--yes")
        self.assertEqual([entry["id"] for entry in gone], several)
        self.ask("admin check-owners")
        self.ask("admin accept-clock")
        self.ask("admin accept-rollback")
        self.ask("admin rotate-key")
        self.ask("admin rotate-key", "--master", f"{self.folder}/recovery2")

    def test_5_passwords(self):
        self.change_password("passwd", f"{PASSWORD}\n{PASSWORD}2\n{PASSWORD}2\n")
        self.change_password("admin passwd", f"{PASSWORD}\n{PASSWORD}\n", "root")

    def change_password(self, name, answers, *arguments):
        done = run("patctl", "--json", *name.split(), *arguments, "--password-fd", "0",
                   text=answers)
        self.assertEqual(done.returncode, 0, done.stderr)
        validate(json.loads(done.stdout), name)
        self.seen.add(name)

    def test_6_errors(self):
        for arguments in (["lsit"], ["list", "--frobnicate"], ["show", "0123456789"],
                          ["permissions", "nothing"], ["explain", "not a place"],
                          ["create", "x", "-p", "no:such:ro"], ["get", "-t", "https://nowhere"],
                          ["exec", "-t", "https://nowhere", "--", "true"],
                          ["admin", "reinstate", "root", "0123456789"], ["unlock", "--for", "x"]):
            done = run("patctl", "--json", *arguments)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assertEqual(done.stdout, "", arguments)
            for line in done.stderr.splitlines()[:-1]:
                validate(json.loads(line), "warning")
            validate(json.loads(done.stderr.splitlines()[-1]), "error")

    def test_7_no_command_was_left_out(self):
        self.change("remove-all")
        usages = re.findall(r"(?m)^Usage: patctl ([a-z-]+(?: [a-z-]+)?)(?: [^a-z]|$)",
                            run("patctl", "--help-all").stdout)
        # get and exec print a secret or what another program prints, help is for people; reinstate
        # needs an account that is gone, check-config an installed patd.
        unasked = {"admin check-config", "admin reinstate"}
        # What is said in a conversation, converse_test.py compares.
        without = {"get", "exec", "help", "admin", "converse"} | unasked
        self.assertEqual(set(usages) - without, self.seen)
        known = {name for name in SCHEMA["$defs"] if name in usages}
        self.assertEqual(known, self.seen | unasked)


class Page(unittest.TestCase):
    def test_names_every_key(self):
        with open(f"{ROOT}/docs/man/patctl-json.7.md", encoding="utf-8") as file:
            named = set(re.findall(r"\*([a-z_]+)\*", file.read()))
        keys = set()

        def walk(node):
            if isinstance(node, dict):
                keys.update(node.get("properties", {}))
                for value in node.values():
                    walk(value)
            elif isinstance(node, list):
                for value in node:
                    walk(value)
        walk({name: definition for name, definition in SCHEMA["$defs"].items()
              if not name.startswith("converse-")})
        # The page leaves the keys of Status to org.patd.Tokens1(5).
        status = set(SCHEMA["$defs"]["status_keys"]["properties"])
        self.assertEqual(keys - status - named, {"error", "message", "warning"})


if __name__ == "__main__":
    unittest.main()
