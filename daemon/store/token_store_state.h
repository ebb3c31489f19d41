// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "daemon/store/record_cache.h"
#include "daemon/store/state_directory.h"
#include "daemon/store/token_reader.h"
#include "daemon/store/token_writer.h"

#include <atomic>

namespace patd::store {

// What TokenStore and StoreAdmin share.
struct TokenStore::State {
    StateDirectory directory;  // holds the lock, so it goes last
    TokenReader reader;
    TokenWriter writer;
    RecordCache cache = {};
    std::atomic<std::size_t> tokens_per_user{limits::kTokensPerUser};

    // Tells the cache of a change, made or failed half-way, before its caller learns of it.
    template <typename Outcome>
    Outcome changed(Outcome outcome) {
        cache.note_change();
        return outcome;
    }
};

}  // namespace patd::store
