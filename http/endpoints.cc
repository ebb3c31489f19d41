// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/endpoints.h"

#include "common/base/http_limits.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace patd::web {
namespace {

constexpr char kAuthorize[] = "/authorize";
constexpr char kIntrospect[] = "/introspect";

// A server's configuration is wrong, or its question was tampered with.
Response bad_question() {
    return {Status::BadRequest};
}

Response not_allowed(std::string_view allowed) {
    return {Status::MethodNotAllowed, std::string("Allow: ").append(allowed).append("\r\n")};
}

bool is_token_wrong(std::string_view reason) {
    return reason != "permission" && reason != "audience" && reason != "locked";
}

std::string_view service_of(const Form& query, std::string_view otherwise) {
    const std::string_view named = query.get("service");
    return named.empty() ? otherwise : named;
}

}  // namespace

void Endpoints::handle(Visit& visit) {
    if (visit.peer.is_gateway)
        return exchange(visit);
    const std::optional<TargetParts> target = divide_target(visit.request.target);
    const bool is_authorize = target && target->path == kAuthorize;
    if (!is_authorize && !(target && target->path == kIntrospect))
        return visit.done({Status::NotFound});
    const bool is_get = visit.request.method == "GET" || visit.request.method == "HEAD";
    if (is_authorize && !is_get)
        return visit.done(not_allowed("GET, HEAD"));
    if (!is_authorize && visit.request.method != "POST")
        return visit.done(not_allowed("POST"));
    const Result<Form> query = Form::parse(target->query, visit.scratch);
    if (!query)
        return visit.done(bad_question());
    is_authorize ? authorize(visit, *query) : introspect(visit, *query);
}

void Endpoints::refuse(Visit& visit, const Response& response) {
    if (const std::string place = visit.place(); !place.empty())
        refusals_.count(place, std::chrono::steady_clock::now());
    visit.done(response);
}

std::optional<Credentials> Endpoints::take_credentials(Visit& visit) {
    if (refusals_.known() != 0 &&
        refusals_.is_over(visit.place(), std::chrono::steady_clock::now())) {
        visit.done(try_again());
        return std::nullopt;
    }
    const Result<std::optional<Credentials>> found =
        read_credentials(visit.request.authorization, visit.scratch);
    if (found && *found)
        return *found;
    refuse(visit, ask_for_token("invalid_token"));
    return std::nullopt;
}

void Endpoints::ask(Visit& visit, const Question& question, PatdLink::Answer answer) {
    std::array attributes = {line::Attribute{"patd", "1"},
                             line::Attribute{"op", "verify"},
                             line::Attribute{"token", question.token},
                             line::Attribute{"audience", question.audience},
                             line::Attribute{"service", question.service},
                             line::Attribute{"permission", question.permission},
                             line::Attribute{"user", question.user},
                             line::Attribute{"rhost", visit.client()}};
    const auto end = std::remove_if(attributes.begin(), attributes.end(),
                                    [](const auto& attribute) { return attribute.value.empty(); });
    if (!patd_.ask({attributes.begin(), end}, std::move(answer)))
        visit.done(try_again());
}

void Endpoints::authorize(Visit& visit, const Form& query) {
    const std::string_view permission = query.get("permission");
    const std::string_view audience = query.get("audience");
    if (!last_permission_.parses(permission) || !last_audience_.parses(audience) ||
        !query.has_only({"permission", "audience", "service"}) ||
        query.get("service").size() > limits::kHttpServiceBytes)
        return visit.done(bad_question());
    if (!visit.request.has_authorization)
        return visit.done(ask_for_token());
    const std::optional<Credentials> shown = take_credentials(visit);
    if (!shown)
        return;
    verify<&Endpoints::judge_authorized>(
        visit, {shown->secret, permission, audience, shown->user, service_of(query, "authorize")});
}

void Endpoints::judge_authorized(Visit& visit, const line::LineMessage& reply) {
    if (reply.get("valid") != "1") {
        if (is_token_wrong(reply.get("reason")))
            return refuse(visit, ask_for_token("invalid_token"));
        return visit.done({Status::Forbidden});
    }
    const std::size_t start = visit.scratch.size();
    for (const std::string_view part : {std::string_view("X-Patd-User: "), reply.get("user"),
                                        std::string_view("\r\nX-Patd-Token: "), reply.get("id"),
                                        std::string_view("\r\nX-Patd-Permissions: "),
                                        reply.get("permissions"), std::string_view("\r\n")}) {
        if (!visit.scratch.append(part))
            return visit.done(try_again());
    }
    const std::span<const char> fields = visit.scratch.reveal().subspan(start);
    visit.done({Status::Ok, {}, {}, {fields.data(), fields.size()}});
}

}  // namespace patd::web
