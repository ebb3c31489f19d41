// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/target.h"

#include "common/base/limits.h"
#include "common/base/parse_number.h"
#include "common/token/visible_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace patd {
namespace {

constexpr std::string_view kBearerPrefix = "bearer+";
constexpr std::string_view kAfterProtocol = "://";
constexpr std::string_view kGitSuffix = ".git";

AuthScheme take_scheme(std::string_view& text) {
    if (!text.starts_with(kBearerPrefix))
        return AuthScheme::Basic;
    text.remove_prefix(kBearerPrefix.size());
    return AuthScheme::Bearer;
}

std::string prefix_of(AuthScheme scheme) {
    return scheme == AuthScheme::Bearer ? std::string(kBearerPrefix) : std::string();
}

struct Protocol {
    std::string_view name;
    std::string_view port;  // the default one; "": none
};

// git send-email says smtp for every port and kind of encryption. What aws and ansible want a
// secret for has no URL: a profile, and the label of a vault. kube is for a cluster's server alone,
// apart from what else is at that host.
constexpr std::array kProtocols = {Protocol{"https", "443"}, Protocol{"http", "80"},
                                   Protocol{"imaps", "993"}, Protocol{"imap", "143"},
                                   Protocol{"smtp", ""},     Protocol{"aws", ""},
                                   Protocol{"vault", ""},    Protocol{"kube", "443"}};

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower;
}

const Protocol* find_protocol(std::string_view name) {
    const std::string lower = to_lower(name);
    const auto* const found = std::find_if(kProtocols.begin(), kProtocols.end(),
                                           [&](const Protocol& one) { return one.name == lower; });
    return found == kProtocols.end() ? nullptr : found;
}

bool is_label(std::string_view label) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
        return false;
    return std::all_of(label.begin(), label.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
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

// The canonical form of RFC 5952, so that one address has one spelling.
Result<std::string> parse_ipv6(std::string_view address) {
    if (address.find('%') != std::string_view::npos)
        return url_fault("host: an address for everywhere has no zone (%...); leave it out");
    const std::string text(address);
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    std::array<char, INET6_ADDRSTRLEN> normal{};
    // inet_pton alone would stop at a NUL byte.
    if (text.find('\0') != std::string::npos ||
        inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1 ||
        inet_ntop(AF_INET6, bytes.data(), normal.data(), normal.size()) == nullptr)
        return url_fault("host: write an IPv6 address like [2001:db8::1]");
    return "[" + std::string(normal.data()) + "]";
}

Result<std::string> parse_host(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']'))
        return parse_ipv6(host.substr(1, host.size() - 2));
    std::string name = to_lower(host);
    if (is_host_name(name))
        return name;
    if (host.empty())
        return url_fault("host: none is named; write it after the //");
    if (std::any_of(host.begin(), host.end(), [](char c) { return (c & 0x80) != 0; }))
        return url_fault(
            "host: write letters outside ASCII in the host's xn-- form, which 'idn2 HOST' prints");
    if (host.find('*') != std::string_view::npos)
        return url_fault("host: name each host by itself, without a *");
    if (host.ends_with('.'))
        return url_fault("host: leave out the dot at its end");
    return url_fault(
        "host: write letters, digits, - and _ between single dots, or an IPv6 address in []");
}

bool is_port(std::string_view text) {
    return parse_number<std::uint16_t>(text).value_or(0) != 0 && text.front() != '0';
}

// Splits host[:port]; an IPv6 address keeps its brackets in `host`.
Result<void> split_port(std::string_view text, std::string_view& host, std::string_view& port) {
    const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
    if (bracket == std::string_view::npos)
        return url_fault("host: the [ of an IPv6 address has no ]");
    const std::size_t colon = text.find(':', bracket);
    host = text.substr(0, colon);
    port = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    if (colon != std::string_view::npos && (port.empty() || !is_port(port)))
        return url_fault("port: write a number from 1 to 65535, or leave the : out");
    return {};
}

bool is_dots(std::string_view text) {
    return text == "." || text == "..";
}

// Some servers treat a backslash as a slash: neither may lead out of the place.
bool has_dots(std::string_view segment) {
    while (true) {
        const std::size_t end = segment.find('\\');
        if (is_dots(segment.substr(0, end)))
            return true;
        if (end == std::string_view::npos)
            return false;
        segment.remove_prefix(end + 1);
    }
}

Result<void> check_segment(std::string_view segment) {
    if (segment.empty())
        return url_fault("path: write one slash between two names, and one at the end at most");
    if (has_dots(segment))
        return url_fault("path: write where . and .. lead to instead");
    if (!is_visible_utf8(segment))
        return url_fault("path: it has bytes that cannot be shown, or that are no UTF-8");
    return {};
}

// Refuses what a URL may have there but a place may not. `path` is not decoded.
Result<void> check_spelling(std::string_view path) {
    if (path.find_first_of("?#") != std::string_view::npos)
        return url_fault("path: leave out what ? or # begins; in a name write %3F or %23");
    if (path.find('*') != std::string_view::npos)
        return url_fault("path: /team is for all below it, without a *; in a name write %2A");
    if (path.find('\\') != std::string_view::npos)
        return url_fault("path: write / for \\; in a name write %5C");
    if (path.ends_with(' '))
        return url_fault("path: leave out the blank at its end; in a name write %20");
    for (const std::string_view escape : {"%2F", "%2f"}) {
        if (path.find(escape) != std::string_view::npos)
            return url_fault("path: write / for %2F, as git asks for it");
    }
    if (path.find("%00") != std::string_view::npos)
        return url_fault("path: leave out %00");
    return {};
}

}  // namespace

bool is_known_protocol(std::string_view protocol) {
    return find_protocol(protocol) != nullptr;
}

Result<Origin> Origin::parse(std::string_view protocol, std::string_view host_and_port) {
    const Protocol* const known = find_protocol(protocol);
    if (known == nullptr)
        return url_fault("scheme: write https, http, smtp, imap, imaps, aws, vault or kube");
    if (host_and_port.find('@') != std::string_view::npos)
        return url_fault("user: write an @ in a user name or password as %40");
    if (host_and_port.size() > limits::kHostBytes)
        return url_fault("host: it is too long");
    std::string_view host;
    std::string_view port;
    TRY(split_port(host_and_port, host, port));
    std::string text = std::string(known->name) + "://" + TRY(parse_host(host));
    if (!port.empty() && port != known->port)
        text += ":" + std::string(port);
    return Origin(std::move(text));
}

Result<Origin> Origin::parse(std::string_view text) {
    const UrlParts parts = TRY(divide_url(text));
    if (parts.username)
        return url_fault("user: leave out what is before the @");
    if (!parts.path.empty())
        return url_fault("path: leave out what follows the host");
    return parse(parts.scheme, parts.host);
}

std::string_view Origin::protocol() const {
    return std::string_view(text_).substr(0, text_.find(':'));
}

std::string_view Origin::host_and_port() const {
    return std::string_view(text_).substr(protocol().size() + kAfterProtocol.size());
}

std::string_view Origin::host() const {
    const std::string_view all = host_and_port();
    const std::size_t bracket = all.find(']');
    return all.substr(0, all.find(':', bracket == std::string_view::npos ? 0 : bracket));
}

Result<std::string> parse_path(std::string_view path) {
    if (path.starts_with('/'))
        path.remove_prefix(1);
    if (path.empty())
        return std::string();
    if (path.ends_with('/'))
        path.remove_suffix(1);
    if (path.size() > limits::kTargetPathBytes)
        return url_fault("path: it is too long, 256 bytes at most; name a place above it");
    for (std::string_view rest = path;;) {
        const std::size_t slash = rest.find('/');
        TRY(check_segment(rest.substr(0, slash)));
        if (slash == std::string_view::npos)
            return std::string(path);
        rest.remove_prefix(slash + 1);
    }
}

std::string_view without_git_suffix(std::string_view path) {
    if (!path.ends_with(kGitSuffix))
        return "";
    path.remove_suffix(kGitSuffix.size());
    return path.ends_with('/') ? "" : path;
}

std::string format_place(const Origin& origin, std::string_view path) {
    return path.empty() ? origin.text() : origin.text() + "/" + encode_url_path(path);
}

Result<Target> Target::create(Origin origin, std::string_view path, AuthScheme scheme) {
    if (scheme == AuthScheme::Bearer && !origin.protocol().starts_with("http"))
        return url_fault("scheme: bearer+ is for https and http");
    return Target(std::move(origin), TRY(parse_path(path)), scheme);
}

Result<Target> Target::read(const UrlParts& parts) {
    std::string_view protocol = parts.scheme;
    const AuthScheme scheme = take_scheme(protocol);
    Origin origin = TRY(Origin::parse(protocol, parts.host));
    TRY(check_spelling(parts.path));
    return create(std::move(origin), decode_url(parts.path), scheme);
}

Result<Target> Target::parse(std::string_view text) {
    const UrlParts parts = TRY(divide_url(text));
    TRY(refuse_password(parts));
    if (parts.username)
        return url_fault("user: leave out the name before @; a target is for a place alone");
    return read(parts);
}

Result<Target> Target::parse_stored(std::string_view text) {
    const AuthScheme scheme = take_scheme(text);
    const UrlParts parts = TRY(divide_url(text));
    return create(TRY(Origin::parse(parts.scheme, parts.host)), parts.path, scheme);
}

std::string Target::url() const {
    return format_place(origin_, path_);
}

std::string Target::text() const {
    return prefix_of(scheme_) + url();
}

std::string Target::stored_text() const {
    return prefix_of(scheme_) + stored_url();
}

std::string Target::stored_url() const {
    return path_.empty() ? origin_.text() : origin_.text() + "/" + path_;
}

bool Target::covers(const Origin& origin, std::string_view path) const {
    if (origin != origin_ || !path.starts_with(path_))
        return false;
    path.remove_prefix(path_.size());
    if (path_.empty() || path.empty() || path.front() == '/')
        return true;
    return !path_.ends_with(kGitSuffix) && path.starts_with(kGitSuffix) &&
           (path.size() == kGitSuffix.size() || path[kGitSuffix.size()] == '/');
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
