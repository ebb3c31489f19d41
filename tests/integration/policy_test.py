# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The bus policy allows what the interface has, member by member, and nothing else."""
import os
import unittest
import xml.etree.ElementTree as ElementTree

DBUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../systemd/dbus")
NAME = "org.patd.Tokens1"
POLICY = f"{os.environ['PATD_BUILD_DIR']}/systemd/{NAME}.conf"
ADMIN = f"{NAME}.Admin"
STANDARD = {("org.freedesktop.DBus.Introspectable", "Introspect"),
            ("org.freedesktop.DBus.Peer", "Ping"), ("org.freedesktop.DBus.Peer", "GetMachineId")}


def read_interface():
    root = ElementTree.parse(f"{DBUS}/{NAME}.xml").getroot()
    return {(interface.get("name"), method.get("name"))
            for interface in root.iter("interface") for method in interface.iter("method")}


def read_policy(**who):
    """The rules of one <policy>, as they stand."""
    root = ElementTree.parse(POLICY).getroot()
    found = [policy for policy in root.iter("policy") if policy.attrib == who]
    assert len(found) == 1, f"there must be one policy for {who}"
    return list(found[0])


def allowed_calls(rules):
    return {(rule.get("send_interface"), rule.get("send_member")) for rule in rules
            if rule.tag == "allow" and rule.get("send_type") == "method_call"}


class BusPolicy(unittest.TestCase):
    def test_lets_every_user_call_each_member_but_those_of_admin(self):
        expected = {call for call in read_interface() if call[0] != ADMIN} | STANDARD
        self.assertEqual(allowed_calls(read_policy(context="default")), expected)

    def test_lets_root_alone_call_the_members_of_admin(self):
        expected = {call for call in read_interface() if call[0] == ADMIN}
        self.assertEqual(allowed_calls(read_policy(user="root")), expected)

    def test_lets_patd_alone_own_the_name(self):
        root = ElementTree.parse(POLICY).getroot()
        owners = [rule.attrib for rule in root.iter("allow") if "own" in rule.attrib]
        self.assertEqual(owners, [{"own": NAME}])
        self.assertEqual([rule.attrib for rule in read_policy(user="patd")], [{"own": NAME}])

    def test_denies_first_what_it_does_not_name(self):
        first = read_policy(context="default")[0]
        self.assertEqual((first.tag, first.attrib), ("deny", {"send_destination": NAME}))

    def test_names_destination_and_member_in_every_call_rule(self):
        for rules in (read_policy(context="default"), read_policy(user="root")):
            for rule in (rule for rule in rules if rule.tag == "allow"):
                self.assertEqual(rule.get("send_destination"), NAME)
                if rule.get("send_type") == "method_call":
                    self.assertTrue(rule.get("send_interface") and rule.get("send_member"))


if __name__ == "__main__":
    unittest.main()
