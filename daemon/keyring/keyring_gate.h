// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/context/store_gate.h"
#include "daemon/keyring/secret_service.h"

#include <chrono>
#include <list>
#include <memory>
#include <optional>

namespace patd::keyring {

// Keeps the store open while the user's keyring is unlocked. It tries to open the store when the
// service starts, when the keyring reports a change, and when somebody needs it; only then may the
// keyring prompt. When the keyring is locked, goes away or restarts, the store is closed, and with
// it goes every secret that was held in memory.
class KeyringGate final : public StoreGate {
  public:
    explicit KeyringGate(std::unique_ptr<SecretServiceKeyring> keyring)
        : keyring_(std::move(keyring)) {}
    ~KeyringGate() override;

    void attach(const Parts& parts) override;
    void detach() override;
    void when_open(std::function<void()> go) override;

  private:
    using Prompt = SecretServiceKeyring::Prompt;
    enum class State { Closed, Opening, Asking, Open };
    struct Waiting {
        std::function<void()> go;
        bus::EventLoop::Source deadline;
    };

    void try_open(Prompt prompt);
    void on_unlocked(Prompt prompt, const Result<void>& unlocked);
    void open_store();
    void on_opened(const Result<std::unique_ptr<store::TokenStore>>& opened);
    void close(const Error& error);
    // What the store answers while it is closed.
    void set_reason(const Error& why);
    void answer_waiting();
    void on_change();
    void look_again();

    std::unique_ptr<SecretServiceKeyring> keyring_;
    std::optional<Parts> parts_;
    std::unique_ptr<bus::WorkerThread> worker_;  // waits for the keyring
    bus::EventLoop::Source changes_;
    State state_ = State::Closed;
    bool looking_ = false;
    bool changed_ = false;  // since the current check or attempt began
    bool wanted_ = false;   // a waiting client may be prompted to unlock
    std::chrono::steady_clock::time_point no_prompt_before_{};
    std::list<Waiting> waiting_;
};

}  // namespace patd::keyring
