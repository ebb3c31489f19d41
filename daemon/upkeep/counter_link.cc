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

Result<void> CounterLink::raise(const TpmCount& to, WitnessDeadline end) const {
    const UniqueFd asked =
        TRY(link_.ask("op=count-advance\nfrom=" + std::to_string(to.value - 1) + "\n"));
    Result<TpmCount> raised = read_answer(asked, end);
    if (!raised && raised.error().code == Errc::OutOfOrder)
        raised = read(end);
    if (!raised)
        return raised.error();
    if (*raised != to)
        return Error{Errc::Unavailable, "the counter is elsewhere"};
    return {};
}

}  // namespace patd
