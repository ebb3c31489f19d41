# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""xmpp_login.py USER SOURCE: logs in at 127.0.0.1:5222 by STARTTLS and SASL PLAIN with the secret
on standard input, and says `success` or `failure`."""
import base64
import socket
import ssl
import sys

HEAD = ("<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>")


def say(connection, text, *words):
    """Sends, and reads until one of the words comes; returns which."""
    connection.sendall(text.encode())
    seen = ""
    while True:
        data = connection.recv(65536)
        if not data:
            sys.exit(f"the server went, after: {seen}")
        seen += data.decode()
        for word in words:
            if word in seen:
                return word


def main():
    user, source = sys.argv[1:]
    secret = sys.stdin.readline().rstrip("\n")
    with socket.create_connection(("127.0.0.1", 5222), 60, (source, 0)) as plain:
        say(plain, HEAD, "</stream:features>")
        say(plain, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "<proceed")
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with context.wrap_socket(plain) as connection:
            say(connection, HEAD, "</stream:features>")
            login = base64.b64encode(f"\0{user}\0{secret}".encode()).decode()
            print(say(connection, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' "
                      f"mechanism='PLAIN'>{login}</auth>", "<success", "<failure")[1:])


main()
