// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/context/auditor.h"

#include <functional>
#include <optional>
#include <string>

namespace patd {

// What the audit log records about a change.
struct ChangeEvent {
    Caller caller;
    Uid owner;
    std::optional<TokenId> token;
    std::string event;
    std::string where = {};
    // If false, a change of something already gone is not an event: nobody is told that it was
    // never there.
    bool tells_not_found = true;
    // The change only closes something, and applies in memory whatever the disk says: if the log
    // cannot take the event now, it gets it later.
    bool is_in_force = false;
};

// Changes the store on the writer, once the event is in the audit log; then calls `done` with the
// result. If the log cannot take the event, nothing is changed, and `done` gets that error at once.
// `auditor` and `writer` must outlive the change. Thread rule: the loop's thread.
void change(Auditor& auditor, bus::Executor& writer, const ChangeEvent& event,
            std::function<Result<void>()> work, std::function<void(Result<void>)> done);

}  // namespace patd
