// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/keyring_gate.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "common/bus/firewall.h"
#include "daemon/store/keyring/keyring_store.h"

#include <unistd.h>

#include <utility>

namespace patd::keyring {
namespace {

using store::TokenStore;
using SteadyClock = std::chrono::steady_clock;

// Whether the keyring would have to prompt its user.
bool needs_prompt(const Error& error) {
    return error.code == Errc::StoreLocked || error.code == Errc::KeyringAsks;
}

}  // namespace

KeyringGate::~KeyringGate() {
    detach();
}

void KeyringGate::attach(const Parts& parts) {
    parts_.emplace(parts);
    worker_ = std::make_unique<bus::WorkerThread>(parts.loop);
    changes_ =
        parts.loop.watch(keyring_->changes(), EPOLLIN, [this](std::uint32_t) { on_change(); });
    try_open(Prompt::Never);
}

void KeyringGate::detach() {
    changes_ = {};
    waiting_.clear();
    keyring_->give_up();
    worker_.reset();
}

void KeyringGate::when_open(std::function<void()> go) {
    if (state_ == State::Open)
        return go();
    waiting_.push_back({bus::firewalled("held request", std::move(go)), {}});
    const auto self = std::prev(waiting_.end());
    bus::Undo forget([&] { waiting_.erase(self); });
    self->deadline = parts_->loop.after(limits::kKeyringWait, [this, self] {
        const std::list<Waiting>::iterator over = self;
        const std::function<void()> answer = std::move(over->go);
        waiting_.erase(over);
        answer();
    });
    wanted_ = true;
    if (state_ == State::Closed)
        try_open(Prompt::Never);
    forget.keep();
}

// First without a prompt, to learn whether a prompt is needed at all.
void KeyringGate::try_open(Prompt prompt) {
    bus::Undo close([this] { state_ = State::Closed; });
    state_ = prompt == Prompt::Never ? State::Opening : State::Asking;
    changed_ = false;
    bus::run(
        *worker_, [keyring = keyring_.get(), prompt] { return keyring->open(prompt); },
        [this, prompt](const Result<void>& unlocked) { on_unlocked(prompt, unlocked); });
    close.keep();
}

void KeyringGate::on_unlocked(Prompt prompt, const Result<void>& unlocked) {
    if (unlocked)
        return open_store();
    const bool asks = needs_prompt(unlocked.error());
    set_reason(unlocked.error());
    if (prompt == Prompt::Never && asks && wanted_ && SteadyClock::now() >= no_prompt_before_)
        return try_open(Prompt::Allowed);
    // A prompt that vanished with its keyring was not dismissed.
    if (prompt == Prompt::Allowed && asks)
        no_prompt_before_ = SteadyClock::now() + limits::kKeyringPromptAgain;
    state_ = State::Closed;
    if (!asks)
        log(messages::kKeyringNotOpened, unlocked.error());
    answer_waiting();
    if (changed_)
        try_open(Prompt::Never);
}

void KeyringGate::open_store() {
    bus::run(
        parts_->writer,
        [keyring = keyring_.get(), parts = *parts_]() -> Result<std::unique_ptr<TokenStore>> {
            std::unique_ptr<TokenStore> opened =
                TRY(store::open_keyring_store(parts.directory, *keyring, parts.random));
            if (parts.prepare)
                TRY(parts.prepare(*opened));
            parts.store.attach_writer(*opened);
            return opened;
        },
        [this](const Result<std::unique_ptr<TokenStore>>& opened) { on_opened(opened); });
}

void KeyringGate::on_opened(const Result<std::unique_ptr<TokenStore>>& opened) {
    if (!opened) {
        state_ = State::Closed;
        set_reason(opened.error());
        log(messages::kKeyringNotOpened, opened.error());
        return answer_waiting();
    }
    parts_->store.attach_reader(**opened);
    state_ = State::Open;
    no_prompt_before_ = {};
    log(messages::kKeyringOpened);
    if (parts_->opened)
        parts_->opened();
    answer_waiting();
    // It may have been locked again meanwhile.
    if (changed_)
        look_again();
}

void KeyringGate::answer_waiting() {
    wanted_ = false;
    std::list<Waiting> waiting = std::exchange(waiting_, {});
    for (Waiting& one : waiting) {
        one.deadline = {};
        one.go();
    }
}

void KeyringGate::set_reason(const Error& why) {
    parts_->store.detach_reader(why);
    parts_->writer.submit([store = &parts_->store, why] { store->detach_writer(why); }, [] {});
}

void KeyringGate::close(const Error& error) {
    state_ = State::Closed;
    set_reason(error);
    log(messages::kKeyringClosed, error);
}

void KeyringGate::on_change() {
    std::uint64_t count = 0;
    (void)!read(keyring_->changes(), &count, sizeof count);
    changed_ = true;
    if (state_ == State::Open)
        return look_again();
    if (state_ == State::Closed)
        try_open(Prompt::Never);
}

void KeyringGate::look_again() {
    if (looking_)
        return;
    looking_ = true;
    changed_ = false;
    bus::run(
        *worker_, [keyring = keyring_.get()] { return keyring->check(); },
        [this](const Result<void>& still_open) {
            looking_ = false;
            if (state_ != State::Open)
                return;
            if (still_open)
                return changed_ ? look_again() : void();
            close(still_open.error());
            // It may be another keyring by now.
            try_open(Prompt::Never);
        });
}

}  // namespace patd::keyring
