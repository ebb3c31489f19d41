// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/tpm_counter.h"

#include "auth/tpm_command.h"
#include "common/base/hex.h"
#include "common/base/unix_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace patd::auth {
namespace {

constexpr std::uint32_t kOwner = 0x40000001;
constexpr std::uint16_t kSha256 = 0x000b;

constexpr std::uint32_t kNvDefineSpace = 0x12a;
constexpr std::uint32_t kNvIncrement = 0x134;
constexpr std::uint32_t kNvRead = 0x14e;
constexpr std::uint32_t kNvReadPublic = 0x169;

// TPMA_NV.
constexpr std::uint32_t kAuthWrite = 1U << 2;
constexpr std::uint32_t kTypeMask = 0xf0;
constexpr std::uint32_t kTypeCounter = 0x10;
constexpr std::uint32_t kAuthRead = 1U << 18;
constexpr std::uint32_t kNoLockout = 1U << 25;
constexpr std::uint32_t kOrderly = 1U << 26;  // would jump with each power cut
constexpr std::uint32_t kWritten = 1U << 29;
// What another than we may have made must have, and must not have.
constexpr std::uint32_t kWanted = kTypeCounter | kAuthRead | kAuthWrite;
constexpr std::uint32_t kCompared = kTypeMask | kAuthRead | kAuthWrite | kOrderly;

constexpr std::uint16_t kCounterBytes = 8;
using CounterId = std::array<std::uint8_t, 32>;  // in place of a policy, which nothing fulfils

}  // namespace

Result<TpmCounter> TpmCounter::open(const std::string& path, std::uint32_t index) {
    struct stat found {};
    const bool is_socket = stat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
    UniqueFd tpm = is_socket ? TRY(connect_unix(path))
                             : UniqueFd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!tpm && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
        return Error{Errc::NotFound, "no TPM"};
    if (!tpm) {
        const bool is_closed = errno == EACCES || errno == EPERM;
        return Error{is_closed ? Errc::BadFile : Errc::Unavailable,
                     path + ": " + std::strerror(errno)};
    }
    // A software TPM takes one client after the other by itself.
    if (!is_socket && flock(tpm.get(), LOCK_EX) != 0)
        return Error{Errc::Unavailable, "lock the TPM"};
    return TpmCounter(std::move(tpm), index);
}

Result<TpmCounter::Found> TpmCounter::find() const {
    TpmCommand command(kNvReadPublic);
    command.add32(index_);
    TpmAnswer answer = TRY(command.send(tpm_));
    TpmAnswer shown(answer.sized());
    const std::uint32_t index = shown.take32();
    (void)shown.take16();  // the name's algorithm
    const std::uint32_t attributes = shown.take32();
    const std::string policy = shown.sized();
    const std::uint16_t size = shown.take16();
    if (!shown.good() || index != index_)
        return Error{Errc::Unavailable, "the TPM does not describe the index"};
    if ((attributes & kCompared) != kWanted || size != kCounterBytes)
        return Error{Errc::BadFile, "the TPM has something else at " + index_text(index_)};
    const std::span id(reinterpret_cast<const std::uint8_t*>(policy.data()), policy.size());
    return Found{policy.empty() ? "-" : to_hex(id), (attributes & kWritten) != 0};
}

Result<void> TpmCounter::define(Random& random) const {
    CounterId id{};
    TRY(random.fill(id));
    TpmCommand shown(0);
    shown.add32(index_);
    shown.add16(kSha256);
    shown.add32(kTypeCounter | kAuthRead | kAuthWrite | kNoLockout);
    shown.add_sized({reinterpret_cast<const char*>(id.data()), id.size()});
    shown.add16(kCounterBytes);
    TpmCommand command(kNvDefineSpace);
    command.authorize({kOwner});
    command.add_sized("");
    command.add_sized(shown.parameters());
    TRY(command.send(tpm_));
    return {};
}

Result<void> TpmCounter::increment() const {
    TpmCommand command(kNvIncrement);
    command.authorize({index_, index_});
    TRY(command.send(tpm_));
    return {};
}

Result<TpmCount> TpmCounter::value_of(const Found& found) const {
    TpmCommand command(kNvRead);
    command.authorize({index_, index_});
    command.add16(kCounterBytes);
    command.add16(0);
    TpmAnswer answer = TRY(command.send(tpm_));
    (void)answer.take32();  // the size of what follows
    TpmAnswer value(answer.sized());
    const std::uint64_t high = value.take32();
    const std::uint64_t count = high << 32 | value.take32();
    if (!value.good())
        return Error{Errc::Unavailable, "the TPM does not say the count"};
    return TpmCount{count, found.id};
}

Result<TpmCount> TpmCounter::read(Random& random) const {
    Result<Found> found = find();
    if (!found && found.error().code == Errc::NotFound) {
        TRY(define(random));
        found = find();
    }
    if (!found)
        return found.error();
    // It has no value before.
    if (!found->written)
        TRY(increment());
    return value_of(*found);
}

Result<TpmCount> TpmCounter::advance(std::uint64_t from) const {
    const Found found = TRY(find());
    if (TRY(value_of(found)).value != from)
        return Error{Errc::OutOfOrder, "the counter is elsewhere"};
    TRY(increment());
    const TpmCount raised = TRY(value_of(found));
    if (raised.value != from + 1)
        return Error{Errc::OutOfOrder, "the counter went elsewhere"};
    return raised;
}

}  // namespace patd::auth
