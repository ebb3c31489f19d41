// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "common/client/tokens_client.h"

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace patd::client {

// How the fake service answers.
struct Script {
    struct Step {
        std::string kind;
        std::string text;
    };
    std::vector<Step> prompts{};  // what Next returns, one for each call, before done
    std::string secret{};         // what Commit writes into the caller's sink
    Dictionary result{};          // what Commit answers
    std::map<std::string, std::string> errors{};  // member -> D-Bus error; Next: instead of done
    std::vector<Dictionary> tokens{};
    std::vector<Dictionary> events{};
    std::vector<Dictionary> owners{};
    std::vector<Dictionary> permissions{};
    std::vector<Dictionary> candidates{};  // or what Restore finds dead
    std::string outcome = "none";
    std::vector<Explanation> explanations{};  // answered before, one a call
    std::vector<Dictionary> exposures{};
    Dictionary status{};
    std::vector<Dictionary> statuses{};  // answered before, one a call
};

// One call as it arrived.
struct Call {
    std::string member;
    std::string path;
    std::string interface;
    std::vector<std::string> texts;  // its s, as and u arguments, in order
    Dictionary options;              // its a{sv}, if it has one
    std::vector<Dictionary> many;    // its aa{sv}
    std::string content;             // of the file that its h passes
};

// Plays patd at the other end of a real D-Bus connection with real descriptors, as the script says.
// It serves from its own thread, and records what arrives.
class FakeService {
  public:
    explicit FakeService(Script script = {}) : script_(std::move(script)) {}
    FakeService(const FakeService&) = delete;
    FakeService& operator=(const FakeService&) = delete;
    ~FakeService();

    // A connection over a socketpair, without a bus. Once.
    Connection connect();
    // Serves on the bus at `address`, under the service's name. Once.
    void serve_on(const std::string& address);

    // The calls so far.
    std::vector<Call> calls() const;
    std::vector<std::string> members() const;
    // The first of that member; one without a member where there was none.
    Call call_of(const std::string& member) const;
    // What was written into the sinks that Next gave.
    std::vector<std::string> answers() const;

    // Called by the handlers, in the service's thread.
    Script& script() { return script_; }
    void record(Call call);
    int make_answer_sink();
    void collect_answer();

  private:
    void start(struct sd_bus* bus);

    Script script_;
    mutable std::mutex mutex_;
    std::vector<Call> calls_;
    std::vector<std::string> answers_;
    UniqueFd pending_answer_;
    UniqueFd stop_;
    std::thread thread_;
};

}  // namespace patd::client
