// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/endpoints.h"

#include "common/base/http_limits.h"
#include "common/token/permission.h"
#include "common/token/target.h"

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
    if (refusals_.is_over(visit.place(), std::chrono::steady_clock::now())) {
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

void Endpoints::verify(Visit& visit, const Question& question,
                       std::function<void(const line::LineMessage&)> judge) {
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
    const Result<void> asked =
        patd_.ask({attributes.begin(), end},
                  [&visit, judge = std::move(judge)](const line::LineMessage* reply) {
                      const std::string_view valid = reply != nullptr ? reply->get("valid") : "";
                      if (valid == "1" || valid == "0")
                          judge(*reply);
                      else
                          visit.done(try_again());
                  });
    if (!asked)
        visit.done(try_again());
}

void Endpoints::authorize(Visit& visit, const Form& query) {
    const std::string_view permission = query.get("permission");
    const std::string_view audience = query.get("audience");
    if (!Permission::parse(permission) || !Origin::parse(audience) ||
        !query.has_only({"permission", "audience", "service"}) ||
        query.get("service").size() > limits::kHttpServiceBytes)
        return visit.done(bad_question());
    if (!visit.request.has_authorization)
        return visit.done(ask_for_token());
    const std::optional<Credentials> shown = take_credentials(visit);
    if (!shown)
        return;
    verify(visit,
           {shown->secret, permission, audience, shown->user, service_of(query, "authorize")},
           [this, &visit](const line::LineMessage& reply) { judge_authorized(visit, reply); });
}

void Endpoints::judge_authorized(Visit& visit, const line::LineMessage& reply) {
    if (reply.get("valid") != "1") {
        if (is_token_wrong(reply.get("reason")))
            return refuse(visit, ask_for_token("invalid_token"));
        return visit.done({Status::Forbidden});
    }
    std::string fields;
    for (const auto& [name, key] :
         {std::pair("X-Patd-User: ", "user"), std::pair("X-Patd-Token: ", "id"),
          std::pair("X-Patd-Permissions: ", "permissions")})
        fields.append(name).append(reply.get(key)).append("\r\n");
    visit.done({Status::Ok, std::move(fields)});
}

}  // namespace patd::web
