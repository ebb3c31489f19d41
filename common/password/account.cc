// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/password/account.h"

#include "common/base/limits.h"

#include <pwd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <vector>

namespace patd::password {
namespace {

constexpr std::size_t kEntryBytesFirst = 4096;
constexpr std::size_t kEntryBytesMax = 1U << 20;

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

bool is_account_name(std::string_view name) {
    return !name.empty() && name.size() <= limits::kUsernameBytes &&
           std::none_of(name.begin(), name.end(), is_control);
}

}  // namespace

Result<Account> find_account(std::string_view name) {
    if (!is_account_name(name))
        return Errc::InvalidUsername;
    const std::string wanted(name);
    std::vector<char> buffer(kEntryBytesFirst);
    passwd entry{};
    passwd* found = nullptr;
    int error = 0;
    while ((error = getpwnam_r(wanted.c_str(), &entry, buffer.data(), buffer.size(), &found)) ==
               ERANGE &&
           buffer.size() < kEntryBytesMax)
        buffer.resize(buffer.size() * 2);
    // getpwnam(3) lists these as "not found" beside a plain 0.
    if (found == nullptr && (error == 0 || error == ENOENT || error == ESRCH))
        return Errc::NotFound;
    if (found == nullptr)
        return Error{Errc::Unavailable, "getpwnam_r"};
    if (wanted != found->pw_name)
        return Errc::NotFound;
    return Account{Uid(found->pw_uid), found->pw_gid, wanted};
}

}  // namespace patd::password
