// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_sends.h"

#include "cli/io/process.h"

namespace patd::cli {
namespace {

constexpr int kPassword = 10;
constexpr int kHeader = 11;
constexpr int kAnotherUrl = 12;

constexpr char kHeaders[] = "64";  // lines with some that are looked at

// The shell looks, so that no secret comes here, nor into a command line: its status says what it
// found. git itself says whether a header holds for the URL after the lines before it: each value
// is replaced by a number then. An empty one forgets those before it.
constexpr char kLook[] = R"sh(
url=$(git ls-remote --get-url -- "$1") || exit 0
rest=${url#*://}; host=${rest%%[/?#]*}
case $host in *:*@*) exit 10 ;; esac
case $url in http://* | https://*)
    url_without_user=${url%%://*}://${host##*@}${rest#"$host"}
    git config -z --get-regexp '^http\.(.*\.)?extraheader$' |
        sed -zE '/\n/!d; s/\n(.*\n)? *authorization *:.*/\nyes/I; t; s/\n.+/\nno/' |
        head -zn "$2" | tr '\0' '\n' | {
        export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_DIR=/dev/null
        unset GIT_CONFIG_PARAMETERS
        number=0 found=no
        while IFS= read -r key && IFS= read -r authorizes; do
            export "GIT_CONFIG_KEY_$number=$key" "GIT_CONFIG_VALUE_$number=$number"
            export GIT_CONFIG_COUNT=$((number + 1))
            if [ "$authorizes" != no ] &&
                [ "$(git config --get-urlmatch http.extraHeader "$url_without_user")" = $number ]
            then
                found=$authorizes
            fi
            number=$((number + 1))
        done
        [ "$found" = yes ]
    } && exit 11 ;;
esac
[ "$url" = "$1" ] || exit 12
)sh";

// What people call https://host is https://host/ where git looks for one that stands instead.
std::string with_path(const std::string& url) {
    const std::size_t scheme = url.find("://");
    const bool has_path =
        scheme == std::string::npos || url.find_first_of("/?#", scheme + 3) != std::string::npos;
    return has_path ? url : url + "/";
}

}  // namespace

std::optional<Sent> find_sent(const std::string& url) {
    const Result<ProcessResult> result =
        run_process({"sh", "-c", kLook, "sh", with_path(url), kHeaders});
    if (!result)
        return std::nullopt;
    switch (result->status) {
        case kPassword:
            return Sent::Password;
        case kHeader:
            return Sent::Header;
        case kAnotherUrl:
            return Sent::AnotherUrl;
        default:
            return std::nullopt;
    }
}

std::string describe(Sent sent) {
    switch (sent) {
        case Sent::Password:
            return "git, run here, sends a password from a url.*.insteadOf, and asks no "
                   "helper";
        case Sent::Header:
            return "git, run here, sends the Authorization of http.extraHeader before it asks "
                   "any helper";
        case Sent::AnotherUrl:
            return "git, run here, rewrites this URL (url.*.insteadOf) and asks for the result";
    }
    return "";
}

std::string fix_sent(Sent sent) {
    const std::string key =
        sent == Sent::Header ? "'^http\\..*extraheader$'" : "'^url\\..*insteadof$'";
    // Values, and names of the one kind, hold the secret.
    return "git config --show-origin --get-regexp " + key + " | cut -f1 | sort -u";
}

}  // namespace patd::cli
