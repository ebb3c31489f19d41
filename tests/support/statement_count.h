// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <sqlite3.h>

#include <functional>

namespace patd::support {

// Counts the statements begun by databases that were opened during its life: the cost of an answer,
// for tests that must not look at a clock. One at a time.
class StatementCount {
  public:
    StatementCount() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch)); }
    ~StatementCount() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&watch)); }
    StatementCount(const StatementCount&) = delete;
    StatementCount& operator=(const StatementCount&) = delete;

    static int of(const std::function<void()>& work) {
        counted() = 0;
        work();
        return counted();
    }

  private:
    static int& counted() {
        static int count = 0;
        return count;
    }
    static int count_one(unsigned, void*, void*, void*) { return ++counted(), 0; }
    static int watch(sqlite3* database, char**, const void*) {
        return sqlite3_trace_v2(database, SQLITE_TRACE_STMT, &count_one, nullptr);
    }
};

}  // namespace patd::support
