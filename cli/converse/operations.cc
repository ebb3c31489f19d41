// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/operations.h"

#include <algorithm>
#include <array>

namespace patd::cli {
namespace {

constexpr std::array kOperations = {
    OperationRow{"admin-import", Verb::AdminImport, "owner description targets username",
                 "permissions only_units expires confirm insecure_http through_gateway"},
    OperationRow{"admin-passwd", Verb::AdminPasswd, "user", ""},
    OperationRow{"admin-reinstate", Verb::AdminReinstate, "user id", ""},
    OperationRow{"admin-revoke", Verb::AdminRevoke, "user ids", ""},
    OperationRow{"create", Verb::Create, "description permissions",
                 "targets only_units expires confirm insecure_http", true},
    OperationRow{"delete", Verb::Delete, "ids", ""},
    OperationRow{"edit", Verb::Edit, "id",
                 "description permissions targets only_units username expires confirm reinstate "
                 "insecure_http through_gateway",
                 true},
    OperationRow{"import", Verb::Import, "description targets username",
                 "permissions only_units expires confirm insecure_http through_gateway", true},
    OperationRow{"import", Verb::ImportFile, "file",
                 "format skip description permissions only_units expires confirm insecure_http "
                 "through_gateway",
                 true},
    OperationRow{"lock", Verb::Lock, "", ""},
    OperationRow{"passwd", Verb::Passwd, "", ""},
    OperationRow{"regenerate", Verb::Regenerate, "id", "expires", true},
    OperationRow{"remove-all", Verb::RemoveAll, "", ""},
    OperationRow{"unlock", Verb::Unlock, "", "id for"},
    OperationRow{"verify", Verb::Verify, "", "permission audience user"},
};

// The words of a row.
std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

bool has(const std::vector<std::string_view>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_meant(const OperationRow& row, const Begin& begin) {
    const bool is_of_file = begin.arguments.file.has_value();
    return row.name == begin.operation &&
           (row.name != "import" || (row.verb == Verb::ImportFile) == is_of_file);
}

}  // namespace

const OperationRow* find_operation(const Begin& begin, Faults& faults) {
    const auto* const row =
        std::find_if(kOperations.begin(), kOperations.end(),
                     [&](const OperationRow& one) { return is_meant(one, begin); });
    if (row == kOperations.end()) {
        faults.push_back(
            fault_of_program(Errc::UnknownOption, "there is no such operation", "operation"));
        return nullptr;
    }
    const std::vector<std::string_view> required = words_of(row->required);
    const std::vector<std::string_view> optional = words_of(row->optional);
    const std::string name(row->name);
    for (const std::string_view argument : begin.named) {
        if (!has(required, argument) && !has(optional, argument))
            faults.push_back(
                fault_of_program(Errc::UnknownOption, name + " has no such argument", argument));
    }
    for (const std::string_view argument : required) {
        if (!has(begin.named, argument))
            faults.push_back(
                fault_of_program(Errc::MalformedRequest, name + " needs this argument", argument));
    }
    if (begin.dry_run && !row->can_be_dry)
        faults.push_back(
            fault_of_program(Errc::UnknownOption, name + " cannot be tried", "dry_run"));
    return faults.empty() ? row : nullptr;
}

}  // namespace patd::cli
