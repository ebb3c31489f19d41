// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/token/url.h"

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace patd {

// A protocol and a host with optional port: what a token is sent to, in the one form that every
// spelling of it has: `protocol://host[:port]`, lower case, the protocol's default port dropped, an
// IPv6 address as in RFC 5952. The grammar is closed (security: host confusion): protocol https,
// http, imaps, imap or smtp; host of labels [a-z0-9_-] between single dots, or a bracketed IPv6
// address; no user, zone, percent escape, trailing dot, wildcard or letter outside ASCII. What git
// takes for two hosts is never one origin, but for case and default port (docs/adr/0022).
class Origin {
  public:
    // `host` is the `host` attribute of gitcredentials(7), a port included. InvalidTarget, as
    // url_fault has it.
    static Result<Origin> parse(std::string_view protocol, std::string_view host);
    // The whole text `protocol://host[:port]`, nothing after it. InvalidTarget.
    static Result<Origin> parse(std::string_view text);

    const std::string& text() const { return text_; }
    std::string_view protocol() const;
    std::string_view host_and_port() const;
    std::string_view host() const;  // an IPv6 address in its brackets

    friend auto operator<=>(const Origin&, const Origin&) = default;

  private:
    explicit Origin(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

// Whether tokens may be for `protocol` at all, in any case. Others are other helpers' business.
bool is_known_protocol(std::string_view protocol);

// How the server there takes a token: as the password of Basic authentication (RFC 7617), or alone,
// as a bearer token (RFC 6750).
enum class AuthScheme { Basic, Bearer };

// An origin and a path prefix: where a token may be used, and how. Written
// `[bearer+]https://host[:port][/path]`.
class Target {
  public:
    // Any spelling of it: escapes in the path are decoded, one slash at its end is dropped.
    // InvalidTarget, as url_fault has it, for a user name or password, query, fragment, wildcard,
    // `\`, %2F, %00, empty, "." and ".." segments, over-long paths, and faults of the origin.
    static Result<Target> parse(std::string_view text);
    // The same of a URL that was divided, without its user name and password, which are the
    // caller's to mind.
    static Result<Target> read(const UrlParts& parts);
    // What stored_text or stored_url of this version, or text of an older one, gave.
    static Result<Target> parse_stored(std::string_view text);
    // `path` decoded, as git sends it. InvalidTarget.
    static Result<Target> create(Origin origin, std::string_view path,
                                 AuthScheme scheme = AuthScheme::Basic);

    const Origin& origin() const { return origin_; }
    // Decoded, without slashes at its ends; "" means the whole origin.
    const std::string& path() const { return path_; }
    AuthScheme scheme() const { return scheme_; }
    // The place alone, without the scheme.
    std::string url() const;
    // The normal form, which parse takes again.
    std::string text() const;
    // What records and child tokens have: as text and url, with the path decoded, as older versions
    // wrote it too. For parse_stored alone.
    std::string stored_text() const;
    std::string stored_url() const;

    // Whether a request for `path` at `origin` is inside: the path prefix matches whole segments,
    // where `/a` has `/a.git` inside too, but not the other way round. The scheme has no part in
    // it.
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

// A path as git sends it, decoded, in the form of Target::path: one leading and one trailing slash
// dropped. InvalidTarget for a path that a Target could not hold.
Result<std::string> parse_path(std::string_view path);

// What is before the ".git" at the end of `path`, if there is one and a name before it; else "".
std::string_view without_git_suffix(std::string_view path);

// A place as Target::url gives it, of a path in the form of Target::path.
std::string format_place(const Origin& origin, std::string_view path);

}  // namespace patd
