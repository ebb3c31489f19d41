// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/limits.h"
#include "common/bus/event_loop.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

struct sd_bus;

namespace patd {

// Asks systemd for the units of callers (GetUnitByPID), asynchronously. A user manager's processes
// are in user@UID.service, whatever units that manager has. A caller with many questions waits for
// its own: see kUnitLookups and the limits beside it.
// Thread rule: the loop's thread.
class UnitLookup {
  public:
    explicit UnitLookup(bus::EventLoop& loop);
    ~UnitLookup();
    UnitLookup(const UnitLookup&) = delete;
    UnitLookup& operator=(const UnitLookup&) = delete;

    // Uses `bus` from now on to ask systemd; it must outlive this object.
    void use_bus(sd_bus* bus) { bus_ = bus; }

    // Calls back once, at once or within kUnitLookupDeadline. Unavailable: no bus, no systemd, no
    // answer in time, or an answer that names no unit; LimitExceeded: too many questions of this
    // user at once.
    using Callback = std::function<void(const Result<CallerUnit>&)>;
    void find(const Caller& caller, Callback callback);
    // For the audit log: the caller, with its unit if that can be found.
    void name(const Caller& caller, const std::function<void(const Caller&)>& callback);

    std::size_t waiting() const { return questions_.size(); }

  private:
    struct Question;
    using Questions = std::map<std::uint64_t, std::unique_ptr<Question>>;  // oldest first

    struct Answers;  // the callbacks of sd-bus
    Result<void> check_limits(Uid uid) const;
    // Sends what the limits allow now.
    void ask_more();
    void ask(Question& question);
    int send(Question& question);
    void finish(std::uint64_t number, const Result<CallerUnit>& answer);

    bus::EventLoop& loop_;
    sd_bus* bus_ = nullptr;
    std::uint64_t last_number_ = 0;
    Questions questions_;
};

}  // namespace patd
