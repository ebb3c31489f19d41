// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/counter_link.h"

namespace patd {

Result<UniqueFd> CounterLink::ask() const {
    Result<UniqueFd> asked = link_.ask("op=count-read\n");
    if (!asked && asked.error().code == Errc::Unavailable)
        return Error{Errc::NotFound, asked.error().context};
    return asked;
}

Result<TpmCount> CounterLink::read_answer(const UniqueFd& asked, WitnessDeadline end) {
    const auto count = parse_count(TRY(WitnessLink::read_answer(asked, end)));
    if (!count)
        return Error{Errc::Unavailable, "patd-counter broke the protocol"};
    return *count;
}

Result<TpmCount> CounterLink::read(WitnessDeadline end) const {
    return read_answer(TRY(ask()), end);
}

Result<void> CounterLink::advance(const TpmCount& to) const {
    const UniqueFd asked =
        TRY(link_.ask("op=count-advance\nfrom=" + std::to_string(to.value - 1) + "\n"));
    if (TRY(read_answer(asked)) != to)
        return Error{Errc::OutOfOrder, "another counter went up"};
    return {};
}

Result<void> CounterLink::settle(const TpmCount& to) const {
    if (TRY(read()) == to)
        return {};
    return advance(to);
}

}  // namespace patd
