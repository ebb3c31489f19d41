// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/narrowest.h"

#include "common/base/limits.h"

#include <algorithm>

namespace patd {
namespace {

constexpr std::size_t kBits = 64;
// What one look-up in a map costs, in comparisons: 2^16 are more than there can be.
constexpr std::size_t kLookUp = 16;

// The same name for `area:object` and `area:object:rw`.
std::string_view name_of(const Permission& permission) {
    const std::string_view text = permission.text();
    return text.ends_with(":rw") ? text.substr(0, text.size() - 3) : text;
}

// For two names as above.
bool covers(std::string_view held, std::string_view wanted) {
    return wanted.starts_with(held) && (wanted.size() == held.size() || wanted[held.size()] == ':');
}

}  // namespace

bool Narrowest::SegmentOrder::operator()(std::string_view a, std::string_view b) const {
    const auto weight = [](char c) { return c == ':' ? 0 : static_cast<unsigned char>(c); };
    return std::lexicographical_compare(
        a.begin(), a.end(), b.begin(), b.end(),
        [&](char left, char right) { return weight(left) < weight(right); });
}

bool Narrowest::step() {
    for (std::size_t made = 0; made < limits::kComparisonsPerStep;) {
        switch (phase_) {
            case Phase::Name:
                made += name_next();
                break;
            case Phase::Rank:
                made += rank_next();
                break;
            case Phase::Gather:
                made += gather_next();
                break;
            case Phase::Compare:
                made += compare_next();
                break;
            case Phase::Finished:
                return false;
        }
    }
    return phase_ != Phase::Finished;
}

std::size_t Narrowest::name_next() {
    if (next_ == lists_.size()) {
        // Nothing is known about any list, or there is only one.
        const bool is_decided = places_.empty() || lists_.size() == 1;
        best_.assign(lists_.size(), is_decided);
        next_place_ = places_.begin();
        phase_ = is_decided ? Phase::Finished : Phase::Rank;
        return 1;
    }
    List& list = lists_[next_++];
    if (lists_.size() == 1)
        return 1;
    list.places.reserve(list.permissions->size());
    for (const Permission& permission : *list.permissions)
        list.places.push_back(&places_.try_emplace(name_of(permission)).first->second);
    return 1 + kLookUp * list.places.size();
}

std::size_t Narrowest::rank_next() {
    const bool at_end = next_place_ == places_.end();
    while (!open_.empty() && (at_end || !covers(open_.back()->first, next_place_->first))) {
        open_.back()->second.end = ranked_;
        open_.pop_back();
    }
    if (at_end) {
        next_ = 0;
        phase_ = Phase::Gather;
        return 1;
    }
    next_place_->second.rank = ranked_++;
    open_.push_back(next_place_++);
    return 1;
}

std::size_t Narrowest::gather_next() {
    if (next_ == lists_.size()) {
        begin_comparing();
        return lists_.size();
    }
    const std::size_t index = next_++;
    std::vector<const Place*> places = std::move(lists_[index].places);
    if (places.empty())
        return 1;
    const std::size_t size = places.size();
    std::sort(places.begin(), places.end(),
              [](const Place* a, const Place* b) { return a->rank < b->rank; });
    places.erase(std::unique(places.begin(), places.end()), places.end());
    Key key{0, size, {}};
    Set set;
    std::size_t end = 0;
    for (const Place* place : places) {
        key.ranks.push_back(place->rank);
        const std::size_t word = place->rank / kBits;
        if (set.words.empty() || set.words.back().first != word)
            set.words.emplace_back(word, 0);
        set.words.back().second |= std::uint64_t{1} << (place->rank % kBits);
        // One that is covered by another one of the list lies wholly before that one's end.
        if (place->rank >= end) {
            key.covered += place->end - place->rank;
            end = place->end;
        }
    }
    set.places = std::move(places);
    sets_.try_emplace(std::move(key), std::move(set)).first->second.members.push_back(index);
    return 1 + kLookUp * size;
}

void Narrowest::begin_comparing() {
    for (const auto& set : sets_)
        by_covered_.push_back(&set);
    by_size_ = by_covered_;
    std::stable_sort(by_size_.begin(), by_size_.end(),
                     [](const auto* a, const auto* b) { return a->first.size < b->first.size; });
    next_ = 0;
    phase_ = Phase::Compare;
}

std::size_t Narrowest::compare_next() {
    if (next_ == by_size_.size() ||
        (best_size_ != 0 && by_size_[next_]->first.size != best_size_)) {
        phase_ = Phase::Finished;
        return 1;
    }
    const auto& set = *by_size_[next_];
    std::size_t comparisons = 1;
    if (other_ == 0)
        comparisons += spread(set);
    // A set that covers as much as this one or more cannot lie inside it.
    if (by_covered_[other_]->first.covered >= set.first.covered)
        end_set(false);
    else if (is_inside(by_covered_[other_++]->second, comparisons))
        end_set(true);
    return comparisons;
}

std::size_t Narrowest::spread(const Sets::value_type& set) {
    spread_.assign(places_.size() / kBits + 1, 0);
    for (const Place* place : set.second.places) {
        for (std::size_t rank = place->rank; rank < place->end;) {
            const std::size_t bit = rank % kBits;
            const std::size_t count = std::min(kBits - bit, place->end - rank);
            const std::uint64_t ones = ~std::uint64_t{0} >> (kBits - count);
            spread_[rank / kBits] |= ones << bit;
            rank += count;
        }
    }
    return spread_.size() + set.first.covered / kBits + set.second.places.size();
}

bool Narrowest::is_inside(const Set& set, std::size_t& comparisons) const {
    for (const auto& [index, bits] : set.words) {
        ++comparisons;
        if ((bits & ~spread_[index]) != 0)
            return false;
    }
    return true;
}

void Narrowest::end_set(bool is_beaten) {
    const auto& set = *by_size_[next_++];
    other_ = 0;
    if (is_beaten)
        return;
    best_size_ = set.first.size;
    for (const std::size_t index : set.second.members)
        best_[index] = true;
}

}  // namespace patd
