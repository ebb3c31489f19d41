#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tinyproxy 1.11.1 (1.11.1-2.1+deb12u1, Debian 12) with BasicAuth: a request without credentials is
# answered 407, one with wrong credentials 401, as a web server would. git 2.39.5
# (1:2.39.5-0+deb12u3), whose helper has a wrong password for the proxy, then asks the helper for
# the *server's* password too, and has that erased, although nobody listens where the server would
# be. The proxy's is not erased.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase \
    --include=git=1:2.39.5-0+deb12u3,tinyproxy-bin=1.11.1-2.1+deb12u1,curl \
    bookworm "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/try" <<'EOF'
set -eu
export HOME=/run GIT_TERMINAL_PROMPT=0 no_proxy=
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
printf '%s\n' 'Port 24388' 'Listen 127.0.0.1' 'Timeout 60' 'MaxClients 10' 'LogLevel Info' \
    'BasicAuth robot right' >/run/proxy.conf
mkfifo /run/log
tinyproxy -d -c /run/proxy.conf >/run/log &
proxy=$!
trap 'kill $proxy' EXIT
exec 3</run/log
while read -r line <&3; do case $line in *"Accepting connections"*) break ;; esac; done
# Nobody listens there, and the proxy never gets so far.
for user in "" robot:wrong; do
    echo "'$user': $(curl -s -o /dev/null -w '%{http_code}' -x http://127.0.0.1:24388 \
        ${user:+--proxy-user $user} http://127.0.0.1:1/)"
done
cat >/run/helper <<'HELPER'
#!/bin/sh
asked=$(cat)
host=$(echo "$asked" | sed -n 's/^host=//p')
echo "$1 $host" >>/run/asked
test "$1" = get || exit 0
echo username=robot
echo password=secret-of-$host
HELPER
chmod +x /run/helper
git -c credential.helper=/run/helper -c http.proxy=http://robot@127.0.0.1:24388 \
    ls-remote http://127.0.0.1:1/project.git >/run/said 2>&1 || true
cat /run/asked
EOF
seen=$(chroot "$tree/root" sh /run/try)
printf '%s\n' "$seen"
wanted="'': 407
'robot:wrong': 401
get 127.0.0.1:24388
get 127.0.0.1:1
erase 127.0.0.1:1"
[ "$seen" = "$wanted" ] || { echo "CHANGED" >&2; exit 1; }
echo "as described"
