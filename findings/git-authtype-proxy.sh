#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# git 2.47.3 (1:2.47.3-0+deb13u1, Debian 13) and an HTTP proxy that wants a password, whose user
# stands in http.proxy's URL. git asks its credential helper once. One that answers with
# `authtype=Basic` and `credential=...` (gitcredentials(7), git 2.46) has answered for nothing: the
# proxy is not sent the right Proxy-Authorization, and the command ends with 407. The same name and
# password as `username=` and `password=` pass. After the 407 for an https:// URL git says `erase`.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase --include=git=1:2.47.3-0+deb13u1,python3 \
    trixie "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/proxy.py" <<'EOF'
import http.server

class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        sent = self.headers.get("Proxy-Authorization")
        # What is beyond the proxy is of no interest.
        self.send_response(404 if sent == "Basic YWxpY2U6c2VjcmV0" else 407)
        self.send_header("Proxy-Authenticate", 'Basic realm="proxy"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_CONNECT = answer

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 24382), Proxy)
open("/run/listens", "w").close()
server.serve_forever()
EOF
cat >"$tree/root/run/try" <<'EOF'
set -eu
export HOME=/run GIT_TERMINAL_PROMPT=0 no_proxy=
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
python3 /run/proxy.py &
proxy=$!
trap 'kill $proxy' EXIT
while ! [ -e /run/listens ]; do kill -0 $proxy; done
printf '%s\n' '#!/bin/sh' 'cat >/dev/null; echo "$1" >>/run/asked; test "$1" = get || exit 0' \
    'echo "capability[]=authtype"; echo authtype=Basic' \
    'echo "credential=$(printf alice:secret | base64)"' >/run/credential
printf '%s\n' '#!/bin/sh' 'cat >/dev/null; echo "$1" >>/run/asked; test "$1" = get || exit 0' \
    'echo username=alice; echo password=secret' >/run/password
chmod +x /run/credential /run/password
for helper in credential password; do
    for scheme in http https; do
        : >/run/asked
        git -c credential.helper=/run/$helper -c http.proxy=http://alice@127.0.0.1:24382 \
            ls-remote $scheme://git.example/one.git >/run/said 2>&1 || true
        echo "$helper $scheme:" $(cat /run/asked) $(grep -o -e 40[47] -e 'not found' /run/said)
    done
done
EOF
seen=$(chroot "$tree/root" sh /run/try)
printf '%s\n' "$seen"
wanted='credential http: get 407
credential https: get erase 407
password http: get not found
password https: get 404'
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
