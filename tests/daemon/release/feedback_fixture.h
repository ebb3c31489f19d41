// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/release/feedback.h"
#include "tests/support/read_store.h"
#include "tests/support/service_fixture.h"

#include <algorithm>

namespace patd {

using support::caller_of;
using support::Issued;
using support::kAlice;
using support::kBob;
using support::kNow;
using support::make_token;
using support::request_for;
using support::secret_of;
using support::text_of;
using Texts = std::vector<std::string>;

inline constexpr char kUrl[] = "https://git.example/team/repo.git";

// What git says, and what becomes of the tokens.
class FeedbackTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        feedback_.emplace(context());
    }
    Result<void> store(Uid uid, std::string_view secret, const ReleaseRequest& request) {
        return store(uid, StoredCredential(secret_of(secret)), request);
    }
    Result<void> store(Uid uid, StoredCredential given, const ReleaseRequest& request) {
        std::optional<Result<void>> answer;
        feedback_->store(caller_of(uid), request, std::move(given), [&](const Result<void>& done) {
            EXPECT_FALSE(answer.has_value()) << "called twice";
            answer.emplace(done);
        });
        while (!turns_.is_idle())
            turns_.run_round();
        return answer.value();
    }
    Result<void> store(Uid uid, std::string_view secret, const std::string& url = kUrl) {
        return store(uid, secret, request_for(url, "alice"));
    }
    Result<void> erase(Uid uid, std::string_view secret, const std::string& url = kUrl) {
        std::optional<Result<void>> answer;
        feedback_->erase(caller_of(uid), request_for(url, "alice"), secret_of(secret),
                         [&](const Result<void>& done) { answer.emplace(done); });
        while (!turns_.is_idle())
            turns_.run_round();
        return answer.value();
    }
    Result<void> forget(Uid uid, const ReleaseRequest& request) {
        std::optional<Result<void>> answer;
        feedback_->forget(caller_of(uid), request,
                          [&](const Result<void>& done) { answer.emplace(done); });
        while (!turns_.is_idle())
            turns_.run_round();
        return answer.value();
    }
    // What is still given out, by user name.
    Texts live(Uid owner) {
        Texts names;
        for (const Token& token : tokens(owner)) {
            if (token.state == TokenState::Active)
                names.push_back(token.username);
        }
        std::sort(names.begin(), names.end());
        return names;
    }
    std::vector<Token> tokens(Uid owner) {
        std::vector<Token> all;
        const auto listed = list_tokens(*store_, owner).value();
        for (const store::ListedToken& token : listed)
            all.push_back(token.token);
        return all;
    }
    std::string secret(const Token& token) {
        return text_of(open_secret(*store_, token.id).value());
    }
    TokenSecret child_of(const Token& token) {
        const Target target = token.targets.front();
        return support::make_child({token.id, token.generation, kNow + 600, token.permissions,
                                    target, target.origin()},
                                   *store_)
            .value();
    }
    std::string last_use(Uid owner) {
        start_auditor();  // the one before writes what it gathered
        feedback_.emplace(context());
        return list_tokens(*store_, owner).value().front().last_use.how;
    }

    std::optional<Feedback> feedback_;
};

}  // namespace patd
