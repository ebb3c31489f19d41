// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/operation/operation.h"
#include "tests/support/client_sink.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace patd::support {

inline TokenSecret token_secret(std::string_view text) {
    return TokenSecret(SecretBuffer::copy_of({text.data(), text.size()}));
}

// What a test's Plan was asked to do; lets the test decide when it is done.
struct PlanRecord {
    int commits = 0;
    int acknowledged = 0;
    std::string given;
    std::function<void(Result<Committed>)> commit_done;
    Done acknowledge_done;
};

// A plan that only records; with `secret` it reveals one and waits for Acknowledge.
inline Plan recorded_plan(const std::shared_ptr<PlanRecord>& record) {
    Plan plan;
    plan.commit = [record](const TokenSecret& given, std::function<void(Result<Committed>)> done) {
        ++record->commits;
        record->given = {given.reveal().data(), given.size()};
        record->commit_done = std::move(done);
    };
    return plan;
}

inline Committed plain_result() {
    Committed committed;
    committed.result.set("acknowledge", false);
    return committed;
}

inline Committed revealing(const std::shared_ptr<PlanRecord>& record, std::string_view secret) {
    Committed committed;
    committed.result.set("acknowledge", true);
    committed.secret = std::make_shared<const TokenSecret>(token_secret(secret));
    committed.acknowledge = [record](Done done) {
        ++record->acknowledged;
        record->acknowledge_done = std::move(done);
    };
    return committed;
}

// The outcome of one call on an Operation.
template <typename T>
struct Answer {
    std::optional<Result<T>> result;

    bool has_come() const { return result.has_value(); }
    Errc error() const {
        if (!result || result->has_value())
            throw std::runtime_error("no error");
        return result->error().code;
    }
};

class OperationFixture : public ::testing::Test {
  protected:
    using PromptAnswerPtr = std::shared_ptr<Answer<Operation::Prompt>>;

    std::unique_ptr<Operation> make(Plan plan) {
        return std::make_unique<Operation>(Operation::Parts{*loop_, services_, handed_},
                                           Caller{Uid(geteuid()), ":1.1"}, "bob", std::move(plan));
    }
    PromptAnswerPtr begin_next(Operation& operation) {
        auto answer = std::make_shared<Answer<Operation::Prompt>>();
        operation.next([answer](Result<Operation::Prompt> prompt) {
            answer->result.emplace(std::move(prompt));
        });
        return answer;
    }
    bool wait(const PromptAnswerPtr& answer) {
        return turn_until(*loop_, [&] { return answer->has_come(); });
    }
    Operation::Prompt next(Operation& operation) {
        const PromptAnswerPtr answer = begin_next(operation);
        if (!wait(answer))
            throw std::runtime_error("no prompt");
        return std::move(*answer->result).value();
    }
    Errc next_error(Operation& operation) {
        const PromptAnswerPtr answer = begin_next(operation);
        if (!wait(answer))
            throw std::runtime_error("no answer");
        return answer->error();
    }
    // Goes through a step-up with one prompt.
    void prove(Operation& operation) {
        const PromptAnswerPtr first = begin_next(operation);
        StepUpConversation conversation = auth_.accept();
        conversation.send(step_up::FrameKind::PromptSecret, "Service password: ");
        if (!wait(first))
            throw std::runtime_error("no prompt");
        answer(std::move((*first->result)->sink), "hunter2");
        (void)conversation.begin();
        (void)conversation.answer();
        conversation.send(step_up::FrameKind::Granted);
        if (next(operation).kind != "done")
            throw std::runtime_error("not done");
    }
    static std::shared_ptr<Answer<bus::Dict>> commit(Operation& operation, UniqueFd sink) {
        auto answer = std::make_shared<Answer<bus::Dict>>();
        operation.commit(std::move(sink), [answer](const Result<bus::Dict>& result) {
            answer->result.emplace(result);
        });
        return answer;
    }
    static std::shared_ptr<Answer<void>> acknowledge(Operation& operation) {
        auto answer = std::make_shared<Answer<void>>();
        operation.acknowledge([answer](const Result<void>& done) { answer->result.emplace(done); });
        return answer;
    }

    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    TemporaryDirectory directory_;
    ScriptedStepUp auth_{*loop_, directory_.file("auth.sock")};
    ScriptedStepUp enroll_{*loop_, directory_.file("enroll.sock")};
    FakeClock clock_;
    StepUpServices services_{*loop_, {auth_.path(), enroll_.path()}, clock_};
    Quota quota_{{limits::kHandedDescriptorsPerUser, limits::kHandedDescriptors}};
    HandedSinks handed_{*loop_, quota_};
    std::shared_ptr<PlanRecord> record_ = std::make_shared<PlanRecord>();
    std::vector<UniqueFd> kept_;
};

}  // namespace patd::support
