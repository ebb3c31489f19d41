# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What gateway_nginx_test.py needs beside git: a forge that keeps what it is sent and answers as a
test says, and a name server that knows one address."""
import http.server
import socket
import ssl
import threading


class RecordingForge:
    """`heads` collects (method, target, [(name, value)], length of the body). `answer`: status,
    fields, body."""

    def __init__(self, certificate):
        self.heads, self.answer = [], (200, (), b"")
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def drop(self):
                """Reads the body; how long it is."""
                length = left = int(self.headers.get("Content-Length", 0))
                while left > 0:
                    left -= len(self.rfile.read(min(left, 1 << 20)))
                return length

            def serve(self):
                owner.heads.append((self.command, self.path, self.headers.items(), self.drop()))
                status, fields, body = owner.answer
                self.send_response(status)
                for name, value in (*fields, ("Content-Length", str(len(body)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = serve

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"localhost:{self._server.server_address[1]}"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class NameServer:
    """Says 127.0.0.1 for every name, and that there is no other address (RFC 1035, 4)."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            question, peer = self._socket.recvfrom(4096)
            if not question:
                return
            end = question.index(b"\0", 12) + 5
            is_address = question[end - 4:end - 2] == b"\0\1"
            head = question[:2] + b"\x81\x80\0\1" + bytes([0, int(is_address)]) + b"\0\0\0\0"
            record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton("127.0.0.1")
            self._socket.sendto(head + question[12:end] + (record if is_address else b""), peer)

    def close(self):
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()
