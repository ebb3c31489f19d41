// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/expiry_notices.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"

#include <unistd.h>

#include <algorithm>

namespace patd {
namespace {

using std::chrono::seconds;
using store::Note;
using store::StoreAdmin;

constexpr std::size_t kPageRows = 1000;  // a millisecond of the writer
constexpr seconds kShortestWait = std::chrono::minutes(10);
constexpr seconds kLongestWait = std::chrono::hours(1);
constexpr seconds kWaitForMore = std::chrono::minutes(1);
// A mark further ahead than this was set by a clock that was wrong.
constexpr std::int64_t kClockDoubt = 24LL * 3600;

}  // namespace

UnixTime notice_moment(const store::TokenTimes& token, seconds notice) {
    const std::int64_t quarter = std::max<std::int64_t>((token.expires - token.created) / 4, 0);
    return token.expires - std::min<std::int64_t>(notice.count(), quarter);
}

void ExpiryNotices::set_notice(seconds notice, seconds delay) {
    if (notice == notice_)
        return;
    notice_ = notice;
    if (delay.count() == 0)
        begin();
    else
        look_again_in(delay);
}

void ExpiryNotices::on_store_opened() {
    if (std::exchange(left_out_, false))
        begin();
}

void ExpiryNotices::begin() {
    timer_ = {};
    if (sweeping_ || notice_.count() == 0)
        return;
    left_out_ = !parts_.context.store.is_open();
    if (left_out_)
        return;
    sweeping_ = true;
    sweep_ = {};
    sweep_.now = parts_.context.clock.now();
    sweep_.notice = notice_;
    if (mark_.at > sweep_.now + kClockDoubt) {
        mark_.at = sweep_.now;
        write_mark(mark_);
    }
    if (has_mark_)
        read_page();
    else
        read_mark();
}

void ExpiryNotices::read_mark() {
    const auto read = [&store = parts_.context.store]() -> Result<Mark> {
        Mark mark;
        mark.at = TRY(StoreAdmin(store).read_note(Note::ExpiryTold));
        mark.notice = seconds(TRY(StoreAdmin(store).read_note(Note::ExpiryNotice)));
        return mark;
    };
    bus::run(parts_.context.writer, read, [this](const Result<Mark>& mark) {
        if (!mark)
            return abort_sweep(mark.error());
        has_mark_ = true;
        mark_ = *mark;
        sweeping_ = false;
        begin();
    });
}

void ExpiryNotices::read_page() {
    bus::run(
        parts_.context.writer,
        [&store = parts_.context.store, after = sweep_.after] {
            return StoreAdmin(store).list_times(after, kPageRows);
        },
        [this](const Result<store::TimesPage>& page) {
            if (!page)
                return abort_sweep(page.error());
            for (const store::TokenTimes& token : page->tokens)
                take(token);
            sweep_.after = page->last;
            if (page->rows == kPageRows)
                read_page();
            else
                finish();
        });
}

void ExpiryNotices::take(const store::TokenTimes& token) {
    if (token.expires == 0 || token.expires <= sweep_.now)
        return;
    const UnixTime told_at = notice_moment(token, mark_.notice);
    if (std::pair(told_at, token.key) <= std::pair(mark_.at, mark_.key))
        return;
    const Due due{notice_moment(token, sweep_.notice), token.key, token.id};
    if (due.at > sweep_.now) {
        sweep_.next = std::min(sweep_.next, due.at);
        return;
    }
    sweep_.due.insert(due);
    if (sweep_.due.size() > limits::kExpiryNoticesPerSweep) {
        sweep_.due.erase(std::prev(sweep_.due.end()));
        sweep_.has_more = true;
    }
}

void ExpiryNotices::finish() {
    if (const Result<void> open = parts_.context.store.is_open(); !open)
        return abort_sweep(open.error());
    bool told = false;
    const Due* last_told = nullptr;
    for (const Due& due : sweep_.due) {
        const Result<bool> one = tell(due.id);
        if (!one) {
            // The others are told in the next sweep.
            if (last_told != nullptr)
                write_mark(mark_ = {last_told->at, last_told->key, sweep_.notice});
            return abort_sweep(one.error());
        }
        told = *one || told;
        last_told = &due;
    }
    if (sweep_.has_more) {
        const Due& last = *sweep_.due.rbegin();
        mark_ = {last.at, last.key, sweep_.notice};
    } else {
        mark_ = {.at = sweep_.now, .notice = sweep_.notice};
    }
    if (std::exchange(mark_is_unwritten_, false) || told)
        write_mark(mark_);
    sweeping_ = false;
    if (notice_ != sweep_.notice)
        return begin();
    const seconds until_next(sweep_.next - sweep_.now);
    look_again_in(sweep_.has_more ? kWaitForMore
                                  : std::clamp(until_next, kShortestWait, kLongestWait));
}

void ExpiryNotices::abort_sweep(const Error& error) {
    sweeping_ = false;
    left_out_ = !parts_.context.store.is_open();
    if (left_out_)
        return;
    log(messages::kExpiryNoticesFailed, error);
    look_again_in(kLongestWait);
}

Result<bool> ExpiryNotices::tell(const TokenId& id) {
    // The sealed record decides: a row that is damaged, hidden or gone meanwhile is skipped.
    const Result<store::StoredTokenPtr> stored = parts_.context.store.find(id);
    if (!stored || !*stored)
        return false;
    const Token& token = (*stored)->token;
    // What git stored, git asks for again or the next helper renews: that an access token of two
    // hours expires is no news.
    if (is_stored_by_git(token) || token.expires <= sweep_.now ||
        notice_moment({0, id, token.created, token.expires}, sweep_.notice) > sweep_.now)
        return false;
    TRY(parts_.context.auditor.record({Uid(geteuid()), {}}, token.owner, id, "expiring", "ok"));
    log(messages::kTokenExpiring, {{"TOKEN", id.text()},
                                   {"UID", std::to_string(token.owner.value())},
                                   {"EXPIRES", std::to_string(token.expires)}});
    parts_.context.subscriptions.tell({.kind = OwnerSignal::Kind::TokenExpiring,
                                       .owner = token.owner,
                                       .token = id,
                                       .expires = token.expires});
    return true;
}

void ExpiryNotices::write_mark(const Mark& mark) {
    // A mark within one second restarts from the second before: better to tell twice than never.
    const bool is_whole = mark.key == std::numeric_limits<std::int64_t>::max();
    const UnixTime at = is_whole ? mark.at : mark.at - 1;
    bus::run(
        parts_.context.writer,
        [&store = parts_.context.store, at, notice = mark.notice.count()]() -> Result<void> {
            TRY(StoreAdmin(store).write_note(Note::ExpiryTold, at));
            return StoreAdmin(store).write_note(Note::ExpiryNotice, notice);
        },
        [this](const Result<void>& written) {
            if (written)
                return;
            mark_is_unwritten_ = true;
            const bool closed = !parts_.context.store.is_open();
            left_out_ = left_out_ || closed;
            if (!closed)
                log(messages::kExpiryNoticesFailed, written.error());
        });
}

void ExpiryNotices::look_again_in(seconds delay) {
    if (notice_.count() != 0)
        timer_ = parts_.loop.after(delay, [this] { begin(); });
}

}  // namespace patd
