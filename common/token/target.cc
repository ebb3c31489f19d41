// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/target.h"

#include "common/base/limits.h"
#include "common/token/visible_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace patd {
namespace {

constexpr std::string_view kBearerPrefix = "bearer+";

bool is_label(std::string_view label) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
        return false;
    return std::all_of(label.begin(), label.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > 253)
        return false;
    while (true) {
        const std::size_t dot = host.find('.');
        if (!is_label(host.substr(0, dot)))
            return false;
        if (dot == std::string_view::npos)
            return true;
        host.remove_prefix(dot + 1);
    }
}

// The normal form of RFC 5952, so that one address is written in one way only.
bool is_ipv6(std::string_view address) {
    const std::string text(address);
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    std::array<char, INET6_ADDRSTRLEN> normal{};
    return inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1 &&
           inet_ntop(AF_INET6, bytes.data(), normal.data(), normal.size()) != nullptr &&
           text == normal.data();
}

bool is_port(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= 1 &&
           value <= 65535 && text.front() != '0';
}

// Splits host[:port]; an IPv6 address keeps its brackets in `host`.
Result<void> split_port(std::string_view text, std::string_view& host, std::string_view& port) {
    const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
    if (bracket == std::string_view::npos)
        return Errc::InvalidTarget;
    const std::size_t colon = text.find(':', bracket);
    host = text.substr(0, colon);
    port = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    if (colon != std::string_view::npos && (port.empty() || !is_port(port)))
        return Errc::InvalidTarget;
    return {};
}

bool is_segment(std::string_view segment) {
    if (segment.empty() || segment == "." || segment == "..")
        return false;
    return is_visible_utf8(segment) && segment.find_first_of(" *?#\\") == std::string_view::npos;
}

}  // namespace

Result<Origin> Origin::parse(std::string_view protocol, std::string_view host_and_port) {
    if ((protocol != "https" && protocol != "http") || host_and_port.size() > limits::kHostBytes)
        return Errc::InvalidTarget;
    std::string_view host;
    std::string_view port;
    TRY(split_port(host_and_port, host, port));
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed ? !is_ipv6(host.substr(1, host.size() - 2)) : !is_host_name(host))
        return Errc::InvalidTarget;
    std::string text = std::string(protocol) + "://" + std::string(host);
    if (!port.empty() && port != (protocol == "https" ? "443" : "80"))
        text += ":" + std::string(port);
    return Origin(std::move(text));
}

Result<Origin> Origin::parse(std::string_view text) {
    const std::size_t separator = text.find("://");
    if (separator == std::string_view::npos)
        return Errc::InvalidTarget;
    return parse(text.substr(0, separator), text.substr(separator + 3));
}

Result<std::string> parse_path(std::string_view path) {
    if (path.starts_with('/'))
        path.remove_prefix(1);
    if (path.empty())
        return std::string();
    if (path.ends_with('/'))
        path.remove_suffix(1);
    if (path.size() > limits::kTargetPathBytes)
        return Errc::InvalidTarget;
    for (std::string_view rest = path;;) {
        const std::size_t slash = rest.find('/');
        if (!is_segment(rest.substr(0, slash)))
            return Errc::InvalidTarget;
        if (slash == std::string_view::npos)
            return std::string(path);
        rest.remove_prefix(slash + 1);
    }
}

Result<Target> Target::parse(std::string_view text) {
    const AuthScheme scheme =
        text.starts_with(kBearerPrefix) ? AuthScheme::Bearer : AuthScheme::Basic;
    if (scheme == AuthScheme::Bearer)
        text.remove_prefix(kBearerPrefix.size());
    const std::size_t separator = text.find("://");
    if (separator == std::string_view::npos)
        return Errc::InvalidTarget;
    const std::size_t slash = text.find('/', separator + 3);
    Origin origin = TRY(Origin::parse(text.substr(0, slash)));
    std::string path;
    if (slash != std::string_view::npos)
        path = TRY(parse_path(text.substr(slash)));
    return Target(std::move(origin), std::move(path), scheme);
}

std::string Target::url() const {
    return path_.empty() ? origin_.text() : origin_.text() + "/" + path_;
}

std::string Target::text() const {
    return scheme_ == AuthScheme::Bearer ? std::string(kBearerPrefix) + url() : url();
}

bool Target::covers(const Origin& origin, std::string_view path) const {
    if (origin != origin_)
        return false;
    return path_.empty() || path == path_ || (path.starts_with(path_) && path[path_.size()] == '/');
}

Result<TargetList> parse_targets(const std::vector<std::string>& texts) {
    if (texts.size() > limits::kTargetsPerToken)
        return Errc::InvalidTarget;
    TargetList targets;
    for (const std::string& text : texts)
        targets.push_back(TRY(Target::parse(text)));
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    const bool doubtful =
        std::adjacent_find(targets.begin(), targets.end(), [](const Target& a, const Target& b) {
            return a.origin() == b.origin() && a.path() == b.path();
        }) != targets.end();
    if (doubtful)
        return Error{Errc::InvalidTarget, "one place with and without bearer+"};
    return targets;
}

}  // namespace patd
