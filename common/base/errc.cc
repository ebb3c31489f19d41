// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/errc.h"

#include <algorithm>

namespace patd {
namespace {

struct Row {
    Errc code;
    std::string_view name;
    ErrcKind kind;
    std::string_view message;
};

constexpr std::array kRows = {
#define PATD_ERRC(name, kind, sentence) Row{Errc::name, #name, ErrcKind::kind, sentence},
#include "common/base/errc.def"
#undef PATD_ERRC
};
static_assert(std::ranges::is_sorted(kRows, {}, &Row::name));

const Row& row_of(Errc code) {
    for (const Row& row : kRows) {
        if (row.code == code)
            return row;
    }
    return row_of(Errc::Internal);
}

}  // namespace

std::string_view errc_name(Errc code) {
    return row_of(code).name;
}

ErrcKind errc_kind(Errc code) {
    return row_of(code).kind;
}

std::string_view errc_message(Errc code) {
    return row_of(code).message;
}

std::optional<Errc> errc_from_name(std::string_view name) {
    for (const Row& row : kRows) {
        if (row.name == name)
            return row.code;
    }
    return std::nullopt;
}

}  // namespace patd
