#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The git of Debian unstable (2.55.0 when this was written; whichever it has today is tried) and a
# server that offers Negotiate beside Basic. A credential helper that answers with `state[]` and
# `continue=1` (gitcredentials(7)) is asked again when the server refuses, where only Basic is
# offered. With Negotiate it is not: git makes two more requests without Authorization before the
# `get`, and none after the refusal, and says neither `get` nor `erase`. Without `continue=1` it
# says `erase` in both cases.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' \
    --include=git,python3 sid "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/server.py" <<'EOF'
import http.server

class Refuses(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(401)
        if self.path.startswith("/negotiate"):
            self.send_header("WWW-Authenticate", "Negotiate")
        self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        with open("/run/asked", "a") as file:
            file.write("401 with\n" if "Authorization" in self.headers else "401\n")

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 24381), Refuses)
open("/run/listens", "w").close()
server.serve_forever()
EOF
cat >"$tree/root/run/try" <<'EOF'
set -eu
export HOME=/run GIT_TERMINAL_PROMPT=0
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
python3 /run/server.py &
server=$!
trap 'kill $server' EXIT
while ! [ -e /run/listens ]; do kill -0 $server; done
cat >/run/helper <<'HELPER'
#!/bin/sh
cat >/dev/null
echo "$1" >>/run/asked
test "$1" = get || exit 0
test "$(grep -c get /run/asked)" = 1 || exec echo quit=1
printf '%s\n' 'capability[]=authtype' 'capability[]=state' authtype=Basic credential=YTpi \
    ephemeral=1 'state[]=mine:1'
test -z "$CONTINUE" || echo continue=1
HELPER
chmod +x /run/helper
git --version
for CONTINUE in 1 ""; do
    export CONTINUE
    for folder in basic negotiate; do
        : >/run/asked
        git -c credential.helper=/run/helper ls-remote \
            http://127.0.0.1:24381/$folder/one.git >/run/said 2>&1 || true
        echo "$folder, continue=$CONTINUE:" $(cat /run/asked)
    done
done
EOF
seen=$(chroot "$tree/root" sh /run/try)
printf '%s\n' "$seen"
wanted='basic, continue=1: 401 get 401 with get
negotiate, continue=1: 401 401 401 get 401 with
basic, continue=: 401 get 401 with erase
negotiate, continue=: 401 401 401 get 401 with erase'
[ "$(printf '%s\n' "$seen" | tail -n 4)" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
