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

// A protocol and a host with optional port: where a token is sent, in its canonical form
// `protocol://host[:port]`: lower case, without the protocol's default port, an IPv6 address as in
// RFC 5952. The grammar is closed (security: host confusion): protocol https, http, imaps, imap or
// smtp; host of labels [a-z0-9_-] between single dots, or a bracketed IPv6 address; no user, zone,
// percent escape, trailing dot, wildcard or letter outside ASCII. Two hosts that git keeps apart
// are never one origin, except for case and default port (docs/adr/0022).
class Origin {
  public:
    // `host` is the `host` attribute of gitcredentials(7), including a port. InvalidTarget, in the
    // form of url_fault.
    static Result<Origin> parse(std::string_view protocol, std::string_view host);
    // The whole text `protocol://host[:port]`, with nothing after it. InvalidTarget.
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

// Whether tokens may be for `protocol` at all, in any case. Others are left to other helpers.
bool is_known_protocol(std::string_view protocol);

// How the server there takes a token: as the password of Basic authentication (RFC 7617), or alone,
// as a bearer token (RFC 6750).
enum class AuthScheme { Basic, Bearer };

// An origin and a path prefix: where a token may be used, and how. Written
// `[bearer+]https://host[:port][/path]`.
class Target {
  public:
    // Takes any spelling: decodes escapes in the path and drops one trailing slash. InvalidTarget,
    // in the form of url_fault, for a user name or password, query, fragment, wildcard, `\`, %2F,
    // %00, empty, "." and ".." segments, overlong paths, and faults of the origin.
    static Result<Target> parse(std::string_view text);
    // From a URL that was already divided; its user name and password are left to the caller.
    static Result<Target> read(const UrlParts& parts);
    // Reads the output of this version's stored_text or stored_url, or of an older version's text.
    static Result<Target> parse_stored(std::string_view text);
    // `path` decoded, as git sends it. InvalidTarget.
    static Result<Target> create(Origin origin, std::string_view path,
                                 AuthScheme scheme = AuthScheme::Basic);

    const Origin& origin() const { return origin_; }
    // Decoded, without leading or trailing slash; "" means the whole origin.
    const std::string& path() const { return path_; }
    AuthScheme scheme() const { return scheme_; }
    // The place alone, without the scheme.
    std::string url() const;
    // The canonical form, which parse accepts.
    std::string text() const;
    // The form in records and child tokens: like text and url, but with the path decoded, as older
    // versions wrote it too. Only for parse_stored.
    std::string stored_text() const;
    std::string stored_url() const;

    // Whether a request for `path` at `origin` is inside: the path prefix matches whole segments;
    // `/a` includes `/a.git`, but not the other way round. The scheme does not matter.
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

// At most 64 targets, sorted and without duplicates; may be empty. InvalidTarget, also for one
// place with two schemes.
Result<TargetList> parse_targets(const std::vector<std::string>& texts);

// A path as git sends it, decoded, in the form of Target::path: one leading and one trailing slash
// dropped. InvalidTarget for a path that a Target could not hold.
Result<std::string> parse_path(std::string_view path);

// `path` without its final ".git", if there is a name before that; else "".
std::string_view without_git_suffix(std::string_view path);

// A place in the form of Target::url, from a path in the form of Target::path.
std::string format_place(const Origin& origin, std::string_view path);

}  // namespace patd
