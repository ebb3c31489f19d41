#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Asks patd-http(8) who shows a token; its account stands in IntrospectionAccounts=."""
import http.client
import http.server
import json
import socket
from urllib.parse import urlencode

COVERING = {"web", "web:site", "web:site:ro", "web:site:rw"}  # all that covers web:site:ro


class Patd(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(2)
        self.sock.connect("/run/patd-http/socket")


def introspect(token):
    patd = Patd("patd")
    patd.request("POST", "/introspect?audience=https://api.example", urlencode({"token": token}),
                 {"Content-Type": "application/x-www-form-urlencoded"})
    answer = patd.getresponse()
    return json.load(answer) if answer.status == 200 else {"active": False}


class Api(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        who = introspect(token)
        allowed = who["active"] and COVERING & set(who["scope"].split())
        self.send_response(200 if allowed else 401)
        self.end_headers()
        self.wfile.write(f"hello {who['username']}\n".encode() if allowed else b"")


http.server.HTTPServer(("127.0.0.1", 8001), Api).serve_forever()
