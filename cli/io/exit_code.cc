// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/exit_code.h"

namespace patd::cli {

ExitCode exit_code_of(Errc code) {
    switch (errc_kind(code)) {
        case ErrcKind::Usage:
        case ErrcKind::Setting:
            return ExitCode::Usage;
        case ErrcKind::NotFound:
            return ExitCode::NotFound;
        case ErrcKind::Refused:
            return ExitCode::Refused;
        case ErrcKind::Cancelled:
            return ExitCode::CannotAsk;
        case ErrcKind::Unreachable:
            return ExitCode::Unreachable;
        case ErrcKind::Failed:
        case ErrcKind::Unusable:
            return ExitCode::Failure;
    }
    return ExitCode::Failure;
}

}  // namespace patd::cli
