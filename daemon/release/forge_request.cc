// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/forge_request.h"

#include "common/base/limits.h"
#include "common/token/url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace patd {
namespace {

constexpr std::string_view kRead = "vcs:repository:ro";
constexpr std::string_view kWrite = "vcs:repository:rw";

// Keys that a forge takes for a credential, or that make the request somebody else's.
constexpr std::array<std::string_view, 7> kForbiddenKeys = {
    "access_token", "client_secret", "job_token", "oauth_token", "private_token", "sudo", "token"};

// The byte of an escape at the start of `text`; -1: none.
int escaped(std::string_view text) {
    unsigned char byte = 0;
    const bool is_whole =
        text.size() >= 3 &&
        std::from_chars(text.data() + 1, text.data() + 3, byte, 16).ptr == text.data() + 3;
    return is_whole ? byte : -1;
}

bool is_control(int byte) {
    return byte < 0x20 || byte == 0x7f;
}

// Printable ASCII whose escapes are whole and, decoded, none of `forbidden` and no control.
bool is_clean(std::string_view text, std::string_view forbidden) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c < '!' || c > '~' || c == '\\' || c == '#')
            return false;
        if (c != '%')
            continue;
        const int byte = escaped(text.substr(i));
        if (byte < 0 || is_control(byte) ||
            forbidden.find(static_cast<char>(byte)) != std::string_view::npos)
            return false;
    }
    return true;
}

// The raw segments of a path; none if servers could disagree about them.
std::vector<std::string_view> divide_path(std::string_view path) {
    // Of these, an escape is a second spelling; some servers end a segment at ';'.
    if (!is_clean(path, "/\\.%;#?") || path.find(';') != std::string_view::npos)
        return {};
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        if (path.front() != '/')
            return {};
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        if (segment.empty() || segment == "." || segment == "..")
            return {};
        segments.push_back(segment);
        path.remove_prefix(segment.size());
    }
    return segments;
}

// The first `count` segments as a place.
std::string place_of(const std::vector<std::string_view>& segments, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text.append(i == 0 ? "" : "/").append(decode_url(segments[i]));
    Result<std::string> place = parse_path(text);
    return place ? std::move(*place) : std::string();
}

struct GitRequest {
    std::size_t segments;  // of the path, that are not the repository's
    bool writes;
};

std::optional<GitRequest> judge_git(std::string_view method,
                                    const std::vector<std::string_view>& path,
                                    const std::optional<std::string_view>& query) {
    const std::size_t size = path.size();
    if (method == "GET" && size > 2 && path[size - 2] == "info" && path[size - 1] == "refs") {
        if (query == "service=git-upload-pack")
            return GitRequest{2, false};
        if (query == "service=git-receive-pack")
            return GitRequest{2, true};
    }
    if (method == "POST" && size > 1 && !query) {
        if (path[size - 1] == "git-upload-pack")
            return GitRequest{1, false};
        if (path[size - 1] == "git-receive-pack")
            return GitRequest{1, true};
    }
    return std::nullopt;
}

// A key in another spelling is as good as a forbidden one.
bool is_safe_query(std::string_view query) {
    if (!is_clean(query, ""))
        return false;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find_first_of("&;"), query.size());
        const std::string_view key = query.substr(0, std::min(query.find('='), end));
        std::string small(key);
        std::transform(small.begin(), small.end(), small.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
        });
        if (key.find_first_of("%+[") != std::string_view::npos ||
            std::find(kForbiddenKeys.begin(), kForbiddenKeys.end(), small) != kForbiddenKeys.end())
            return false;
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return true;
}

bool matches(const RestRule& rule, std::string_view method,
             const std::vector<std::string_view>& path) {
    return rule.method == method &&
           std::equal(rule.path.begin(), rule.path.end(), path.begin(), path.end(),
                      [](const std::string& pattern, std::string_view segment) {
                          return pattern == "*" || pattern == segment;
                      });
}

}  // namespace

std::optional<ForgeRequest> judge_forge_request(const Forge* forge, std::string_view method,
                                                std::string_view target) {
    if (target.size() > limits::kForgeTargetBytes)
        return std::nullopt;
    const std::size_t mark = target.find('?');
    const std::vector<std::string_view> path = divide_path(target.substr(0, mark));
    const auto query = mark == std::string_view::npos
                           ? std::nullopt
                           : std::optional<std::string_view>(target.substr(mark + 1));
    if (path.empty())
        return std::nullopt;
    if (const std::optional<GitRequest> git = judge_git(method, path, query)) {
        std::string place = place_of(path, path.size() - git->segments);
        if (place.empty())
            return std::nullopt;
        return ForgeRequest{std::move(place), *Permission::parse(git->writes ? kWrite : kRead),
                            forge == nullptr ? ForgeAuth() : forge->git, true};
    }
    if (forge == nullptr || !is_safe_query(query.value_or("")))
        return std::nullopt;
    for (const RestRule& rule : forge->rules) {
        std::string place = matches(rule, method, path) ? place_of(path, path.size()) : "";
        if (!place.empty())
            return ForgeRequest{std::move(place), rule.permission, forge->rest, false};
    }
    return std::nullopt;
}

}  // namespace patd
