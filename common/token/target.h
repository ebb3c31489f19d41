// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace patd {

// A protocol and a host with optional port: what a token is sent to. Written `https://host[:port]`.
// The grammar is closed (security: host confusion): protocol https or http; host of lower-case
// labels [a-z0-9-] between single dots, or a bracketed IPv6 address; no user, zone, percent escape,
// trailing dot or wildcard. The default port is dropped, so that host:443 and host are one origin.
class Origin {
  public:
    // `host` is the `host` attribute of gitcredentials(7), a port included. InvalidTarget.
    static Result<Origin> parse(std::string_view protocol, std::string_view host);
    // The whole text `protocol://host[:port]`, nothing after it. InvalidTarget.
    static Result<Origin> parse(std::string_view text);

    const std::string& text() const { return text_; }

    friend auto operator<=>(const Origin&, const Origin&) = default;

  private:
    explicit Origin(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

// How the server there takes a token: as the password of Basic authentication (RFC 7617), or alone,
// as a bearer token (RFC 6750).
enum class AuthScheme { Basic, Bearer };

// An origin and a path prefix: where a token may be used, and how. Written
// `[bearer+]https://host[:port][/path]`.
class Target {
  public:
    // InvalidTarget also for query, fragment, empty, "." and ".." segments, over-long paths.
    static Result<Target> parse(std::string_view text);

    const Origin& origin() const { return origin_; }
    // Without slashes at its ends; "" means the whole origin.
    const std::string& path() const { return path_; }
    AuthScheme scheme() const { return scheme_; }
    // The place alone, without the scheme.
    std::string url() const;
    std::string text() const;

    // Whether a request for `path` at `origin` is inside: the path prefix matches whole segments.
    // The scheme has no part in it.
    bool covers(const Origin& origin, std::string_view path) const;
    bool covers(const Target& other) const { return covers(other.origin_, other.path_); }

    friend auto operator<=>(const Target&, const Target&) = default;

  private:
    Target(Origin origin, std::string path, AuthScheme scheme)
        : origin_(std::move(origin)), path_(std::move(path)), scheme_(scheme) {}

    Origin origin_;
    std::string path_;
    AuthScheme scheme_;
};

using TargetList = std::vector<Target>;

// At most 64 targets, sorted and without doubles; an empty list is fine. InvalidTarget, also for
// one place with two schemes.
Result<TargetList> parse_targets(const std::vector<std::string>& texts);

// A request's path in the form of Target::path: one leading and one trailing slash dropped.
// InvalidTarget for a path that a Target could not hold.
Result<std::string> parse_path(std::string_view path);

}  // namespace patd
