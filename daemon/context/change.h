// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/context/auditor.h"

#include <functional>
#include <optional>
#include <string>

namespace patd {

// What the audit log tells of a change.
struct ChangeEvent {
    Caller caller;
    Uid owner;
    std::optional<TokenId> token;
    std::string event;
    std::string where = {};
    // What was gone already is no event: nobody is told that it was never there.
    bool tells_not_found = true;
    // It only closes something, and is in force in memory whatever the disk says: the log, when it
    // cannot take the event now, gets it later.
    bool is_in_force = false;
};

// Makes a change of the store, on the writer, once its event stands in the audit log; then `done`,
// with what came of it. Where the log cannot take the event nothing is changed, and `done` gets
// that error, at once. `auditor` and `writer` must outlive the change. Thread rule: the loop's
// thread.
void change(Auditor& auditor, bus::Executor& writer, const ChangeEvent& event,
            std::function<Result<void>()> work, std::function<void(Result<void>)> done);

}  // namespace patd
