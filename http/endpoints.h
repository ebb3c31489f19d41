// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/line/line_message.h"
#include "common/token/permission.h"
#include "common/token/target.h"
#include "http/credentials.h"
#include "http/form.h"
#include "http/patd_link.h"
#include "http/refusals.h"
#include "http/visit.h"

#include <optional>
#include <string>

namespace patd::web {

// Whether texts parse as a T. The same few come again and again, since a server's configuration
// asks them, so the last good one is not parsed again.
template <typename T>
class LastGood {
  public:
    bool parses(std::string_view text) {
        if (!text_.empty() && text == text_)
            return true;
        if (!T::parse(text))
            return false;
        text_ = text;
        return true;
    }

  private:
    std::string text_;
};

// What each path answers (patd-http(8)). Knows no sockets but the link to patd.
// Thread rule: the loop's thread.
class Endpoints {
  public:
    // `issuer`: the `iss` of introspection; "" for none.
    Endpoints(PatdLink& patd, std::string issuer) : patd_(patd), issuer_(std::move(issuer)) {}

    void handle(Visit& visit);

  private:
    // What verify is asked; views that live as long as the visit.
    struct Question {
        std::string_view token;
        std::string_view permission;
        std::string_view audience;
        std::string_view user;
        std::string_view service;
    };
    void authorize(Visit& visit, const Form& query);
    void judge_authorized(Visit& visit, const line::LineMessage& reply);
    void introspect(Visit& visit, const Form& query);
    // For the gateway: the secret behind a child, for one request to a forge (exchange.cc).
    void exchange(Visit& visit);
    void judge_exchanged(Visit& visit, const line::LineMessage& reply);
    // Of who may ask: what it wants to know.
    void introspect_token(Visit& visit);
    void judge_asker(Visit& visit, const line::LineMessage& reply);
    void describe(Visit& visit, const line::LineMessage& reply);

    // What the request shows. Nothing: the visit has ended, since its place must wait, or since
    // there is nothing that could be a token.
    std::optional<Credentials> take_credentials(Visit& visit);
    // Asks, and has `judge` end the visit; where patd cannot say, it ends with 503.
    template <auto judge>
    void verify(Visit& visit, const Question& question) {
        ask(visit, question, [this, &visit](const line::LineMessage* reply) {
            const std::string_view valid = reply != nullptr ? reply->get("valid") : "";
            if (valid == "1" || valid == "0")
                (this->*judge)(visit, *reply);
            else
                visit.done(try_again());
        });
    }
    void ask(Visit& visit, const Question& question, PatdLink::Answer answer);
    // The visit ends as refused, which counts against its place.
    void refuse(Visit& visit, const Response& response);

    PatdLink& patd_;
    const std::string issuer_;
    LastGood<Permission> last_permission_;
    LastGood<Origin> last_audience_;
    Refusals refusals_;
};

}  // namespace patd::web
