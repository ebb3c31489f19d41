// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/record_cache.h"

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
    const TokenId& id = record->token.id;
    if (records_.size() >= kRecordsMax)
        make_room();
    records_.insert_or_assign(id, std::move(record));
}

// No bookkeeping of ages: records in frequent use come back at once, and chance sees to it that
// none stays for ever after a single use.
void RecordCache::make_room() {
    std::size_t bucket = chance_() % records_.bucket_count();
    while (records_.bucket_size(bucket) == 0)
        bucket = (bucket + 1) % records_.bucket_count();
    records_.erase(TokenId(records_.begin(bucket)->first));
}

}  // namespace patd::store
