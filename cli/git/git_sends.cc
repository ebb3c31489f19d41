// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_sends.h"

#include "cli/io/process.h"

namespace patd::cli {
namespace {

constexpr int kPassword = 10;
constexpr int kHeader = 11;
constexpr int kAnotherUrl = 12;

// The shell looks, so that no secret comes here: its status says what it found.
constexpr char kLook[] =
    "url=$(git ls-remote --get-url -- \"$1\") || exit 0; host=${url#*://}; host=${host%%/*};"
    " case $host in *:?*@*) exit 10 ;; esac;"
    " git config --get-urlmatch http.extraHeader \"$url\" | grep -qi '^ *authorization *:' &&"
    " exit 11; [ \"$url\" = \"$1\" ] || exit 12";

}  // namespace

std::optional<Sent> find_sent(const std::string& url) {
    const Result<ProcessResult> result = run_process({"sh", "-c", kLook, "sh", url});
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
            return "git, run here, sends a password that stands in a url.*.insteadOf, and asks "
                   "nobody";
        case Sent::Header:
            return "git, run here, sends the Authorization of http.extraHeader before it asks "
                   "anybody";
        case Sent::AnotherUrl:
            return "git, run here, makes another URL of it (url.*.insteadOf) and asks for that";
    }
    return "";
}

std::string mend_sent(Sent sent) {
    const std::string key =
        sent == Sent::Header ? "'^http\\..*extraheader$'" : "'^url\\..*insteadof$'";
    // Values, and names of the one kind, hold the secret.
    return "git config --show-origin --get-regexp " + key + " | cut -f1 | sort -u";
}

}  // namespace patd::cli
