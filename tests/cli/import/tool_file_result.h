// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/import/tool_files.h"

#include <functional>
#include <string>

namespace patd::cli {

// What a parser makes of `text`, a line each: what is kept with its secret (none of them is one),
// what is refused and what is passed over; or the error for all of it.
using ParseToolFile = std::function<Result<void>(std::span<char>, Credentials&)>;

inline std::string result_of(const ParseToolFile& parse, std::string text) {
    Credentials credentials(text.size() + 4096);
    if (const Result<void> parsed = parse(text, credentials); !parsed)
        return std::string(errc_name(parsed.error().code)) + " " + parsed.error().context;
    credentials.sort_remarks();
    std::string result;
    std::string secrets(credentials.secrets().reveal().data(), credentials.secrets().size());
    for (const Credential& entry : credentials.entries()) {
        const std::string secret = secrets.substr(0, secrets.find('\n'));
        secrets.erase(0, secret.size() + 1);
        result += std::to_string(entry.line) + " " + entry.target.text() + " " + entry.username +
                  " " + secret + "\n";
    }
    for (const Remark& remark : credentials.faults())
        result +=
            std::to_string(remark.line) + " refused " + std::string(errc_name(remark.code)) + "\n";
    for (const Remark& remark : credentials.passed_over())
        result += std::to_string(remark.line) + " passed over\n";
    return result;
}

// Whether every beginning of `text` is read without harm, and shows nothing of `secret`.
inline bool survives_every_prefix(const ParseToolFile& parse, const std::string& text,
                                  const std::string& secret) {
    for (std::size_t size = 0; size < text.size(); ++size) {
        Credentials credentials(text.size() + 4096);
        std::string part = text.substr(0, size);
        const Result<void> parsed = parse(part, credentials);
        if (!parsed && parsed.error().context.find(secret) != std::string::npos)
            return false;
        for (const auto* remarks :
             {&credentials.faults(), &credentials.passed_over(), &credentials.notes()})
            for (const Remark& remark : *remarks)
                if (remark.text.find(secret) != std::string::npos)
                    return false;
    }
    return true;
}

}  // namespace patd::cli
