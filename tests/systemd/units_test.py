# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The units as shipped: systemd accepts every line of them, and how exposed they leave each
service. units_test.py DIRECTORY, where the build put them."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "systemd"
# Row O4: no unit is more exposed than this.
EXPOSURE_MAX = {"patd.service": 0.5, "patd-auth@.service": 0.5,
                "patd-counter@.service": 0.7, "patd-enroll@.service": 3.5,
                "patd-key.service": 3.5, "patd-refuse.service": 0.5, "patd-http.service": 0.5,
                "patd-http-gateway.service": 0.5, "patd-gateway.service": 1.2}
EXPOSURE_AS_ROOT_MAX = 3.5
# What systemd 252 says of the one setting that it does not know; it does no harm there.
UNKNOWN_TO_252 = re.compile(
    r"^.*/patd\.service:\d+: Unknown key 'RestartMode' in section \[Service\], ignoring\.\n",
    re.MULTILINE)
units = None


class Units(unittest.TestCase):
    def setUp(self):
        self._directory = tempfile.TemporaryDirectory()
        self.addCleanup(self._directory.cleanup)
        self.root = pathlib.Path(self._directory.name)
        for unit in units.iterdir():
            if unit.suffix in (".service", ".socket"):
                text = unit.read_text(encoding="utf-8")
                # Nothing is installed here: systemd looks whether the program is there.
                text = re.sub(r"^(Exec\w+=)\S*", r"\1/bin/true", text, flags=re.M)
                (self.root / unit.name).write_text(text, encoding="utf-8")

    def run_analyze(self, *arguments):
        return subprocess.run(
            ["systemd-analyze", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False, env=os.environ | {"SYSTEMD_UNIT_PATH": f"{self.root}:"})

    def exposure(self, unit, most):
        """Runs the gate; returns its output."""
        return self.run_analyze("security", "--offline=yes", f"--threshold={most * 10:.0f}",
                                str(self.root / unit))

    def test_every_unit_of_the_source_is_built(self):
        built = {path.name for path in units.iterdir()}
        for unit in (SOURCE / "system").iterdir():
            self.assertIn(unit.name, built)

    def test_systemd_understands_every_line(self):
        paths = [str(path) for path in self.root.iterdir()]
        self.assertGreaterEqual(len(paths), 7)
        done = self.run_analyze("verify", "--man=no", *paths)
        self.assertEqual((done.returncode, UNKNOWN_TO_252.sub("", done.stdout)), (0, ""))

    def test_systemd_understands_every_line_of_the_users_units(self):
        built = {path.name for path in (units / "user").iterdir()}
        self.assertEqual(built, {path.name for path in (SOURCE / "user").iterdir()})
        paths = []
        for unit in (units / "user").iterdir():
            text = unit.read_text(encoding="utf-8")
            text = re.sub(r"^(Exec\w+=)\S*", r"\1/bin/true", text, flags=re.M)
            folder = self.root / "user"
            folder.mkdir(exist_ok=True)
            (folder / unit.name).write_text(text, encoding="utf-8")
            paths.append(str(folder / unit.name))
        done = subprocess.run(
            ["systemd-analyze", "--user", "verify", "--man=no", *paths], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
            env=os.environ | {"SYSTEMD_UNIT_PATH": f"{self.root}/user:",
                              "XDG_RUNTIME_DIR": str(self.root)})
        self.assertEqual((done.returncode, UNKNOWN_TO_252.sub("", done.stdout)), (0, ""))

    def test_a_crash_is_no_failure_before_the_restart(self):
        for unit in (units / "patd.service", units / "user" / "patd.service"):
            self.assertIn("\nRestartMode=direct\n", unit.read_text(encoding="utf-8"))

    def test_no_service_is_more_exposed_than_promised(self):
        services = {path.name for path in self.root.iterdir() if path.suffix == ".service"}
        self.assertEqual(services, EXPOSURE_MAX.keys())
        for unit, most in EXPOSURE_MAX.items():
            done = self.exposure(unit, most)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_gate_notices_a_missing_line(self):
        path = self.root / "patd.service"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"^SystemCallFilter=.*\n", "", text, flags=re.M), encoding="utf-8")
        self.assertNotEqual(self.exposure("patd.service", EXPOSURE_MAX["patd.service"]).returncode,
                            0)

    def test_the_drop_in_for_site_stacks_keeps_most_of_the_sandbox(self):
        folder = self.root / "patd-auth@.service.d"
        folder.mkdir()
        shutil.copy(SOURCE / "examples/patd-auth-as-root.conf", folder)
        verified = self.run_analyze("verify", "--man=no", str(self.root / "patd-auth@.service"))
        self.assertEqual((verified.returncode, verified.stdout), (0, ""))
        shown = self.exposure("patd-auth@.service", EXPOSURE_AS_ROOT_MAX)
        self.assertEqual(shown.returncode, 0, shown.stdout)
        # The drop-in was part of the measurement: the service alone passes the stricter gate.
        strict = self.exposure("patd-auth@.service", EXPOSURE_MAX["patd-auth@.service"])
        self.assertNotEqual(strict.returncode, 0, strict.stdout)

    def lines(self, unit):
        """What each line of a built unit sets; of several lines with one name, the last."""
        text = (units / unit).read_text(encoding="utf-8")
        return dict(re.findall(r"^(\w+)=(.*)$", text, re.M))

    # Rows D4, D5: no number of connections or ends makes systemd give up. What each connection
    # starts is patd's to reach alone and unlimited; patd.socket stays open however often patd ends,
    # and patd itself is started again after a pause. Where that does not help, who waits is told
    # so by a unit that gets the same socket, so that nobody waits and systemd rests.
    def test_no_flood_and_no_crash_makes_systemd_give_up(self):
        for unit in (path.name for path in units.iterdir() if path.suffix == ".socket"):
            socket = self.lines(unit)
            if socket.get("Accept") == "yes":
                self.assertEqual((socket["SocketUser"], socket["SocketMode"]), ("patd", "0600"))
                self.assertEqual(socket["TriggerLimitIntervalSec"], "0")
        self.assertNotIn("Accept", self.lines("patd.socket"))
        for unit in ("patd.socket", "patd-http.socket", "patd-http-gateway.socket",
                     "patd-gateway.socket"):
            self.assertEqual(self.lines(unit)["TriggerLimitIntervalSec"], "0")
        patd = self.lines("patd.service")
        for folder in ("", "user/"):
            self.expect_to_be_refused_in_turn(folder)
        pause = int(re.fullmatch(r"(\d+)ms", patd["RestartSec"])[1])
        self.assertLess(2000 / pause, 20)
        self.assertEqual(patd["Restart"], "on-failure")
        for unit in ("patd.service", "patd-key.service", "patd-refuse.service",
                     "patd-http.service", "patd-http-gateway.service", "patd-gateway.service"):
            self.assertEqual(self.lines(unit)["StartLimitIntervalSec"], "0")

    # Two systems that count with one TPM each take the other's steps for a snapshot's.
    def test_a_container_does_not_count_with_the_tpm_of_its_host(self):
        self.assertEqual(self.lines("patd-counter.socket")["ConditionVirtualization"],
                         "!container")
        for unit in ("patd.service", "patd.socket"):
            self.assertIn("\nWants=patd-counter.socket\n",
                          (units / unit).read_text(encoding="utf-8"))

    # Row G13: the port is systemd's from before anybody is here, whatever nginx does.
    def test_systemd_holds_the_port_of_the_gateway(self):
        held = self.lines("patd-gateway.socket")
        origin = (SOURCE / "gateway/patd.conf").read_text(encoding="utf-8")
        self.assertIn(f"\nGatewayOrigin=http://{held['ListenStream']}\n", origin)
        self.assertEqual(held["WantedBy"], "sockets.target")
        service = self.lines("patd-gateway.service")
        self.assertIn("patd-gateway.socket", service["Requires"].split())
        self.assertIn("patd-gateway.socket", service["After"].split())
        self.assertIn("patd-gateway.socket", service["Also"].split())
        self.assertEqual((service["Type"], service["NonBlocking"]), ("exec", "yes"))
        text = (units / "patd-gateway.service").read_text(encoding="utf-8")
        self.assertRegex(text, r"(?m)^ExecStart=\S*/gateway-listen /run/patd-gateway ")
        self.assertRegex(text, r"(?m)^ExecReload=.* -t .*\nExecReload=/bin/kill -HUP ")

    def expect_to_be_refused_in_turn(self, folder):
        patd = self.lines(f"{folder}patd.service")
        self.assertEqual((patd["OnFailure"], patd["OnFailureJobMode"]),
                         ("patd-refuse.service", "fail"))
        refuse = self.lines(f"{folder}patd-refuse.service")
        self.assertEqual((refuse["Type"], refuse["Sockets"], refuse["StopPropagatedFrom"]),
                         ("exec", "patd.socket", "patd.socket"))
        socket = self.lines(f"{folder}patd.socket")
        self.assertEqual(refuse["ConditionPathExists"], socket["ListenStream"])
        self.assertEqual((refuse["Conflicts"], refuse["StartLimitIntervalSec"]),
                         ("patd.service", "0"))
        self.assertEqual((refuse["Restart"], refuse["RestartSec"]), ("on-failure", "5s"))

    # If the socket is stopped, such a service ends with 243, which no restart fixes. An older
    # systemd has no such unit, and ignores it.
    def test_the_sealed_key_has_its_way_to_patd_with_a_newer_systemd(self):
        text = (units / "patd.service").read_text(encoding="utf-8")
        self.assertIn("\nWants=systemd-creds.socket\nAfter=systemd-creds.socket\n", text)
        self.assertIn("LoadCredentialEncrypted", self.lines("patd.service"))
        for unit in (path.name for path in units.iterdir() if path.suffix == ".service"):
            if unit != "patd.service":
                self.assertNotIn("LoadCredentialEncrypted", self.lines(unit))

    # Row A15: with PrivateUsers= every stranger would look like the overflow uid.
    # Rows D17, D18: a service that hangs or uses up all memory is ended, and restarted.
    def test_patd_sees_who_calls_and_is_ended_when_it_hangs_or_swells(self):
        for unit in (path.name for path in units.iterdir() if path.suffix == ".service"):
            self.assertNotIn("PrivateUsers", self.lines(unit))
        patd = self.lines("patd.service")
        self.assertEqual((patd["WatchdogSec"], patd["MemoryMax"], patd["MemorySwapMax"],
                          patd["OOMPolicy"]), ("30", "256M", "0", "stop"))

    # Row P25: everything in the package works with NoNewPrivileges=; a site's modules that need
    # root get it from the drop-in, not from a setuid program. (A user's own patd-user-auth has no
    # root to turn to, so it alone lets pam_unix start its setuid helper.)
    def test_nothing_gains_privileges_by_a_program_that_it_starts(self):
        for unit in (path.name for path in units.iterdir() if path.suffix == ".service"):
            self.assertEqual(self.lines(unit)["NoNewPrivileges"], "yes", unit)
        example = (SOURCE / "examples/patd-auth-as-root.conf").read_text(encoding="utf-8")
        self.assertIn("\nNoNewPrivileges=yes\n", example)

    # Row O1: no unit runs a program as root that changes owners.
    def test_no_unit_changes_what_a_service_owns(self):
        script = (SOURCE / "make-key").read_text(encoding="utf-8")
        scripts = [path.read_text(encoding="utf-8") for path in (SOURCE / "debian").iterdir()]
        texts = [path.read_text(encoding="utf-8") for path in self.root.iterdir() if path.is_file()]
        for text in [script, *scripts, *texts]:
            for line in text.splitlines():
                if not line.lstrip().startswith(("#", "refuse", '*) refuse')):
                    self.assertNotRegex(line, r"chown -R|chmod -R|Exec\w*=[^/]*\+")


if __name__ == "__main__":
    units = pathlib.Path(sys.argv.pop(1))
    unittest.main()
