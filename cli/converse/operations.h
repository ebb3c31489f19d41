// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/converse/messages.h"

#include <string_view>

namespace patd::cli {

enum class Verb {
    AdminImport,
    AdminPasswd,
    AdminReinstate,
    AdminRevoke,
    Create,
    Delete,
    Edit,
    Import,
    ImportFile,
    Lock,
    Passwd,
    Regenerate,
    RemoveAll,
    Unlock,
    Verify,
};

struct OperationRow {
    std::string_view name;
    Verb verb;
    std::string_view required;  // arguments, with blanks between them
    std::string_view optional;
    bool can_be_dry = false;
};

// The one that begins, with the arguments that it has and no others; null: `faults` has all that is
// wrong. What the arguments are worth is not looked at.
const OperationRow* find_operation(const Begin& begin, Faults& faults);

}  // namespace patd::cli
