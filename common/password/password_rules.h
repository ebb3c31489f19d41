// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secrets.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace patd::password {

inline constexpr std::size_t kNewPasswordBytesMin = 8;
// CRYPT_MAX_PASSPHRASE_SIZE is 512 with the NUL: libcrypt answers `*0` to a password of 512 bytes.
inline constexpr std::size_t kPasswordBytesMax = 511;

// What any typed service password must be before anything looks at it: 1 to 511 bytes, no control
// byte (a NUL would end it early for C).
bool is_well_formed(std::span<const char> password);

// The rules for a new password: well-formed, at least 8 bytes, not the account's name.
// PasswordNotAccepted. The store checks that it differs from the old one.
Result<void> check_new_password(const ServicePassword& password, std::string_view user);

// The end of the prompt for a new one.
inline constexpr char kNewPasswordHint[] = " (8 to 511 bytes): ";
// The rules for people, in one sentence.
inline constexpr char kNewPasswordRules[] =
    "The service password needs 8 to 511 bytes, no control characters, and must be neither your "
    "user name nor the old one.";

}  // namespace patd::password
