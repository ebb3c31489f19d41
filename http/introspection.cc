// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The part of Endpoints that speaks RFC 7662.
#include "common/json/json_text.h"
#include "common/token/token_string.h"
#include "http/endpoints.h"

#include <algorithm>

namespace patd::web {
namespace {

constexpr char kAskerPermission[] = "patd:introspection:ro";
constexpr char kService[] = "introspect";
constexpr char kInactive[] = "{\"active\": false}";

Response invalid_request() {
    return {Status::BadRequest, {}, "{\"error\": \"invalid_request\"}"};
}

Response insufficient_scope() {
    return {Status::Forbidden,
            std::string("WWW-Authenticate: Bearer realm=\"patd\", error=\"insufficient_scope\", "
                        "scope=\"") +
                kAskerPermission + "\"\r\n"};
}

// The media type, whatever parameters follow.
bool is_form(std::string_view content_type) {
    constexpr std::string_view kForm = "application/x-www-form-urlencoded";
    std::string_view type = content_type.substr(0, content_type.find(';'));
    type = type.substr(0, type.find_last_not_of(" \t") + 1);
    return std::equal(type.begin(), type.end(), kForm.begin(), kForm.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char digit) { return digit >= '0' && digit <= '9'; });
}

std::string scope_of(std::string_view permissions) {
    std::string scope(permissions);
    std::replace(scope.begin(), scope.end(), ',', ' ');
    return scope;
}

}  // namespace

void Endpoints::introspect(Visit& visit, const Form& query) {
    // Which server asks decides which tokens are anything to it (RFC 7662, 4), and no server learns
    // where else a token is good.
    const std::string_view audience = query.get("audience");
    if (!last_audience_.parses(audience) || !query.has_only({"audience"}))
        return visit.done(invalid_request());
    visit.audience = audience;
    if (!visit.request.has_authorization) {
        if (!visit.peer.may_introspect)
            return visit.done(ask_for_token());
        return introspect_token(visit);
    }
    const std::optional<Credentials> shown = take_credentials(visit);
    if (!shown)
        return;
    verify<&Endpoints::judge_asker>(
        visit, {shown->secret, kAskerPermission, audience, shown->user, kService});
}

void Endpoints::judge_asker(Visit& visit, const line::LineMessage& reply) {
    if (reply.get("valid") == "1")
        return introspect_token(visit);
    const std::string_view reason = reply.get("reason");
    if (reason == "permission" || reason == "audience")
        return visit.done(insufficient_scope());
    refuse(visit, ask_for_token("invalid_token"));
}

void Endpoints::introspect_token(Visit& visit) {
    if (!is_form(visit.request.content_type))
        return visit.done(invalid_request());
    const Result<Form> form = Form::parse(visit.request.body, visit.scratch);
    const std::string_view token = form ? form->get("token") : std::string_view();
    if (token.empty())
        return visit.done(invalid_request());
    if (token_shape(token) == TokenShape::None)  // never passed on: it may be a password
        return visit.done({Status::Ok, {}, kInactive});
    verify<&Endpoints::describe>(visit, {token, {}, visit.audience, {}, kService});
}

void Endpoints::describe(Visit& visit, const line::LineMessage& reply) {
    if (reply.get("valid") != "1")
        return visit.done({Status::Ok, {}, kInactive});
    const std::size_t start = visit.scratch.size();
    JsonText json(visit.scratch);
    json.raw("{\"active\": true, \"token_type\": \"Bearer\", \"scope\": ")
        .quoted(scope_of(reply.get("permissions")))
        .raw(", \"username\": ")
        .quoted(reply.get("user"))
        .raw(", \"aud\": ")
        .quoted(visit.audience)
        .raw(", \"jti\": ")
        .quoted(reply.get("id"));
    if (const std::string_view expires = reply.get("expires"); is_number(expires) && expires != "0")
        json.raw(", \"exp\": ").raw(expires);
    if (const std::string_view created = reply.get("created"); is_number(created))
        json.raw(", \"iat\": ").raw(created);
    if (!issuer_.empty())
        json.raw(", \"iss\": ").quoted(issuer_);
    if (!json.raw("}").end())
        return visit.done(try_again());
    const std::span<const char> text = visit.scratch.reveal().subspan(start);
    visit.done({Status::Ok, {}, {text.data(), text.size() - 1}});  // without the line's end
}

}  // namespace patd::web
