// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_state.h"

namespace patd {

std::string_view rollback_name(Rollback rollback) {
    switch (rollback) {
        case Rollback::None:
            return "";
        case Rollback::Older:
            return "older";
        case Rollback::Foreign:
            return "foreign";
        case Rollback::Altered:
            return "altered";
        case Rollback::Machine:
            return "machine";
    }
    return "";
}

std::string_view witness_name(WitnessState state) {
    switch (state) {
        case WitnessState::Kept:
            return "kept";
        case WitnessState::Behind:
            return "behind";
        case WitnessState::Unread:
            return "unread";
    }
    return "";
}

}  // namespace patd
