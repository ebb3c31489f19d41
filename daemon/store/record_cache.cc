// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/record_cache.h"

namespace patd::store {

StoredTokenPtr RecordCache::find(const TokenId& id) {
    if (kept_at_ != changes()) {
        records_.clear();
        kept_at_ = changes();
    }
    const auto found = records_.find(id);
    return found == records_.end() ? nullptr : found->second;
}

void RecordCache::keep(StoredTokenPtr record, std::uint64_t read_at) {
    if (read_at != kept_at_)
        return;
    // No bookkeeping of ages: what is used often comes back at once.
    if (records_.size() >= kRecordsMax)
        records_.erase(records_.begin());
    const TokenId& id = record->token.id;
    records_.insert_or_assign(id, std::move(record));
}

}  // namespace patd::store
