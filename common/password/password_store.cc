// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/password/password_store.h"

#include "common/base/limits.h"
#include "common/base/parse_number.h"
#include "common/line/line_message.h"
#include "common/password/password_rules.h"

#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace patd::password {
namespace {

constexpr std::size_t kRecordBytes = 2048;  // a hash and an account name, with room to spare
constexpr std::size_t kRecordAttributes = 5;
constexpr std::string_view kVersion = "1";
constexpr char kCostFile[] = "hash-cost";

std::string_view view_of(std::span<const char> bytes) {
    return {bytes.data(), bytes.size()};
}

// The whole file, at most kRecordBytes. Corrupt if it is longer.
Result<SecretBuffer> read_all(int fd) {
    SecretBuffer bytes(kRecordBytes + 1);
    while (bytes.size() < bytes.capacity()) {
        const std::span<char> room = bytes.free_space();
        const ssize_t got = ::read(fd, room.data(), room.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return Error{Errc::Unavailable, "read a state file"};
        if (got == 0)
            return bytes;
        bytes.grow(static_cast<std::size_t>(got));
    }
    return Error{Errc::Corrupt, "state file too long"};
}

Result<void> lock(int fd, int operation) {
    while (flock(fd, operation) != 0) {
        if (errno != EINTR)
            return Error{Errc::Busy, "flock"};
    }
    return {};
}

std::string file_name(const Account& account) {
    return std::to_string(account.uid.value());
}

}  // namespace

Result<PasswordStore> PasswordStore::open(const Options& options) {
    StateDirectory state = TRY(StateDirectory::open(options.directory));
    StateDirectory passwords = TRY(state.ensure_directory("passwords"));
    return PasswordStore(std::move(state), std::move(passwords), options.cost);
}

// NoServicePassword: no file, or the file of another name that had this uid before.
Result<PasswordStore::Record> PasswordStore::read(const Account& account) const {
    const Result<UniqueFd> file = passwords_.open_file(file_name(account));
    if (!file && file.error().code == Errc::NotFound)
        return Errc::NoServicePassword;
    if (!file)
        return file.error();
    const SecretBuffer bytes = TRY(read_all(file.value().get()));
    std::size_t consumed = 0;
    const Result<std::optional<line::LineMessage>> message =
        line::LineMessage::parse(bytes.reveal(), true, consumed);
    if (!message || consumed != bytes.size())
        return Error{Errc::Corrupt, "password file"};
    const line::LineMessage& record = **message;
    const std::optional<UnixTime> changed = parse_number<UnixTime>(record.get("changed"));
    if (record.attributes().size() != kRecordAttributes || record.get("version") != kVersion ||
        record.get("uid") != file_name(account) || record.get("user").empty() ||
        !is_yescrypt(record.get("hash")) || !changed)
        return Error{Errc::Corrupt, "password file"};
    if (record.get("user") != account.name)
        return Errc::NoServicePassword;
    return Record{PasswordHash(SecretBuffer::copy_of(record.get("hash"))), *changed};
}

Result<void> PasswordStore::write(const Account& account, const Record& record) const {
    SecretBuffer bytes(kRecordBytes);
    line::LineWriter writer(bytes);
    TRY(writer.add("version", kVersion));
    TRY(writer.add("uid", file_name(account)));
    TRY(writer.add("user", account.name));
    TRY(writer.add("hash", view_of(record.hash.reveal())));
    TRY(writer.add("changed", std::to_string(record.changed)));
    return passwords_.replace_file(file_name(account), bytes.reveal());
}

Result<bool> PasswordStore::has_password(const Account& account) const {
    const Result<Record> record = read(account);
    if (!record && record.error().code == Errc::NoServicePassword)
        return false;
    if (!record)
        return record.error();
    return true;
}

Result<void> PasswordStore::check_absent(const ServicePassword& password) const {
    if (!is_well_formed(password.reveal()))
        return Errc::InvalidPassword;
    const UniqueFd slot = TRY(take_hashing_slot());
    TRY(hash_dummy(password, cost()));
    return Errc::WrongPassword;
}

Result<void> PasswordStore::check(const Account& account, const ServicePassword& password) const {
    if (!is_well_formed(password.reveal()))
        return Errc::InvalidPassword;
    Result<Record> record = read(account);
    if (!record && record.error().code == Errc::NoServicePassword) {
        const Result<void> refused = check_absent(password);
        return refused.error().code == Errc::WrongPassword ? record.error() : refused.error();
    }
    if (!record)
        return record.error();
    const UniqueFd slot = TRY(take_hashing_slot());
    if (!TRY(matches(password, record->hash)))
        return Errc::WrongPassword;
    strengthen(account, password, std::move(record).value());
    return {};
}

// The password was right whether this works or not, so nothing is reported.
void PasswordStore::strengthen(const Account& account, const ServicePassword& password,
                               Record record) const {
    const std::optional<int> present = cost_of(record.hash);
    if (!present || *present >= cost())
        return;
    SystemRandom random;
    Result<PasswordHash> hash = hash_password(password, cost(), random);
    if (hash)
        (void)write(account, Record{std::move(hash).value(), record.changed});
}

Result<void> PasswordStore::set(const Account& account, const ServicePassword& password,
                                Existing existing) const {
    TRY(check_new_password(password, account.name));
    const UniqueFd slot = TRY(take_hashing_slot());
    const Result<Record> old = read(account);
    const bool none = !old && old.error().code == Errc::NoServicePassword;
    if (!none && existing == Existing::Keep)
        return Errc::AccessDenied;
    if (old && TRY(matches(password, old->hash)))
        return Errc::PasswordNotAccepted;
    SystemRandom random;
    PasswordHash hash = TRY(hash_password(password, TRY(ensure_cost()), random));
    return write(account, Record{std::move(hash), SystemClock().now()});
}

Result<UniqueFd> PasswordStore::take_hashing_slot() const {
    UniqueFd slot;
    for (int number = 0; number < limits::kConcurrentHashes; ++number) {
        slot = TRY(state_.open_or_create("hashing." + std::to_string(number)));
        if (lock(slot.get(), LOCK_EX | LOCK_NB))
            return slot;
    }
    const int number = getpid() % limits::kConcurrentHashes;
    slot = TRY(state_.open_or_create("hashing." + std::to_string(number)));
    TRY(lock(slot.get(), LOCK_EX));
    return slot;
}

std::optional<int> PasswordStore::stored_cost() const {
    const Result<UniqueFd> file = state_.open_file(kCostFile);
    if (!file)
        return std::nullopt;
    const Result<SecretBuffer> bytes = read_all(file->get());
    if (!bytes)
        return std::nullopt;
    const std::optional<int> cost = parse_number<int>(view_of(bytes->reveal()));
    return cost && *cost >= kCostMin && *cost <= kCostMax ? cost : std::nullopt;
}

int PasswordStore::cost() const {
    return cost_ ? *cost_ : stored_cost().value_or(kCostDefault);
}

// Measured once per machine: accounts with and without a password must cost the same.
Result<int> PasswordStore::ensure_cost() const {
    if (cost_ || stored_cost())
        return cost();
    const int chosen = choose_cost(measure_cost);
    TRY(state_.replace_file(kCostFile, std::string_view(std::to_string(chosen))));
    return chosen;
}

}  // namespace patd::password
