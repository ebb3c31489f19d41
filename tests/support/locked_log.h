// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/database/sqlite.h"

#include <string>

namespace patd::support {

// While it lives, nothing can be written to audit.db of `directory`, because somebody else holds
// its lock; store.db is unaffected.
class LockedLog {
  public:
    explicit LockedLog(const std::string& directory)
        : connection_(store::Connection::open(directory + "/audit.db").value()),
          transaction_(store::Transaction::begin_write(connection_).value()) {}

  private:
    store::Connection connection_;
    store::Transaction transaction_;
};

// Whether anything was written to store.db of `directory` since the last question.
class StoreWatch {
  public:
    explicit StoreWatch(const std::string& directory)
        : connection_(store::Connection::open(directory + "/store.db").value()) {
        (void)has_changed();
    }
    bool has_changed() {
        store::Query query = connection_.query("PRAGMA data_version").value();
        query.step().value();
        return std::exchange(version_, query.integer(0)) != version_;
    }

  private:
    store::Connection connection_;
    std::int64_t version_ = 0;
};

}  // namespace patd::support
