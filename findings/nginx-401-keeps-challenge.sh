#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# nginx 1.22.1 (1.22.1-9+deb12u11, Debian 12) as a proxy that intercepts an upstream's 401
# (proxy_intercept_errors and error_page) and hides WWW-Authenticate (proxy_hide_header): the answer
# of the error page, here a 403, has the upstream's WWW-Authenticate all the same. Without the
# interception it is hidden. So what an upstream writes there reaches the client whatever the
# configuration says, though with a status at which nobody acts on it.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase --include=nginx-light,curl bookworm "$tree/root" \
    ${MIRROR:-} </dev/null

cat >"$tree/root/run/nginx.conf" <<'EOF'
pid /run/found.pid;
events {
}
http {
    server {
        listen 127.0.0.1:24381;
        location / {
            add_header WWW-Authenticate 'Basic realm="upstream"' always;
            return 401;
        }
    }
    server {
        listen 127.0.0.1:24382;
        location / {
            proxy_pass http://127.0.0.1:24381;
            proxy_hide_header WWW-Authenticate;
        }
        location /intercepted {
            proxy_pass http://127.0.0.1:24381;
            proxy_hide_header WWW-Authenticate;
            proxy_intercept_errors on;
            error_page 401 = @refused;
        }
        location @refused {
            return 403;
        }
    }
}
EOF
cat >"$tree/root/run/try" <<'EOF'
set -eu
nginx -c /run/nginx.conf  # it listens when this ends
trap 'nginx -c /run/nginx.conf -s stop' EXIT
for path in / /intercepted; do
    curl -s -o /dev/null -D - "http://127.0.0.1:24382$path" |
        awk -v path="$path" '/^HTTP/ { status = $2 } /^WWW-Auth/ { found = 1 }
            END { print path, status, found ? "challenge" : "none" }'
done
EOF
seen=$(unshare --net sh -c 'ip link set lo up && exec chroot "$0" sh /run/try' "$tree/root")
printf '%s\n' "$seen"
wanted='/ 401 none
/intercepted 403 challenge'
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
