#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# g++ 12.2.0 (12.2.0-14+deb12u1, Debian 12) with -fsanitize=undefined: before UBSan reads the type
# of an object that it sees for the first time it looks, through a pipe, whether it can read there.
# A process whose descriptors are used up gets none, so a right program is told of an "invalid vptr"
# with "memory cannot be printed", and ends there with -fno-sanitize-recover. A type that was seen
# before is not looked at again and passes. So tests of what a program does without descriptors
# cannot be made under UBSan, or use each type once before.
#
# Needs root and mmdebstrap ($MIRROR: instead of its own mirror); works in a temporary folder.
# Status 0: it is as described; 1: it is not any more.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mmdebstrap --quiet --variant=minbase --include=g++-12=12.2.0-14+deb12u1 \
    bookworm "$tree/root" ${MIRROR:-} </dev/null

cat >"$tree/root/run/try.cc" <<'EOT'
#include <fcntl.h>

struct Shape {
    virtual ~Shape() = default;
    virtual int corners() const = 0;
};
struct Square : Shape {
    int corners() const override { return 4; }
};

int ask(const Shape& shape) {
    return shape.corners();
}

int main(int argc, char** argv) {
    const Shape& square = *new Square;
    if (argc == 2 && *argv[1] == 's')
        ask(square);
    while (open("/dev/null", O_RDONLY) >= 0) {
    }
    return ask(square) == 4 ? 0 : 2;
}
EOT
chroot "$tree/root" g++-12 -g -fsanitize=undefined /run/try.cc -o /run/try

# How often it is told of an invalid vptr, with 20 descriptors; the program itself always ends well.
told() {
    chroot "$tree/root" sh -c 'ulimit -n 20 && /run/try "$1"' sh "$1" 2>"$tree/said"
    grep -c "object has invalid vptr" "$tree/said" || :
}

new=$(told new)
seen=$(told seen)
echo "a type not seen before: $new reports; seen before: $seen"
[ "$new" -gt 0 ] && [ "$seen" = 0 ] || { echo "CHANGED: UBSan without descriptors" >&2; exit 1; }
echo "as described"
