// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/handles.h"
#include "tests/hostile/fuzz_run.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace patd::hostile {

// The answer to a call, or its absence.
struct Answer {
    sd_bus_message* message = nullptr;  // lent; null if the connection is gone
    std::string error;                  // empty when it worked

    bool ok() const { return message != nullptr && error.empty(); }
};

// One connection to the system bus that checks that each call gets one answer, in time, with a
// known name. Whatever it finds is a fault of the run.
class BusClient {
  public:
    using OnAnswer = std::function<void(const Answer&)>;

    explicit BusClient(FuzzRun& run);
    BusClient(const BusClient&) = delete;
    BusClient& operator=(const BusClient&) = delete;
    ~BusClient();

    sd_bus* bus() const { return bus_.get(); }
    // Whether the connection is over; the bus ends one that breaks its rules.
    bool gone() const { return gone_ || sd_bus_is_open(bus_.get()) <= 0; }
    // The unique name of patd's connection.
    const std::string& service() const { return service_; }
    // A call to patd; `interface` may be empty.
    bus::MessagePtr new_call(const std::string& path, const std::string& interface,
                             const std::string& member);
    // Sends without waiting. A message that the bus cannot carry is dropped.
    void send(const bus::MessagePtr& message, OnAnswer on_answer = {});
    void send_without_answer(const bus::MessagePtr& message);
    // Sends a call whose answer stays unread: nothing is read until `call` or `settle`.
    void send_unread(const bus::MessagePtr& message);
    // Waits until every call has its answer.
    void settle();
    // Sends, and waits for this and all earlier answers.
    void call(const bus::MessagePtr& message, const OnAnswer& on_answer = {});
    std::size_t outstanding() const { return calls_.size(); }

  private:
    struct Call;
    static int on_reply(sd_bus_message* message, void* userdata, sd_bus_error* error);
    static int on_stray(sd_bus_message* message, void* userdata, sd_bus_error* error);
    void judge(const Call& call, const std::string& error) const;
    bool turn();

    FuzzRun& run_;
    bus::BusPtr bus_;
    bus::SlotPtr filter_;
    std::string service_;
    std::vector<std::unique_ptr<Call>> calls_;
    bool gone_ = false;
};

}  // namespace patd::hostile
