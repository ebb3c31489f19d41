// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/password/password_rules.h"

#include <algorithm>

namespace patd::password {

bool is_well_formed(std::span<const char> password) {
    return !password.empty() && password.size() <= kPasswordBytesMax &&
           std::none_of(password.begin(), password.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte < 0x20 || byte == 0x7f;
           });
}

Result<void> check_new_password(const ServicePassword& password, std::string_view user) {
    const std::span<const char> bytes = password.reveal();
    if (!is_well_formed(bytes) || bytes.size() < kNewPasswordBytesMin ||
        std::string_view(bytes.data(), bytes.size()) == user)
        return Errc::PasswordNotAccepted;
    return {};
}

}  // namespace patd::password
