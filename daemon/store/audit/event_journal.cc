// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/audit/event_journal.h"

#include "common/base/limits.h"
#include "common/base/service_limits.h"
#include "common/token/base62.h"
#include "common/token/token_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace patd::store {
namespace {

constexpr char kJournalFile[] = "audit.journal";
constexpr std::size_t kHalfBytes = limits::kJournalBytes / 2;
// Header of a half: mark, base, checksum.
constexpr std::string_view kHalfMark = "patdjnl1";
constexpr std::size_t kHalfHeaderBytes = 20;
// Head of a record: mark, length of the body, checksum. The body: seq, at, owner, token, by, count,
// then four texts, each behind its length.
constexpr std::string_view kRecordMark = "evnt";
constexpr std::size_t kHeadBytes = 10;
constexpr std::size_t kBodyFixedBytes = 36;
constexpr std::size_t kTextsPerRecord = 4;
constexpr std::size_t kBodyBytesMax =
    kBodyFixedBytes + kTextsPerRecord * (sizeof(std::uint16_t) + limits::kAuditTextBytes);
constexpr std::int64_t kNoToken = -1;

template <typename Number>
void put(std::string& bytes, Number number) {
    for (std::size_t i = sizeof(Number); i > 0; --i)
        bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * (i - 1))));
}

// Reads a body; once it is too short, everything is empty and ok() is false.
class BodyReader {
  public:
    explicit BodyReader(std::string_view body) : rest_(body) {}

    template <typename Number>
    Number number() {
        std::uint64_t value = 0;
        for (const char byte : take(sizeof(Number)))
            value = value << 8 | static_cast<unsigned char>(byte);
        return static_cast<Number>(value);
    }
    std::string text() { return std::string(take(number<std::uint16_t>())); }
    bool ok() const { return ok_ && rest_.empty(); }

  private:
    std::string_view take(std::size_t size) {
        ok_ = ok_ && size <= rest_.size();
        if (!ok_)
            return {};
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::string_view rest_;
    bool ok_ = true;
};

// The checksum of a record also covers where it is: its half's base and its place in the half.
std::uint32_t checksum(std::int64_t base, std::size_t place, std::string_view body) {
    std::string covered;
    covered.reserve(16 + body.size());
    put(covered, base);
    put(covered, static_cast<std::uint64_t>(place));
    covered.append(body);
    return crc32(covered);
}

std::string header_of(std::int64_t base) {
    std::string header(kHalfMark);
    put(header, base);
    put(header, crc32(header));
    return header;
}

bool has_room_for_texts(const Event& event) {
    return std::max({event.event.size(), event.outcome.size(), event.where.size(),
                     event.unit.size()}) <= limits::kAuditTextBytes;
}

void put_text(std::string& body, std::string_view text) {
    put(body, static_cast<std::uint16_t>(text.size()));
    body.append(text);
}

void write_body(std::string& body, const NumberedEvent& numbered) {
    const Event& event = numbered.event;
    put(body, numbered.seq);
    put(body, event.at);
    put(body, event.owner.value());
    put(body, event.token ? token_key(*event.token) : kNoToken);
    put(body, event.by.value());
    put(body, event.count);
    for (const std::string* text : {&event.event, &event.outcome, &event.where, &event.unit})
        put_text(body, *text);
}

std::optional<NumberedEvent> read_body(std::string_view body) {
    BodyReader reader(body);
    // Read in the order in which they are listed.
    const auto seq = reader.number<std::int64_t>();
    const auto at = reader.number<std::int64_t>();
    const Uid owner(reader.number<std::uint32_t>());
    const auto token = reader.number<std::int64_t>();
    const Uid by(reader.number<std::uint32_t>());
    const auto count = reader.number<std::uint32_t>();
    std::array<std::string, kTextsPerRecord> texts;
    for (std::string& text : texts)
        text = reader.text();
    const std::optional<TokenId> id = token == kNoToken ? std::nullopt : token_id_of(token);
    if (!reader.ok() || (token != kNoToken && !id))
        return std::nullopt;
    return NumberedEvent{seq, {at, owner, id, by, texts[0], texts[1], texts[2], count, texts[3]}};
}

// The record at `place` of a half, and its size.
std::optional<std::pair<NumberedEvent, std::size_t>> read_record(std::string_view half,
                                                                 std::int64_t base,
                                                                 std::size_t place) {
    const std::string_view rest = half.substr(place);
    if (!rest.starts_with(kRecordMark) || rest.size() < kHeadBytes)
        return std::nullopt;
    BodyReader head(rest.substr(kRecordMark.size(), kHeadBytes - kRecordMark.size()));
    const auto size = head.number<std::uint16_t>();
    const auto sum = head.number<std::uint32_t>();
    if (size > kBodyBytesMax || rest.size() < kHeadBytes + size)
        return std::nullopt;
    const std::string_view body = rest.substr(kHeadBytes, size);
    std::optional<NumberedEvent> event;
    if (checksum(base, place, body) == sum)
        event = read_body(body);
    if (!event || event->seq < base)
        return std::nullopt;
    return std::pair(std::move(*event), kHeadBytes + size);
}

// A torn end is what a crash leaves. But where records of the same use follow, events were lost.
void read_half(std::string_view half, EventJournal::Found& found) {
    if (half.size() < kHalfHeaderBytes || !half.starts_with(kHalfMark))
        return;
    const auto base = BodyReader(half.substr(kHalfMark.size(), 8)).number<std::int64_t>();
    if (half.substr(0, kHalfHeaderBytes) != header_of(base))
        return;
    std::size_t end = kHalfHeaderBytes;  // of the last record
    for (std::size_t place = end; place < half.size();) {
        auto record = read_record(half, base, place);
        if (!record) {
            place = half.find(kRecordMark, place + 1);
            continue;
        }
        found.damaged += place == end ? 0 : 1;
        place += record->second;
        end = place;
        found.events.push_back(std::move(record->first));
    }
}

Error journal_error(const std::string& what) {
    return {Errc::Unavailable, what + ": " + std::generic_category().message(errno)};
}

}  // namespace

Result<EventJournal> EventJournal::open(const StateDirectory& directory) {
    if (!TRY(directory.size_of(kJournalFile)))
        TRY(directory.make_file(kJournalFile));
    const std::string path = directory.path_of(kJournalFile);
    UniqueFd file(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (!file)
        return journal_error(path);
    return EventJournal(std::move(file));
}

Result<EventJournal::Found> EventJournal::read() const {
    struct stat status = {};
    if (fstat(file_.get(), &status) != 0)
        return journal_error("reading the audit journal");
    const auto length = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
    std::string bytes(std::min(length, limits::kJournalBytes), '\0');
    std::size_t size = 0;
    while (size < bytes.size()) {
        const ssize_t got =
            pread(file_.get(), bytes.data() + size, bytes.size() - size, static_cast<off_t>(size));
        if (got < 0)
            return journal_error("reading the audit journal");
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    Found found;
    found.is_blank = length == 0;
    const std::string_view whole(bytes.data(), size);
    read_half(whole.substr(0, kHalfBytes), found);
    read_half(whole.substr(std::min(size, kHalfBytes)), found);
    std::sort(found.events.begin(), found.events.end(),
              [](const NumberedEvent& a, const NumberedEvent& b) { return a.seq < b.seq; });
    return found;
}

Result<void> EventJournal::clear() {
    if (ftruncate(file_.get(), 0) != 0)
        return journal_error("emptying the audit journal");
    halves_ = {};
    is_held_ = false;
    return {};
}

Result<void> EventJournal::write_at(std::size_t half, std::size_t place,
                                    std::string_view bytes) const {
    const auto offset = static_cast<off_t>(half * kHalfBytes + place);
    const ssize_t written = pwrite(file_.get(), bytes.data(), bytes.size(), offset);
    if (written == static_cast<ssize_t>(bytes.size()))
        return {};
    // What was written of it does not count: the next record takes its place.
    if (written >= 0)
        errno = ENOSPC;
    return journal_error("writing the audit journal");
}

Result<bool> EventJournal::append(const NumberedEvent& event) {
    if (is_held_ || !has_room_for_texts(event.event))
        return false;
    Half& half = halves_[writing_];
    const bool is_first = half.used == 0;
    if (is_first)
        half.base = event.seq;
    const std::size_t place = is_first ? kHalfHeaderBytes : half.used;
    record_.assign(is_first ? header_of(half.base) : std::string());
    record_.append(kRecordMark);
    const std::size_t head = record_.size();
    record_.append(kHeadBytes - kRecordMark.size(), '\0');
    const std::size_t body = record_.size();
    write_body(record_, event);
    const std::size_t size = record_.size() - body;
    if (place + kHeadBytes + size > kHalfBytes)
        return false;
    std::string numbers;
    put(numbers, static_cast<std::uint16_t>(size));
    put(numbers, checksum(half.base, place, std::string_view(record_).substr(body)));
    record_.replace(head, numbers.size(), numbers);
    TRY(write_at(writing_, half.used, record_));
    half.used = place + kHeadBytes + size;
    return true;
}

void EventJournal::turn() {
    if (halves_[writing_].used != 0 && is_other_empty())
        writing_ = 1 - writing_;
}

Result<void> EventJournal::empty_other() {
    Half& other = halves_[1 - writing_];
    if (other.used == 0)
        return {};
    TRY(write_at(1 - writing_, 0, std::string(kHalfHeaderBytes, '\0')));
    other = {};
    return {};
}

bool EventJournal::is_half_full() const {
    return halves_[writing_].used > kHalfBytes / 2;
}

Result<void> EventJournal::sync() const {
    if (fdatasync(file_.get()) != 0)
        return journal_error("syncing the audit journal");
    return {};
}

}  // namespace patd::store
