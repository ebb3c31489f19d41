#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/release.sh DIRECTORY
#
# Makes the parts of a release from the checked-out commit: the tag vVERSION (signed if git has a
# key; signed off in any case), the source archive, the Debian packages built from that archive, and
# their checksums, all in DIRECTORY. It fetches the libraries of the token page from npm's registry,
# and pushes nothing. docs/releasing.md says what comes before and after.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
[[ $# == 1 && $1 != -* ]] || { sed -n '3,8s/^# \?//p' "$0" >&2; exit 2; }
mkdir -p "$1"
output=$(cd "$1" && pwd)
cd "$root"

fail() {
    echo "release: $1" >&2
    exit 1
}

version=$(tools/version.sh)
tag=v$version
[[ -z $(git status --porcelain) ]] || fail "the checkout has changes; commit them first"
git rev-parse -q --verify "refs/tags/$tag" >/dev/null && fail "there is a tag $tag already"
heading=$(grep -E "^## \[${version//./\\.}\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$" CHANGELOG.md) ||
    fail "CHANGELOG.md has no line '## [$version] - YYYY-MM-DD'"
# The text below that line, up to the next of its kind.
notes=$(awk -v heading="$heading" '$0 == heading { on = 1; next } /^## / { on = 0 } on' \
    CHANGELOG.md)
[[ -n ${notes//[[:space:]]/} ]] || fail "CHANGELOG.md says nothing of $version"
/usr/bin/python3 -B tools/tidy.py >/dev/null || fail "tools/tidy.py finds something"

work=$(mktemp -d "$output/build-XXXXXX")
made=
cleanup() {
    rm -rf "$work"
    [[ -n $made ]] || git tag -d "$tag" >/dev/null 2>&1 || true
}
trap cleanup EXIT

signed=--annotate
if git config user.signingkey >/dev/null; then
    signed=--sign
else
    echo "release: git has no user.signingkey, so the tag is not signed" >&2
fi
git tag "$signed" --cleanup=verbatim -m "patd $version

$notes

Signed-off-by: $(git config user.name) <$(git config user.email)>" "$tag"

# The same commit gives the same bytes: git dates what it packs, gzip -n adds no date.
archive=$output/patd-$version.tar.gz
git archive --format=tar --prefix="patd-$version/" "$tag" | gzip -9n >"$archive"

tar -C "$work" -xf "$archive"
package=$(PATD_WITH_PAGE=1 "$work/patd-$version/tools/package.sh" 2>"$output/package.log") ||
    { tail -n 40 "$output/package.log" >&2; fail "the archive does not build"; }
cp "$(dirname "$package")"/*.deb "$output"
rm -f "$output/package.log"
(cd "$output" && sha256sum -- "${archive##*/}" ./*.deb | sed 's|  \./|  |' >SHA256SUMS)
made=yes
echo "Made $tag, and in $output:"
cut -d' ' -f3 "$output/SHA256SUMS"
