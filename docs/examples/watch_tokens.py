#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""watch_tokens.py: prints patd's signals about the caller's tokens, one on each line, until it is
stopped: a token expires soon, or somebody used a dead secret. Debian package: python3-jeepney."""
import sys

from jeepney import DBusAddress, DBusErrorResponse, HeaderFields, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

NAME = "org.patd.Tokens1"
MANAGER = DBusAddress("/org/patd/Tokens1", bus_name=NAME, interface=f"{NAME}.Manager")


def subscribe(bus):
    """The unique name of the service, which tells this connection from now on."""
    reply = bus.send_and_get_reply(new_method_call(MANAGER, "Subscribe"), timeout=25)
    unwrap_msg(reply)
    return reply.header.fields[HeaderFields.sender]


def watch(show):
    """Calls `show` with name and arguments of each signal."""
    bus = open_dbus_connection("SYSTEM")
    service = subscribe(bus)
    show("watching")
    while True:
        message = bus.receive()
        fields = message.header.fields
        # Other programs can send signals too, with any name.
        if (message.header.message_type is MessageType.signal
                and fields.get(HeaderFields.sender) == service
                and fields.get(HeaderFields.interface) == MANAGER.interface):
            show(fields[HeaderFields.member], *message.body)


if __name__ == "__main__":
    try:
        watch(lambda *words: print(*words, flush=True))
    except DBusErrorResponse as error:
        sys.exit(f"{error.name}: {error.data[0] if error.data else ''}")
    except KeyboardInterrupt:
        pass
