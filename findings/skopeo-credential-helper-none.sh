#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# skopeo 1.9.3 (1.9.3+ds1-1+b10, Debian 12) and a docker credential helper that has nothing for a
# public registry. The only answer that lets skopeo go on without a login is exit 1 with
# `credentials not found in native keychain` on STANDARD OUTPUT. The same sentence on standard
# error, another sentence, or exit 0 with no output ends the command, although the registry asks for
# no login at all. So a helper says this one sentence, on stdout, when it means "none".
#
# Needs root, unshare(1) and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary
# folder and a network of its own. Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase --include=skopeo=1.9.3+ds1-1+b10,python3 \
    bookworm "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/registry.py" <<'EOT'
import http.server

class Registry(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"name": "image", "tags": ["one"]}' if self.path.endswith("/tags/list") else b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 24384), Registry)
open("/run/listens", "w").close()
server.serve_forever()
EOT
cat >"$tree/root/run/try" <<'EOT'
set -eu
mkdir -p /etc/containers /run/bin
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >/etc/containers/policy.json
echo '{"credHelpers": {"127.0.0.1:24384": "none"}}' >/run/auth.json
export HOME=/run PATH="/run/bin:$PATH"
python3 /run/registry.py &
server=$!
trap 'kill $server' EXIT
while ! [ -e /run/listens ]; do kill -0 $server; done
ask() {
    printf '%s\n' '#!/bin/sh' 'cat >/dev/null' "$2" >/run/bin/docker-credential-none
    chmod +x /run/bin/docker-credential-none
    status=0
    skopeo list-tags --tls-verify=false --authfile /run/auth.json docker://127.0.0.1:24384/image \
        >/dev/null 2>&1 || status=$?
    echo "$1: $status"
}
none='credentials not found in native keychain'
ask 'the sentence on stdout, exit 1' "echo $none; exit 1"
ask 'the sentence on stderr, exit 1' "echo $none >&2; exit 1"
ask 'another sentence on stdout, exit 1' 'echo nothing for this registry; exit 1'
ask 'no output, exit 0' 'exit 0'
EOT
seen=$(unshare --net sh -c 'ip link set lo up && exec chroot "$0" sh /run/try' "$tree/root")
printf '%s\n' "$seen"
wanted='the sentence on stdout, exit 1: 0
the sentence on stderr, exit 1: 1
another sentence on stdout, exit 1: 1
no output, exit 0: 1'
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
