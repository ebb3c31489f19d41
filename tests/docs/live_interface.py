# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Run in tools/play.sh: compares the interface that the running patd reports with its interface
file, for each of its three kinds of objects. Exits with 0 if they are the same."""
import os
import sys
import xml.etree.ElementTree as ElementTree

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, f"{ROOT}/docs/examples")
import create_token  # pylint: disable=wrong-import-position


def interfaces(root):
    """interface -> member -> [(direction, type, name)], of patd's own alone."""
    found = {}
    for interface in root.iter("interface"):
        name = interface.get("name")
        if name.startswith(create_token.NAME):
            found[name] = {member.get("name"): [(arg.get("direction"), arg.get("type"),
                                                 arg.get("name")) for arg in member.iter("arg")]
                           for member in interface if isinstance(member.tag, str)
                           and member.tag != "annotation"}
    return found


class Patd(create_token.Patd):
    def introspect(self, path):
        address = create_token.DBusAddress(path, bus_name=create_token.NAME,
                                           interface="org.freedesktop.DBus.Introspectable")
        message = create_token.new_method_call(address, "Introspect")
        reply = self._bus.send_and_get_reply(message, timeout=90)
        return interfaces(ElementTree.fromstring(create_token.unwrap_msg(reply)[0]))


def main():
    patd = Patd()
    patd.create("x", ["vcs:repository:ro"], [])
    ((token, _),), = patd.call(create_token.ROOT, "Manager", "List")
    (operation,) = patd.call(create_token.ROOT, "Manager", "Verify", "a{sv}", {})
    live = {}
    for path in (create_token.ROOT, token, operation):
        live |= patd.introspect(path)
    written = interfaces(ElementTree.parse(
        f"{ROOT}/systemd/dbus/{create_token.NAME}.xml").getroot())
    for name in sorted(live.keys() | written.keys()):
        for member in sorted(live.get(name, {}).keys() | written.get(name, {}).keys()):
            pair = live.get(name, {}).get(member), written.get(name, {}).get(member)
            if pair[0] != pair[1]:
                print(f"{name}.{member}: it says {pair[0]}, the file says {pair[1]}")
    return 0 if live == written and len(live) == 4 else 1


if __name__ == "__main__":
    sys.exit(main())
