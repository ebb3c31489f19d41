#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# git 2.47.3 (1:2.47.3-0+deb13u1, Debian 13) and a server that has a repository as plain files
# ("dumb" HTTP) behind Basic authentication. A credential helper that answers with `authtype=Basic`
# and `credential=...` (gitcredentials(7), git 2.46) is enough for `git ls-remote`, but `git clone`
# ends with 401: the requests for objects go out without Authorization, and git does not ask again.
# The same name and password as `username=` and `password=` clone. So a helper cannot answer with a
# credential alone unless it knows that the server speaks git's smart protocol.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase --include=git=1:2.47.3-0+deb13u1,python3 \
    trixie "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/server.py" <<'EOF'
import base64, http.server, os

WANTED = "Basic " + base64.b64encode(b"alice:secret").decode()

class Files(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.headers.get("Authorization") == WANTED:
            return super().do_GET()
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="files"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass

os.chdir("/run/www")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 24380), Files)
open("/run/listens", "w").close()
server.serve_forever()
EOF
cat >"$tree/root/run/try" <<'EOF'
set -eu
export HOME=/run GIT_TERMINAL_PROMPT=0
git init -q -b main /run/work
git -C /run/work -c user.name=a -c user.email=a@a.example commit -q --allow-empty -m one
mkdir /run/www
git clone -q --bare /run/work /run/www/one.git
git -C /run/www/one.git update-server-info
python3 /run/server.py &
server=$!
trap 'kill $server' EXIT
while ! [ -e /run/listens ]; do kill -0 $server; done
printf '%s\n' '#!/bin/sh' 'test "$1" = get || exit 0' 'cat >/dev/null' \
    'echo "capability[]=authtype"; echo authtype=Basic' \
    'echo "credential=$(printf alice:secret | base64)"' >/run/credential
printf '%s\n' '#!/bin/sh' 'test "$1" = get || exit 0' 'cat >/dev/null' \
    'echo username=alice; echo password=secret' >/run/password
chmod +x /run/credential /run/password
for helper in credential password; do
    for command in ls-remote clone; do
        status=0
        git -c credential.helper="/run/$helper" $command http://127.0.0.1:24380/one.git \
            $([ $command = ls-remote ] || echo /run/clone-$helper) >/run/said 2>&1 || status=$?
        echo "$helper $command: $status"
    done
done
EOF
seen=$(chroot "$tree/root" sh /run/try)
printf '%s\n' "$seen"
wanted='credential ls-remote: 0
credential clone: 128
password ls-remote: 0
password clone: 0'
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
