// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/operation.h"

#include "common/base/limits.h"
#include "common/bus/firewall.h"

#include <utility>

namespace patd {
namespace {

using step_up::FrameKind;

constexpr char kDone[] = "done";

std::string_view kind_name(FrameKind kind) {
    switch (kind) {
        case FrameKind::PromptSecret:
            return "secret";
        case FrameKind::PromptVisible:
            return "visible";
        case FrameKind::ErrorText:
            return "error";
        default:
            return "info";
    }
}

bool wants_answer(FrameKind kind) {
    return kind == FrameKind::PromptSecret || kind == FrameKind::PromptVisible;
}

}  // namespace

Operation::Operation(const Parts& parts, Caller caller, std::string user, Plan plan)
    : parts_(parts), caller_(std::move(caller)), user_(std::move(user)), plan_(std::move(plan)) {}

void Operation::next(PromptCallback callback) {
    const bool expected = stage_ == Stage::Begun || stage_ == Stage::Asked ||
                          stage_ == Stage::StepUp || stage_ == Stage::Proven ||
                          stage_ == Stage::Failed;
    if (waiting_ || !expected)
        return callback(stage_ == Stage::Over ? Errc::OperationGone : Errc::OutOfOrder);
    const bool gives_sink = stage_ != Stage::Failed || !prompts_.empty();
    if (gives_sink) {
        Result<Ticket> ticket = parts_.handed.admit(caller_);
        if (!ticket)
            return callback(ticket.error());
        waiting_ticket_ = std::move(*ticket);
    }
    waiting_ = std::move(callback);
    run([this] { advance(); });
}

void Operation::run(const std::function<void()>& step) {
    if (!bus::guarded("operation", step))
        end_after_throw();
}

void Operation::end_after_throw() {
    const Error reason{Errc::Internal, "an operation threw"};
    if (waiting_ || committing_ || acknowledging_)
        return end(reason);
    // It was answered before it threw.
    if (stage_ == Stage::Over)
        return;
    // Nobody is waiting now; the next call gets the reason.
    const bool is_unanswered = std::exchange(stage_, Stage::Failed) == Stage::Asked;
    stop_asking();
    prompts_.clear();
    failure_ = reason;
    if (is_unanswered)
        note_step_up_end(reason);
}

// Answers the waiting Next as soon as there is something to say.
void Operation::advance() {
    if (!waiting_)
        return;
    if (std::exchange(is_empty_answer_due_, false))
        relay({});
    if (!waiting_ || stage_ == Stage::Asked)
        return;
    if (!prompts_.empty())
        return give_next_prompt();
    if (stage_ == Stage::Failed) {
        stage_ = Stage::Over;
        return reply(*failure_);
    }
    if (stage_ == Stage::Proven)
        return say(kDone, "");
    if (stage_ == Stage::Begun && !plan_.secret_prompt.empty() && given_.empty()) {
        asking_for_token_ = true;
        return ask("token-secret", plan_.secret_prompt);
    }
    if (stage_ == Stage::Begun && plan_.step_up == Plan::StepUp::None) {
        stage_ = Stage::Proven;
        return advance();
    }
    if (stage_ == Stage::Begun) {
        const bool sets = plan_.step_up == Plan::StepUp::SetPassword;
        return start_step_up(sets ? "change" : "authenticate");
    }
}

void Operation::give_next_prompt() {
    const auto [kind, text] = std::move(prompts_.front());
    prompts_.pop_front();
    if (wants_answer(kind))
        return ask(std::string(kind_name(kind)), text);
    say(std::string(kind_name(kind)), text);
}

// The bus cannot carry "no descriptor", so a prompt without an answer has a sink that nobody reads.
void Operation::say(const std::string& kind, const std::string& text) {
    const Result<std::unique_ptr<SinkReader>> made =
        SinkReader::create(parts_.loop, 0, [](const Result<SecretBuffer>&) {});
    if (!made)
        return reply(made.error());
    if (kind == kDone)
        stage_ = Stage::Ready;
    SinkReader& reader = **made;
    parts_.handed.keep(caller_.connection, reader.take_source(), std::move(waiting_ticket_));
    reply(Prompt{kind, text, reader.take_sink()});
}

void Operation::ask(std::string kind, std::string text) {
    const std::size_t bytes_max =
        asking_for_token_ ? plan_.secret_bytes_max : limits::kServicePasswordBytes;
    Result<std::unique_ptr<SinkReader>> reader = SinkReader::create(
        parts_.loop, bytes_max,
        [this](Result<SecretBuffer> answer) { run([&] { on_answer(std::move(answer)); }); });
    if (!reader)
        return fail(reader.error());
    reader_ = std::move(*reader);
    reader_ticket_ = std::move(waiting_ticket_);
    stage_ = Stage::Asked;
    reply(Prompt{std::move(kind), std::move(text), reader_->take_sink()});
}

void Operation::on_answer(Result<SecretBuffer> answer) {
    finished_reader_ = std::move(reader_);
    reader_ticket_.reset();
    if (!answer && answer.error().code == Errc::LimitExceeded)
        return fail(asking_for_token_ ? Errc::InvalidSecret : Errc::InvalidPassword);
    if (!answer)
        return fail(answer.error());
    if (asking_for_token_) {
        asking_for_token_ = false;
        given_ = TokenSecret(std::move(*answer));
        if (given_.empty())
            return fail(Errc::InvalidSecret);
        stage_ = Stage::Begun;
        return advance();
    }
    // The sink of a client that ends is closed too, and a try that nobody made must not count.
    if (answer->empty())
        is_empty_answer_due_ = true;
    else
        relay(std::move(*answer));
    advance();
}

void Operation::relay(SecretBuffer answer) {
    stage_ = Stage::StepUp;
    if (const Result<void> sent = step_up_->answer(PromptAnswer(std::move(answer))); !sent)
        fail(sent.error());
}

void Operation::start_step_up(const std::string& op) {
    stage_ = Stage::StepUp;
    const StepUp::Request request{op, caller_.uid, caller_.uid, user_, {}, {}};
    // An attempt that must wait costs no event.
    if (const Result<void> admitted = parts_.step_ups.admit(request); !admitted)
        return fail(admitted.error());
    if (const Result<void> begun = begin_step_up(); !begun)
        return fail(begun.error());
    StepUp::Handler handler;
    handler.on_prompt = [this](FrameKind kind, std::string text) {
        run([&] {
            prompts_.emplace_back(kind, std::move(text));
            advance();
        });
    };
    handler.on_outcome = [this](const Result<void>& outcome) { run([&] { on_outcome(outcome); }); };
    Result<std::unique_ptr<StepUp>> started = parts_.step_ups.start(request, std::move(handler));
    if (!started)
        return fail(started.error());
    step_up_ = std::move(*started);
}

Result<void> Operation::begin_step_up() {
    if (!plan_.step_up_begins || step_up_noted_)
        return {};
    TRY(plan_.step_up_begins());
    step_up_noted_ = true;
    return {};
}

void Operation::note_step_up_end(const Result<void>& outcome) {
    if (std::exchange(step_up_noted_, false))
        plan_.step_up_ended(outcome);
}

void Operation::on_outcome(const Result<void>& outcome) {
    finished_step_up_ = std::move(step_up_);
    stop_asking();
    if (outcome) {
        note_step_up_end(outcome);
        stage_ = Stage::Proven;
        return advance();
    }
    const bool first_password = plan_.step_up == Plan::StepUp::SetPassword && !enrolling_ &&
                                outcome.error().code == Errc::NoServicePassword;
    if (!first_password)
        return fail(outcome.error());
    enrolling_ = true;
    start_step_up("enroll");
}

void Operation::reply(Result<Prompt> prompt) {
    const PromptCallback callback = std::exchange(waiting_, nullptr);
    waiting_ticket_.reset();
    callback(std::move(prompt));
}

void Operation::commit(UniqueFd sink, CommitCallback callback) {
    const bool expected = stage_ == Stage::Proven || stage_ == Stage::Ready;
    if (!expected || waiting_)
        return callback(stage_ == Stage::Over ? Errc::OperationGone : Errc::OutOfOrder);
    if (const Result<void> checked = check_sink(sink.get(), caller_); !checked)
        return callback(checked.error());
    stage_ = Stage::Committing;
    client_sink_ = std::move(sink);
    committing_ = std::move(callback);
    run([this] {
        plan_.commit(std::move(given_), owe<Committed>([this, alive = std::weak_ptr<bool>(alive_)](
                                                           Result<Committed> committed) {
                         if (!alive.expired())
                             run([&] { deliver(std::move(committed)); });
                     }));
    });
}

void Operation::deliver(Result<Committed> committed) {
    // Its connection went away meanwhile: a secret that nobody receives is dropped unacknowledged.
    if (stage_ == Stage::Over)
        return;
    const CommitCallback callback = std::exchange(committing_, nullptr);
    const UniqueFd sink = std::move(client_sink_);
    stage_ = Stage::Over;
    if (!committed)
        return callback(committed.error());
    if (committed->secret) {
        if (const auto sent = send_to_sink(sink.get(), committed->secret->reveal()); !sent)
            return callback(sent.error());
    }
    if (committed->acknowledge) {
        acknowledge_ = std::move(committed->acknowledge);
        stage_ = Stage::Shown;
    }
    callback(std::move(committed->result));
}

void Operation::acknowledge(Done callback) {
    if (stage_ != Stage::Shown)
        return callback(stage_ == Stage::Over ? Errc::OperationGone : Errc::OutOfOrder);
    stage_ = Stage::Acknowledging;
    acknowledging_ = std::move(callback);
    run([this] {
        acknowledge_(
            owe<void>([this, alive = std::weak_ptr<bool>(alive_)](const Result<void>& done) {
                if (alive.expired() || stage_ == Stage::Over)
                    return;
                run([&] {
                    stage_ = Stage::Over;
                    std::exchange(acknowledging_, nullptr)(done);
                });
            }));
    });
}

void Operation::stop_asking() {
    // This may be running inside one of their callbacks, so they are silenced now and destroyed
    // later.
    if (step_up_) {
        step_up_->stop();
        finished_step_up_ = std::move(step_up_);
    }
    if (reader_) {
        parts_.handed.keep(caller_.connection, reader_->take_source(), std::move(reader_ticket_));
        reader_.reset();
    }
    is_empty_answer_due_ = false;
    // Nobody waits for answers any more; the texts are still to be shown.
    std::erase_if(prompts_, [](const auto& prompt) { return wants_answer(prompt.first); });
}

void Operation::fail(const Error& reason) {
    stop_asking();
    note_step_up_end(reason);
    failure_ = reason;
    stage_ = Stage::Failed;
    advance();
}

void Operation::end(const Error& reason) {
    // A conversation that waits for an answer has changed nothing; for any other that is unknown.
    const bool is_unanswered = std::exchange(stage_, Stage::Over) == Stage::Asked;
    stop_asking();
    prompts_.clear();
    client_sink_.reset();
    if (is_unanswered)
        note_step_up_end(reason);
    if (waiting_)
        reply(reason);
    if (committing_)
        std::exchange(committing_, nullptr)(reason);
    if (acknowledging_)
        std::exchange(acknowledging_, nullptr)(reason);
}

Result<void> Operation::cancel() {
    if (is_at_work())
        return Errc::OutOfOrder;
    end(Errc::Cancelled);
    return {};
}

}  // namespace patd
