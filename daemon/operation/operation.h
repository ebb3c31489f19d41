// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "daemon/operation/handed_sinks.h"
#include "daemon/operation/plan.h"
#include "daemon/operation/sink.h"
#include "daemon/operation/step_up_services.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace patd {

// A sensitive request in progress: its plan is frozen, and its step-up or result is pending. The
// client pulls: next() until "done", commit(), acknowledge(). Everything else ends it, with nothing
// changed (or, after Commit of a plan without a new secret, with everything changed).
// Thread rule: the loop's thread. Every callback is called exactly once, unless the operation is
// destroyed before.
class Operation {
  public:
    struct Prompt {
        std::string kind;  // secret, visible, info, error, token-secret, done
        std::string text;
        UniqueFd sink;
    };
    using PromptCallback = std::function<void(Result<Prompt>)>;
    using CommitCallback = std::function<void(Result<bus::Dict>)>;

    struct Parts {
        bus::EventLoop& loop;
        StepUpServices& step_ups;
        HandedSinks& handed;
    };
    Operation(const Parts& parts, Caller caller, std::string user, Plan plan);

    // OutOfOrder: another Next or Commit is in progress, "done" was said, or it was already
    // committed. LimitExceeded: the user holds too many sinks; nothing was changed.
    void next(PromptCallback callback);
    void commit(UniqueFd sink, CommitCallback callback);
    void acknowledge(Done callback);

    const Caller& caller() const { return caller_; }
    // Nothing more can come of it: destroy it.
    bool is_over() const { return stage_ == Stage::Over; }
    // The password has not been given yet.
    bool needs_step_up() const {
        return plan_.step_up != Plan::StepUp::None &&
               (stage_ == Stage::Begun || stage_ == Stage::Asked || stage_ == Stage::StepUp);
    }
    // What the disk is doing cannot be undone, and its outcome is still to be told.
    bool is_at_work() const {
        return stage_ == Stage::Committing || stage_ == Stage::Acknowledging;
    }
    // A password conversation is open.
    bool is_in_step_up() const { return step_up_ != nullptr; }
    // Ends it; a waiting callback gets `reason`.
    void end(const Error& reason);
    // Ends it for its client. OutOfOrder while it is at work.
    Result<void> cancel();

  private:
    enum class Stage {
        Begun,
        Asked,
        StepUp,
        Proven,
        Ready,   // and the client knows: Commit is next
        Failed,  // over, but the client does not know why yet
        Committing,
        Shown,
        Acknowledging,
        Over
    };

    void advance();
    void say(const std::string& kind, const std::string& text);
    void give_next_prompt();
    void ask(std::string kind, std::string text);
    void on_answer(Result<SecretBuffer> answer);
    void relay(SecretBuffer answer);
    void start_step_up(const std::string& op);
    void on_outcome(const Result<void>& outcome);
    // Ends it with a reason, for the waiting Next or the one to come.
    void fail(const Error& reason);
    // If `step` throws (out of memory, a bug), only this operation ends, and its client gets
    // Internal.
    void run(const std::function<void()>& step);
    void end_after_throw();
    Result<void> begin_step_up();
    void note_step_up_end(const Result<void>& outcome);
    void stop_asking();
    void reply(Result<Prompt> prompt);
    void deliver(Result<Committed> committed);

    Parts parts_;
    Caller caller_;
    std::string user_;
    Plan plan_;
    Stage stage_ = Stage::Begun;
    bool enrolling_ = false;
    bool step_up_noted_ = false;  // plan_.step_up_begins was called, step_up_ended was not

    std::unique_ptr<StepUp> step_up_;
    std::unique_ptr<StepUp> finished_step_up_;  // a StepUp may not die inside its own callback
    std::unique_ptr<SinkReader> reader_;
    std::unique_ptr<SinkReader> finished_reader_;
    Ticket reader_ticket_;  // of the sink that it reads
    bool asking_for_token_ = false;
    bool is_empty_answer_due_ = false;  // with the next Next
    std::deque<std::pair<step_up::FrameKind, std::string>> prompts_;
    PromptCallback waiting_;
    Ticket waiting_ticket_;  // for the sink that it will get
    std::optional<Error> failure_;

    TokenSecret given_;
    UniqueFd client_sink_;
    CommitCallback committing_;
    std::function<void(Done)> acknowledge_;
    Done acknowledging_;
    // Expires with the operation, so that late answers of the writer find nobody.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace patd
