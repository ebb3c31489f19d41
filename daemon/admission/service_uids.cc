// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/service_uids.h"

#include "common/base/parse_number.h"
#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace patd {
namespace {

constexpr std::uint32_t kLoginUidMin = 1000;  // the default of Debian and of shadow
constexpr std::string_view kKey = "UID_MIN";
constexpr std::uint32_t kLoginUidMost = 60000;
constexpr std::size_t kFileBytesMax = 65536;  // Debian's has 13 KiB

bool is_space(char c) {
    return c == ' ' || c == '\t';
}

// As shadow reads it: "0x" means hexadecimal, any other "0" before digits octal.
int take_base(std::string_view& digits) {
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
        digits.remove_prefix(2);
        return 16;
    }
    return digits.starts_with('0') ? 8 : 10;
}

// The value of a line "UID_MIN 1000"; 0 for any other line.
std::uint32_t read_line(std::string_view line) {
    const auto skip_space = [&line] {
        while (!line.empty() && is_space(line.front()))
            line.remove_prefix(1);
    };
    skip_space();
    if (!line.starts_with(kKey) || line.size() == kKey.size() || !is_space(line[kKey.size()]))
        return 0;
    line.remove_prefix(kKey.size());
    skip_space();
    const int base = take_base(line);
    const auto number = take_number<std::uint32_t>(line, base);
    return line.empty() || is_space(line.front()) ? number.value_or(0) : 0;
}

}  // namespace

void ServiceUids::set_named(std::vector<std::string> names) {
    named_ = std::move(names);
    uids_ = std::make_shared<std::set<Uid>>();
    for (const std::string& name : named_) {
        accounts_.find_uid(name, [uids = uids_](const Result<Uid>& uid) {
            if (uid)
                uids->insert(*uid);
        });
    }
}

bool ServiceUids::has(Uid uid) {
    if (uid.value() < login_uid_min_)
        return true;
    if (named_.empty())
        return false;
    if (!accounts_.has_account(uid))
        return uids_->contains(uid);
    return std::find(named_.begin(), named_.end(), accounts_.known_name(uid)) != named_.end();
}

std::uint32_t read_login_uid_min(const std::string& root) {
    const UniqueFd file(open((root + "/etc/login.defs").c_str(), O_RDONLY | O_CLOEXEC));
    std::string text(kFileBytesMax, '\0');
    const ssize_t got = file ? read(file.get(), text.data(), text.size()) : 0;
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    std::uint32_t found = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        // As in login.defs(5), the last one counts.
        if (const auto number = read_line(std::string_view(text).substr(begin, end - begin));
            number != 0)
            found = number;
        begin = end + 1;
    }
    // A nonsensical value must not make every user a service.
    return found == 0 || found > kLoginUidMost ? kLoginUidMin : found;
}

}  // namespace patd
