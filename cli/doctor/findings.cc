// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/findings.h"

#include <algorithm>

namespace patd::cli::doctor {

const char* severity_name(Severity severity) {
    switch (severity) {
        case Severity::Error:
            return "error";
        case Severity::Warning:
            return "warning";
        case Severity::Note:
            return "note";
    }
    return "error";
}

int Findings::count() const {
    return static_cast<int>(
        std::count_if(findings_.begin(), findings_.end(),
                      [](const Finding& found) { return found.severity != Severity::Note; }));
}

}  // namespace patd::cli::doctor
