// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/tpm_command.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace patd::auth {
namespace {

constexpr std::uint16_t kNoSessions = 0x8001;
constexpr std::uint16_t kSessions = 0x8002;
constexpr std::uint32_t kPassword = 0x40000009;
constexpr std::uint32_t kPasswordBytes = 9;
constexpr std::size_t kHeaderBytes = 10;
constexpr std::size_t kAnswerBytes = 4096;  // as the kernel's buffer

// TPM_RC: those of format one also say which handle, parameter or session is meant. Above them the
// kernel's resource manager says that the answer is its own.
constexpr std::uint32_t kCodeMask = 0xffff;
constexpr std::uint32_t kFormatOne = 0x80;
constexpr std::uint32_t kFormatOneMask = 0xbf;
constexpr std::uint32_t kHandle = 0x8b;
constexpr std::uint32_t kAuthFail = 0x8e;
constexpr std::uint32_t kBadAuth = 0xa2;
// What comes back each time, until somebody does something about it: no room, no such command, the
// owner's hierarchy switched off.
constexpr std::uint32_t kNvSpace = 0x14b;
constexpr std::uint32_t kCommandCode = 0x143;
constexpr std::uint32_t kDisabled = 0x120;
constexpr std::uint32_t kHierarchy = 0x85;

Error describe_code(std::uint32_t answered) {
    const std::uint32_t code = answered & kCodeMask;
    const std::uint32_t reason = (code & kFormatOne) != 0 ? code & kFormatOneMask : code;
    if (reason == kHandle)
        return Error{Errc::NotFound, "the TPM has no counter"};
    if (reason == kAuthFail || reason == kBadAuth)
        return Error{Errc::AccessDenied, "the TPM wants a password"};
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0x%x", code);
    const bool comes_back =
        reason == kNvSpace || reason == kCommandCode || reason == kDisabled || reason == kHierarchy;
    return Error{comes_back ? Errc::BadFile : Errc::Unavailable,
                 std::string("the TPM refused: ") + text.data()};
}

Result<void> send_all(int tpm, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = write(tpm, bytes.data(), bytes.size());
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return Error{Errc::Unavailable, "write to the TPM"};
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

// A device gives all of it at once; a socket may not.
Result<std::string> receive_all(int tpm) {
    std::string bytes(kAnswerBytes, '\0');
    std::size_t size = 0;
    std::size_t expected = kHeaderBytes;
    while (size < expected) {
        const ssize_t got = read(tpm, bytes.data() + size, bytes.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return Error{Errc::Unavailable, "read from the TPM"};
        size += static_cast<std::size_t>(got);
        if (size < kHeaderBytes)
            continue;
        TpmAnswer header(bytes.substr(2, 4));
        expected = header.take32();
        if (expected < kHeaderBytes || expected > bytes.size())
            return Error{Errc::Unavailable, "an answer of impossible size"};
    }
    if (size != expected)
        return Error{Errc::Unavailable, "more than one answer"};
    bytes.resize(size);
    return bytes;
}

}  // namespace

std::uint64_t TpmAnswer::take(std::size_t count) {
    good_ &= bytes_.size() - at_ >= count;
    if (!good_)
        return 0;
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < count; ++i)
        number = number << 8 | static_cast<std::uint8_t>(bytes_[at_++]);
    return number;
}

std::string TpmAnswer::sized() {
    const std::size_t size = take16();
    good_ &= bytes_.size() - at_ >= size;
    if (!good_)
        return {};
    at_ += size;
    return bytes_.substr(at_ - size, size);
}

void TpmCommand::add(std::uint64_t number, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        parameters_ += static_cast<char>(number >> shift & 0xff);
}

void TpmCommand::add_sized(std::string_view bytes) {
    add16(static_cast<std::uint16_t>(bytes.size()));
    parameters_.append(bytes);
}

void TpmCommand::authorize(std::initializer_list<std::uint32_t> handles) {
    authorized_ = true;
    for (const std::uint32_t handle : handles)
        add32(handle);
    add32(kPasswordBytes);
    add32(kPassword);
    add16(0);  // no nonce
    add(0, 1);
    add16(0);  // the empty password
}

Result<TpmAnswer> TpmCommand::send(const UniqueFd& tpm) const {
    TpmCommand whole(code_);
    whole.add16(authorized_ ? kSessions : kNoSessions);
    whole.add32(static_cast<std::uint32_t>(kHeaderBytes + parameters_.size()));
    whole.add32(code_);
    TRY(send_all(tpm.get(), whole.parameters_ + parameters_));
    const std::string answer = TRY(receive_all(tpm.get()));
    TpmAnswer header(answer.substr(6, 4));
    if (const std::uint32_t code = header.take32(); code != 0)
        return describe_code(code);
    return TpmAnswer(answer.substr(kHeaderBytes));
}

}  // namespace patd::auth
