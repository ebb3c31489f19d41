// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/record_cache.h"

#include "common/base/cache_limits.h"

#include <utility>

namespace patd::store {
namespace {

// Of a node of a table, and what malloc adds to each text.
constexpr std::size_t kNodeBytes = 64;

std::size_t memory_of(const TargetList& targets) {
    std::size_t bytes = 0;
    for (const Target& target : targets)
        bytes += sizeof(Target) + target.path().size() + target.origin().text().size();
    return bytes;
}

// Roughly what a record takes.
std::size_t memory_of(const StoredToken& stored) {
    const Token& token = stored.token;
    std::size_t bytes = kNodeBytes + sizeof stored + token.owner_name.size() +
                        token.description.size() + token.username.size() +
                        memory_of(token.targets) + memory_of(token.refused);
    for (const Permission& permission : token.permissions)
        bytes += sizeof permission + permission.text().size();
    return bytes + 2 * token.rules.text().size();
}

// The same for a place: its name, and as many tokens as it may have.
std::size_t memory_of_place(const std::string& name) {
    return 2 * kNodeBytes + name.size() + limits::kCachedPlaceTokens * sizeof(TokenId);
}

// No bookkeeping of ages: what is in frequent use comes back at once, and chance sees to it that
// nothing stays for ever after a single use.
template <typename Table>
typename Table::iterator some_of(Table& table, std::minstd_rand& chance) {
    std::size_t bucket = chance() % table.bucket_count();
    while (table.bucket_size(bucket) == 0)
        bucket = (bucket + 1) % table.bucket_count();
    return table.find(typename Table::key_type(table.begin(bucket)->first));
}

}  // namespace

StoredTokenPtr RecordCache::find(const TokenId& id) {
    const auto found = records_.find(id);
    if (found == records_.end())
        return nullptr;
    const Kept& kept = found->second;
    if (changes_.is_current(kept.record->token.owner, kept.read_at))
        return kept.record;
    record_bytes_ -= kept.bytes;
    records_.erase(found);
    return nullptr;
}

void RecordCache::keep(const StoredTokenPtr& record, std::uint64_t read_at) {
    const TokenId& id = record->token.id;
    if (!changes_.is_current(record->token.owner, read_at) || find(id))
        return;
    const std::size_t bytes = memory_of(*record);
    while (records_.size() + records_aside_.size() > 0 &&
           (records_.size() + records_aside_.size() >= limits::kCachedRecords ||
            record_bytes_ + bytes > limits::kCachedRecordBytes)) {
        if (records_aside_.empty())
            drop_one_record();
        else
            free_one_record();
    }
    records_.emplace(id, Kept{record, read_at, bytes});
    record_bytes_ += bytes;
}

void RecordCache::drop_one_record() {
    const auto victim = some_of(records_, chance_);
    record_bytes_ -= victim->second.bytes;
    records_.erase(victim);
}

Records RecordCache::find_place(Uid owner, const std::string& place) {
    const auto places = owners_.find(owner.value());
    if (places == owners_.end())
        return {};
    const auto found = places->second.of.find(place);
    if (found == places->second.of.end())
        return {};
    if (!changes_.is_current(owner, found->second.read_at)) {
        // So are the others, or nearly all.
        drop_owner(places);
        return {};
    }
    Records records;
    records.reserve(found->second.tokens.size());
    for (const TokenId& id : found->second.tokens) {
        records.push_back(find(id));
        if (!records.back())
            return {};
    }
    return records;
}

void RecordCache::keep_place(Uid owner, const std::string& place, const Records& records,
                             std::uint64_t read_at) {
    if (records.empty() || !changes_.is_current(owner, read_at))
        return;
    const std::size_t bytes = memory_of_place(place);
    while (place_bytes_ > 0 && place_bytes_ + bytes > limits::kCachedPlaceBytes) {
        if (owners_aside_.empty())
            drop_owner(some_of(owners_, chance_));
        else
            free_one_owner();
    }
    Places& places = owners_.try_emplace(owner.value()).first->second;
    drop_place(places, place);
    if (places.of.size() >= limits::kCachedPlacesPerOwner)
        drop_place(places, std::string(some_of(places.of, chance_)->first));
    Place kept{{}, read_at};
    for (const StoredTokenPtr& record : records)
        kept.tokens.push_back(record->token.id);
    places.of.emplace(place, std::move(kept));
    places.bytes += bytes;
    place_bytes_ += bytes;
}

void RecordCache::drop_place(Places& places, const std::string& place) {
    if (places.of.erase(place) == 0)
        return;
    places.bytes -= memory_of_place(place);
    place_bytes_ -= memory_of_place(place);
}

void RecordCache::drop_owner(Owners::iterator owner) {
    place_bytes_ -= owner->second.bytes;
    owners_.erase(owner);
}

void RecordCache::forget(Uid owner) {
    if (const auto places = owners_.find(owner.value()); places != owners_.end())
        drop_owner(places);
    std::erase_if(records_, [&](const auto& entry) {
        const bool is_his = entry.second.record->token.owner == owner;
        record_bytes_ -= is_his ? entry.second.bytes : 0;
        return is_his;
    });
}

void RecordCache::forget_all() {
    records_.clear();
    owners_.clear();
    records_aside_.clear();
    owners_aside_.clear();
    record_bytes_ = place_bytes_ = 0;
}

void RecordCache::put_aside() {
    records_aside_.add(records_);
    owners_aside_.add(owners_);
}

void RecordCache::free_one_record() {
    record_bytes_ -= records_aside_.take().mapped().bytes;
}

void RecordCache::free_one_owner() {
    place_bytes_ -= owners_aside_.take().mapped().bytes;
}

bool RecordCache::free_some() {
    for (std::size_t i = 0; i < limits::kFreedPerStep && !records_aside_.empty(); ++i)
        free_one_record();
    if (!owners_aside_.empty())
        free_one_owner();
    return !records_aside_.empty() || !owners_aside_.empty();
}

}  // namespace patd::store
