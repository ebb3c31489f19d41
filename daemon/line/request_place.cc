// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/request_place.h"

#include "common/base/secret_buffer.h"
#include "common/base/tool_limits.h"
#include "common/token/foreign_token.h"
#include "common/token/url.h"
#include "common/token/visible_text.h"

#include <algorithm>
#include <span>
#include <utility>

namespace patd {
namespace {

Error malformed() {
    return {Errc::MalformedRequest, "protocol, host, path or url"};
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// The parts of `url`; all empty if there is none.
Result<UrlParts> read_url(const line::LineMessage& request) {
    const std::string_view url = request.get("url");
    if (url.empty())
        return UrlParts();
    Result<UrlParts> parts = divide_url(url);
    if (!parts || parts->scheme.empty())
        return malformed();
    TRY(refuse_password(*parts));
    if (has_control(decode_url(url)))
        return malformed();
    return parts;
}

// The attribute's value, or else the part of `url`.
std::string_view either(std::string_view attribute, std::string_view part) {
    return attribute.empty() ? part : attribute;
}

Result<Origin> read_origin(const line::LineMessage& request, const UrlParts& url) {
    Result<Origin> origin = Origin::parse(either(request.get("protocol"), url.scheme),
                                          either(request.get("host"), url.host));
    if (!origin)
        return malformed();
    if (url.scheme.empty())
        return origin;
    const Result<Origin> other = Origin::parse(url.scheme, url.host);
    if (!other || *other != *origin)
        return malformed();
    return origin;
}

// git strips all slashes at both ends of a URL's path, and decodes the rest.
std::string_view strip_slashes(std::string_view path) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    return path.substr(0, path.find_last_not_of('/') + 1);
}

// InvalidTarget: a path that no target can hold.
Result<std::string> read_path(const line::LineMessage& request, const UrlParts& url) {
    const std::string_view attribute = request.get("path");
    const std::string_view part = strip_slashes(url.path);
    if (part.empty())
        return parse_path(attribute);
    const Target spelled = TRY(Target::read({url.scheme, {}, {}, url.host, part}));
    if (!attribute.empty() && TRY(parse_path(attribute)) != spelled.path())
        return malformed();
    return spelled.path();
}

Result<std::optional<std::string>> read_username(const line::LineMessage& request,
                                                 const UrlParts& url) {
    const std::string attribute(request.get("username"));
    const std::string part = decode_url(url.username.value_or(""));
    if (!attribute.empty() && !part.empty() && attribute != part)
        return malformed();
    const std::string& name = attribute.empty() ? part : attribute;
    return name.empty() ? std::nullopt : std::optional(name);
}

// Any text of the caller's, who shall not be able to write what looks like the rest of an event.
std::string read_tool(const line::LineMessage& request) {
    std::string text(cut_text(request.get("tool"), limits::kToolNameBytes));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c <= ' ' || c > '~'; }, '?');
    return text;
}

}  // namespace

bool is_for_others(const line::LineMessage& request) {
    const std::string_view protocol = request.get("protocol");
    const std::string_view url = request.get("url");
    const Result<UrlParts> parts = divide_url(url);
    const bool is_divided = url.empty() || parts;
    const std::string_view scheme = parts ? parts->scheme : std::string_view();
    return is_divided && !either(protocol, scheme).empty() && !is_known_protocol(protocol) &&
           !is_known_protocol(scheme);
}

bool has_token_as_username(const line::LineMessage& request) {
    const Result<UrlParts> url = divide_url(request.get("url"));
    const std::string_view part = url ? url->username.value_or("") : std::string_view();
    if (looks_like_token(request.get("username")) || looks_like_token(part))
        return true;
    if (part.find('%') == std::string_view::npos)
        return false;
    SecretBuffer name(part.size());
    decode_url(part, [&](char byte) { (void)name.append(std::span(&byte, 1)); });
    return looks_like_token({name.reveal().data(), name.size()});
}

Result<ReleaseRequest> read_place(const line::LineMessage& request) {
    const UrlParts url = TRY(read_url(request));
    Origin origin = TRY(read_origin(request, url));
    Result<std::string> path = read_path(request, url);
    const bool is_odd = !path && path.error().code == Errc::InvalidTarget;
    // A secret kept for the whole host instead would be released to all of it.
    if (!path && (!is_odd || request.get("op") == "store"))
        return path.error();
    std::optional<std::string> username = TRY(read_username(request, url));
    ReleaseRequest place{std::move(origin), is_odd ? std::string() : *path, std::move(username)};
    place.has_odd_path = is_odd;
    place.tool = read_tool(request);
    return place;
}

}  // namespace patd
