// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/survey.h"

#include "common/base/cache_limits.h"
#include "common/base/limits.h"
#include "common/token/token_key.h"
#include "daemon/store/tokens/store_sql.h"
#include "daemon/store/tokens/token_store_state.h"

#include <algorithm>

namespace patd::store {
namespace {

// Finding out when a token was made reads its row up to this column.
constexpr std::size_t kDatesPerStep = limits::kIndexRowsPerStep / 4;

bool has_origin(const Token& token, const Origin& origin) {
    return std::any_of(token.targets.begin(), token.targets.end(),
                       [&](const Target& target) { return target.origin() == origin; });
}

// The next shorter path whose targets cover `path`: without ".git", else without its last segment;
// finally "", the whole origin.
std::string parent_of(const std::string& path) {
    if (const std::string_view name = without_git_suffix(path); !name.empty())
        return std::string(name);
    const std::size_t slash = path.rfind('/');
    return path.substr(0, slash == std::string::npos ? 0 : slash);
}

std::int64_t to_int64(std::size_t number) {
    return static_cast<std::int64_t>(number);
}

}  // namespace

Result<bool> Survey::step(const Take& take) {
    TokenStore::State& state = *TRY(store_.reading());
    if (!has_begun_) {
        begun_in_ = *store_.reading_;
        begin(state.records, state.changes.now());
    }
    if (!known_.empty()) {
        take_known(take);
        return given_ < known_.size();
    }
    const bool more = TRY(state.reader.read_step(*this, state.records, take));
    if (!more && begun_in_.lock().get() == &state)
        keep_read(state.records);
    return more;
}

void Survey::begin(RecordCache& cache, std::uint64_t now) {
    has_begun_ = true;
    read_at_ = now;
    if (kind_ != Kind::Covering)
        return;
    place_ = origin_->text() + "\n" + path_;
    known_ = cache.find_place(owner_, place_);
}

void Survey::take_known(const Take& take) {
    const std::size_t end = std::min(known_.size(), given_ + limits::kRecordsPerStep);
    for (; given_ < end; ++given_)
        take(*known_[given_]);
}

void Survey::note_read(StoredTokenPtr record) {
    if (kind_ != Kind::Covering || is_large_)
        return;
    is_large_ = read_.size() >= limits::kCachedPlaceTokens;
    if (is_large_)
        read_.clear();
    else
        read_.push_back(std::move(record));
}

void Survey::keep_read(RecordCache& cache) const {
    if (is_large_)
        return;
    for (const StoredTokenPtr& record : read_)
        cache.keep(record, read_at_);
    cache.keep_place(owner_, place_, read_, read_at_);
}

Result<bool> TokenReader::read_step(Survey& survey, RecordCache& cache, const Survey::Take& take) {
    const Transaction snapshot = TRY(Transaction::begin_read(connection_));
    const ReadCounts before = counts_;
    if (!survey.has_keys_)
        TRY(read_keys(survey));
    if (survey.has_keys_)
        TRY(read_dates(survey));
    if (survey.has_keys_ && survey.undated_.empty())
        TRY(read_records(survey, cache, take));
    counts_.rows_in_one_step =
        std::max<std::size_t>(counts_.rows_in_one_step, counts_.rows - before.rows);
    counts_.records_in_one_step =
        std::max<std::size_t>(counts_.records_in_one_step, counts_.records - before.records);
    return !survey.has_keys_ || !survey.undated_.empty() || !survey.keys_.empty();
}

Result<void> TokenReader::read_keys(Survey& survey) {
    switch (survey.kind_) {
        case Survey::Kind::Covering:
            return read_keys_covering(survey);
        case Survey::Kind::AtOrigin:
            return read_keys_at_origin(survey);
        case Survey::Kind::OfOwner:
            return read_keys_of_owner(survey);
    }
    return {};
}

Result<void> TokenReader::read_keys_covering(Survey& survey) {
    // A prefix without tokens costs one look.
    for (std::size_t left = limits::kIndexRowsPerStep; left > 0; --left) {
        Query query = TRY(connection_.query(sql::kTokensAtPath));
        query.bind(std::int64_t{survey.owner_.value()}, survey.origin_->text(), survey.path_)
            .bind(survey.token_, to_int64(left));
        while (TRY(query.step())) {
            survey.token_ = query.integer(0);
            survey.keys_.emplace(0, survey.token_);
            ++counts_.rows;
            if (--left == 0)
                return {};
        }
        if (survey.path_.empty()) {
            survey.has_keys_ = true;
            return {};
        }
        survey.path_ = parent_of(survey.path_);
        survey.token_ = -1;
    }
    return {};
}

Result<void> TokenReader::read_keys_at_origin(Survey& survey) {
    Query query = TRY(connection_.query(sql::kTokensAtOrigin));
    const std::string after = survey.path_;
    query.bind(std::int64_t{survey.owner_.value()}, survey.origin_->text(), after)
        .bind(survey.token_, to_int64(limits::kIndexRowsPerStep));
    std::size_t rows = 0;
    for (; TRY(query.step()); ++rows) {
        survey.path_ = query.text(0);
        survey.token_ = query.integer(1);
        survey.keys_.emplace(0, survey.token_);
    }
    counts_.rows += rows;
    survey.has_keys_ = rows < limits::kIndexRowsPerStep;
    return {};
}

// All at once, just as they are counted: a thousand entries of one index. In pages, a token whose
// entry moves meanwhile would be missed.
Result<void> TokenReader::read_keys_of_owner(Survey& survey) {
    Query query = TRY(connection_.query(sql::kTokensOfOwner));
    query.bind(std::int64_t{survey.owner_.value()});
    while (TRY(query.step()))
        survey.undated_.push_back(query.integer(0));
    survey.has_keys_ = true;
    return {};
}

Result<void> TokenReader::read_dates(Survey& survey) {
    for (std::size_t left = kDatesPerStep; left > 0 && !survey.undated_.empty(); --left) {
        const std::int64_t id = survey.undated_.back();
        survey.undated_.pop_back();
        Query query = TRY(connection_.query(sql::kTokenCreated));
        query.bind(id);
        if (TRY(query.step()))
            survey.keys_.emplace(query.integer(0), id);
        ++counts_.rows;
    }
    return {};
}

Result<void> TokenReader::read_records(Survey& survey, RecordCache& cache,
                                       const Survey::Take& take) {
    for (std::size_t left = limits::kRecordsPerStep; left > 0 && !survey.keys_.empty(); --left) {
        const std::int64_t id = survey.keys_.begin()->second;
        survey.keys_.erase(survey.keys_.begin());
        ++counts_.records;
        const StoredTokenPtr found = TRY(find_of(id, survey.owner_, cache));
        if (!found)
            continue;
        const bool is_hidden = found->token.state == TokenState::Quarantined &&
                               survey.quarantined_ == Quarantined::Hidden;
        if (is_hidden || (survey.origin_ && !has_origin(found->token, *survey.origin_)))
            continue;
        take(*found);
        survey.note_read(found);
    }
    return {};
}

}  // namespace patd::store
