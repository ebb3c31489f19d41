// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The part of Endpoints that the gateway's nginx asks (patd-gateway(8)).
#include "common/base/http_limits.h"
#include "common/base/token_limits.h"
#include "common/token/base64url.h"
#include "common/token/token_string.h"
#include "http/endpoints.h"

#include <algorithm>
#include <array>

namespace patd::web {
namespace {

constexpr char kExchange[] = "/exchange";
constexpr char kAuthorization[] = "X-Patd-Upstream-Authorization: ";
constexpr char kPrivateToken[] = "X-Patd-Upstream-Private-Token: ";

// The word is for the sentence that nginx answers its client with.
std::string because(std::string_view reason) {
    return std::string("X-Patd-Reason: ").append(reason).append("\r\n");
}

Response no_child(std::string_view reason) {
    Response response = ask_for_token();
    response.fields += because(reason);
    return response;
}

Response not_for_this(std::string_view reason) {
    return {Status::Forbidden, because(reason)};
}

bool is_child_worthless(std::string_view reason) {
    return reason == "malformed" || reason == "unknown" || reason == "dead" || reason == "expired";
}

// What follows the host, byte by byte what was asked. Nothing where the two are at odds: then nginx
// would send something else than was judged.
std::string_view target_at(std::string_view host, std::string_view uri) {
    if (host.empty() || !uri.starts_with('/') || uri.substr(1, host.size()) != host)
        return {};
    uri.remove_prefix(1 + host.size());
    return uri.starts_with('/') ? uri : std::string_view();
}

// What a field can carry, in one reading.
bool is_word(std::string_view secret) {
    return !secret.empty() && std::all_of(secret.begin(), secret.end(),
                                          [](char byte) { return byte > 0x20 && byte < 0x7f; });
}

Result<void> append_all(SecretBuffer& out, std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts)
        TRY(out.append(part));
    return {};
}

Result<void> append_basic(SecretBuffer& out, std::string_view user, std::string_view secret) {
    SecretBuffer pair(user.size() + 1 + secret.size());
    TRY(append_all(pair, {user, ":", secret}));
    TRY(out.append(std::string_view("Basic ")));
    return append_base64(out, pair.reveal());
}

// The value of Authorization; none for a secret that has a field of its own.
Result<void> append_value(SecretBuffer& out, const line::LineMessage& reply) {
    const std::string_view scheme = reply.get("scheme");
    const std::string_view user = reply.get("username");
    const std::string_view secret = reply.get("password");
    if (scheme == "basic" && user.find(':') == user.npos && !secret.empty())
        return append_basic(out, user, secret);
    if (!is_word(secret))
        return Error{Errc::Unavailable, "a secret that the scheme cannot carry"};
    if (scheme == "bearer")
        return append_all(out, {"Bearer ", secret});
    if (scheme == "token")
        return append_all(out, {"token ", secret});
    if (scheme == "private-token")
        return {};
    return Error{Errc::Unavailable, "an unknown scheme"};
}

// Both fields, one of them empty: nginx does not send an empty one.
Result<void> append_fields(SecretBuffer& out, const line::LineMessage& reply) {
    const bool is_private = reply.get("scheme") == "private-token";
    TRY(out.append(std::string_view(kAuthorization)));
    TRY(append_value(out, reply));
    return append_all(out, {"\r\n", kPrivateToken,
                            is_private ? reply.get("password") : std::string_view(), "\r\n"});
}

bool is_small(const Request& request, std::string_view host, std::string_view target) {
    return host.size() <= limits::kHttpForgeBytes && target.size() <= limits::kForgeTargetBytes &&
           request.original_method.size() <= limits::kHttpMethodBytes;
}

}  // namespace

void Endpoints::exchange(Visit& visit) {
    const Request& request = visit.request;
    const std::optional<TargetParts> asked = divide_target(request.target);
    if (!asked || asked->path != kExchange)
        return visit.done({Status::NotFound});
    if (request.method != "GET")
        return visit.done({Status::MethodNotAllowed, "Allow: GET\r\n"});
    const Result<Form> query = Form::parse(asked->query, visit.scratch);
    const std::string_view host = query ? query->get("host") : std::string_view();
    const std::string_view target = target_at(host, request.original_uri);
    if (target.empty() || !query->has_only({"host"}) || request.original_method.empty())
        return visit.done({Status::BadRequest});
    if (!is_small(request, host, target))
        return visit.done(not_for_this("request"));
    const Result<std::optional<Credentials>> shown =
        read_credentials(request.authorization, visit.scratch);
    if (!shown || !*shown || token_shape((*shown)->secret) != TokenShape::Child)
        return visit.done(no_child(request.has_authorization ? "malformed" : "missing"));
    const std::array attributes = {line::Attribute{"patd", "1"},
                                   line::Attribute{"op", "exchange"},
                                   line::Attribute{"token", (*shown)->secret},
                                   line::Attribute{"host", host},
                                   line::Attribute{"method", request.original_method},
                                   line::Attribute{"target", target}};
    const Result<void> sent = patd_.ask(attributes, [this, &visit](const line::LineMessage* reply) {
        reply != nullptr ? judge_exchanged(visit, *reply) : visit.done(try_again());
    });
    if (!sent && sent.error().code == Errc::MalformedRequest)
        return visit.done(not_for_this("request"));
    if (!sent)
        visit.done(try_again());
}

void Endpoints::judge_exchanged(Visit& visit, const line::LineMessage& reply) {
    const std::string_view granted = reply.get("granted");
    const std::string_view reason = reply.get("reason");
    if (granted == "0")
        return visit.done(is_child_worthless(reason) ? no_child(reason) : not_for_this(reason));
    if (granted != "1")
        return visit.done(try_again());
    const std::size_t start = visit.scratch.size();
    const Result<void> written = append_fields(visit.scratch, reply);
    if (!written)
        return visit.done(not_for_this("secret"));
    const std::span<const char> fields = visit.scratch.reveal().subspan(start);
    visit.done({Status::Ok, because({}), {}, {fields.data(), fields.size()}});
}

}  // namespace patd::web
