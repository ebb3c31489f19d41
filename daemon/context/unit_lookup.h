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

// Asks systemd for the units of callers (GetUnitByPID), without waiting for it. A user manager's
// processes are in user@UID.service, whatever units that manager has.
// Who asks much waits for his own questions: see kUnitLookups and the limits beside it.
// Thread rule: the loop's thread.
class UnitLookup {
  public:
    explicit UnitLookup(bus::EventLoop& loop);
    ~UnitLookup();
    UnitLookup(const UnitLookup&) = delete;
    UnitLookup& operator=(const UnitLookup&) = delete;

    // From now on systemd is asked on `bus`, which must outlive this object.
    void use_bus(sd_bus* bus) { bus_ = bus; }

    // Calls back once, at once or within kUnitLookupDeadline. Unavailable: no bus, no systemd, no
    // answer in time, or one that names no unit; LimitExceeded: the user has asked too much at
    // once.
    using Callback = std::function<void(const Result<CallerUnit>&)>;
    void find(const Caller& caller, Callback callback);
    // The same for the audit log: the caller, with its unit where that is to be had.
    void name(const Caller& caller, const std::function<void(const Caller&)>& callback);

    std::size_t waiting() const { return questions_.size(); }

  private:
    struct Question;
    using Questions = std::map<std::uint64_t, std::unique_ptr<Question>>;  // oldest first

    struct Answers;  // the callbacks of sd-bus
    Result<void> check_limits(Uid uid) const;
    // Begins what the limits allow now.
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
