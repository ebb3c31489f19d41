// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/hostile/operation_driver.h"

#include "common/base/names.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace patd::hostile {
namespace {

constexpr int kStepsMax = 14;

bool is_a_secret(const std::string& text) {
    return text.starts_with("pat1_") && text.size() > 40;
}

}  // namespace

bus::MessagePtr OperationDriver::new_call(const char* member) {
    return client_.new_call(path_, names::kOperationInterface, member);
}

OperationDriver::Step OperationDriver::choose() {
    static constexpr std::array<Step, 8> kAll = {Step::Next,   Step::NextTwice, Step::KeepSink,
                                                 Step::Commit, Step::OddCommit, Step::Acknowledge,
                                                 Step::Cancel, Step::Leave};
    if (run_.chance().one_in(6))
        return run_.chance().pick(kAll);
    if (committed_)
        return Step::Acknowledge;
    return proven_ ? Step::Commit : Step::Next;
}

bool OperationDriver::drive() {
    for (int i = 0; i < kStepsMax && !over_ && !client_.gone(); ++i) {
        if (!take(choose()))
            return false;
        client_.settle();
    }
    // An operation that is not over may go on: the next round may find it.
    if (run_.chance().one_in(2))
        client_.call(new_call("Cancel"));
    return true;
}

bool OperationDriver::take(Step step) {
    switch (step) {
        case Step::Next:
            next(false);
            break;
        case Step::NextTwice:
            next(false);
            next(false);
            break;
        case Step::KeepSink:
            // Its second Next waits for an answer that does not come; Cancel ends both.
            next(true);
            client_.settle();
            client_.send(new_call("Next"));
            client_.send(new_call(run_.chance().one_in(2) ? "Cancel" : "Next"));
            client_.send(new_call("Cancel"));
            break;
        case Step::Commit: {
            UniqueFd reader;
            const UniqueFd sink = OddDescriptors::sink(reader);
            commit(sink.get());
            client_.settle();
            std::array<char, 256> bytes{};
            const ssize_t got = ::recv(reader.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
            if (got > 0 && !is_a_secret({bytes.data(), static_cast<std::size_t>(got)}))
                run_.fault("a sink got something that is no secret");
            break;
        }
        case Step::OddCommit:
            commit(descriptors_.any());
            break;
        case Step::Acknowledge:
            client_.send(new_call("Acknowledge"));
            client_.send(new_call("Acknowledge"));
            over_ = true;
            break;
        case Step::Cancel:
            client_.send(new_call("Cancel"));
            over_ = true;
            break;
        case Step::Leave:
            client_.send(new_call("Next"));
            return false;
    }
    return true;
}

void OperationDriver::next(bool keeps_sink) {
    client_.send(new_call("Next"),
                 [this, keeps_sink](const Answer& answer) { on_prompt(answer, keeps_sink); });
}

void OperationDriver::on_prompt(const Answer& answer, bool keeps_sink) {
    const char* kind = nullptr;
    const char* text = nullptr;
    int fd = -1;
    if (!answer.ok()) {
        over_ = true;
        return;
    }
    if (sd_bus_message_read(answer.message, "ssh", &kind, &text, &fd) < 0) {
        run_.fault("Next answered something else");
        return;
    }
    UniqueFd sink(::dup(fd));
    if (std::string(kind) == "done")
        proven_ = true;
    else if (keeps_sink)
        kept_sinks_.push_back(std::move(sink));
    else
        reply_to(kind, std::move(sink));
}

std::string OperationDriver::answer_for(const std::string& kind) {
    const std::size_t choice = run_.chance().below(40);
    if (choice == 0)
        return {};
    if (choice == 1)
        return std::string(run_.chance().between(500, 600000), 'x');
    if (kind != "token-secret")
        return choice == 2 ? "a wrong one" : run_.options().password;
    std::string all = secrets_ == 1 ? "imported-secret" : "";
    for (std::size_t i = 0; secrets_ > 1 && i < secrets_; ++i)
        all += "imported-" + std::to_string(i) + "\n";
    if (choice < 8)
        all[run_.chance().below(all.size())] = run_.chance().byte();
    return all;
}

void OperationDriver::reply_to(const std::string& kind, UniqueFd sink) {
    std::string text = answer_for(kind);
    // In one piece, in two halves, or one byte at a time.
    const std::size_t piece = run_.chance().one_in(6) ? 1 + text.size() / 2 : text.size();
    while (!text.empty()) {
        const ssize_t sent =
            ::send(sink.get(), text.data(), std::min(piece, text.size()), MSG_NOSIGNAL);
        if (sent <= 0)
            break;
        text.erase(0, static_cast<std::size_t>(sent));
    }
    if (!run_.chance().one_in(3))
        return;
    // Signals the end even while a copy of the descriptor stays open.
    (void)::shutdown(sink.get(), SHUT_WR);
    kept_sinks_.push_back(std::move(sink));
}

void OperationDriver::commit(int sink) {
    const bus::MessagePtr call = new_call("Commit");
    (void)sd_bus_message_append_basic(call.get(), 'h', &sink);
    client_.send(call, [this](const Answer& answer) { committed_ = committed_ || answer.ok(); });
}

}  // namespace patd::hostile
