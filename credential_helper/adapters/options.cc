// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/options.h"

#include "common/base/duration.h"

namespace patd::credential_helper {
namespace {

constexpr std::string_view kBadPermission =
    "--permission takes names like vcs:repository:ro, separated by commas";
constexpr std::string_view kBadLifetime =
    "--ttl takes a time of at least 1s, such as 300s, 5m or 1h";
constexpr std::string_view kUnknownOption =
    "an unknown option, or one without its value; there are --permission LIST, --ttl TIME and "
    "--show";
constexpr std::string_view kTooMany = "too many arguments";

// Whether `text` can be a list of permissions; patd knows the grammar.
bool may_be_permissions(std::string_view text) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-:,";
    return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

// Seconds; 0 for what is no time, or far beyond every limit.
std::uint32_t parse_lifetime(std::string_view text) {
    constexpr std::int64_t kMost = 1'000'000;
    return static_cast<std::uint32_t>(read_duration(text, kMost).seconds);
}

}  // namespace

std::string_view take_narrowing(std::string_view option, std::string_view value,
                                Narrowing& narrowing) {
    if (option == "--permission") {
        narrowing.permissions = value;
        return may_be_permissions(value) ? "" : kBadPermission;
    }
    narrowing.lifetime_seconds = parse_lifetime(value);
    return narrowing.lifetime_seconds == 0 ? kBadLifetime : "";
}

Options::Options(std::span<const std::string_view> arguments, std::string_view* write_permissions) {
    while (!arguments.empty() && fault_.empty()) {
        const std::string_view argument = arguments.front();
        arguments = arguments.subspan(1);
        if (argument == "--show") {
            show_ = true;
        } else if ((argument == "--permission" || argument == "--ttl") && !arguments.empty()) {
            fault_ = take_narrowing(argument, arguments.front(), narrowing_);
            arguments = arguments.subspan(1);
        } else if (argument == "--write-permission" && write_permissions != nullptr &&
                   !arguments.empty()) {
            *write_permissions = arguments.front();
            fault_ = may_be_permissions(*write_permissions) ? "" : kBadPermission;
            arguments = arguments.subspan(1);
        } else if (argument.starts_with('-')) {
            fault_ = kUnknownOption;
        } else if (count_ == words_.size()) {
            fault_ = kTooMany;
        } else {
            words_[count_++] = argument;
        }
    }
}

}  // namespace patd::credential_helper
