// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/hostile/bus_client.h"
#include "tests/hostile/odd_descriptors.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace patd::hostile {

// Takes one operation through its calls: usually in order, but also out of order, twice, with wrong
// answers and hostile sinks, up to its end or to a sudden exit.
class OperationDriver {
  public:
    struct Parts {
        FuzzRun& run;
        BusClient& client;
        OddDescriptors& descriptors;
    };
    // The operation at `path`, which was begun for `secrets` secrets.
    OperationDriver(const Parts& parts, std::string path, std::size_t secrets)
        : run_(parts.run),
          client_(parts.client),
          descriptors_(parts.descriptors),
          path_(std::move(path)),
          secrets_(secrets) {}

    // False: leave now, with everything open.
    bool drive();

  private:
    enum class Step { Next, NextTwice, KeepSink, Commit, OddCommit, Acknowledge, Cancel, Leave };

    Step choose();
    bool take(Step step);
    void next(bool keeps_sink);
    void on_prompt(const Answer& answer, bool keeps_sink);
    void reply_to(const std::string& kind, UniqueFd sink);
    std::string answer_for(const std::string& kind);
    void commit(int sink);
    bus::MessagePtr new_call(const char* member);

    FuzzRun& run_;
    BusClient& client_;
    OddDescriptors& descriptors_;
    std::string path_;
    std::size_t secrets_;
    std::vector<UniqueFd> kept_sinks_;
    bool proven_ = false;
    bool committed_ = false;
    bool over_ = false;
};

}  // namespace patd::hostile
