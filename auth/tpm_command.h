// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/unique_fd.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace patd::auth {

// Takes apart what a TPM answered, big-endian. Once something is missing, it is no longer good, and
// gives zeros and nothing.
class TpmAnswer {
  public:
    explicit TpmAnswer(std::string bytes) : bytes_(std::move(bytes)) {}

    std::uint16_t take16() { return static_cast<std::uint16_t>(take(2)); }
    std::uint32_t take32() { return static_cast<std::uint32_t>(take(4)); }
    std::string sized();  // TPM2B: two bytes of size, and so many
    bool good() const { return good_; }

  private:
    std::uint64_t take(std::size_t count);

    std::string bytes_;
    std::size_t at_ = 0;
    bool good_ = true;
};

// One command to a TPM 2.0, without a session or with the empty password (TPM 2.0 Library, part 1,
// section 18). Handles come first, then parameters.
class TpmCommand {
  public:
    explicit TpmCommand(std::uint32_t code) : code_(code) {}

    void add16(std::uint16_t number) { add(number, 2); }
    void add32(std::uint32_t number) { add(number, 4); }
    void add_sized(std::string_view bytes);  // TPM2B
    // Handles, of which the first one's authorization is the empty password.
    void authorize(std::initializer_list<std::uint32_t> handles);

    const std::string& parameters() const { return parameters_; }

    // Waits for the answer, and gives what follows its header. NotFound: no such handle.
    // AccessDenied: there is a password. BadFile: the TPM cannot be used, until somebody does
    // something about it. Unavailable: anything else.
    Result<TpmAnswer> send(const UniqueFd& tpm) const;

  private:
    void add(std::uint64_t number, int bytes);

    std::uint32_t code_;
    bool authorized_ = false;
    std::string parameters_;
};

}  // namespace patd::auth
