// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/counting.h"

#include "auth/begin_request.h"
#include "auth/short_file.h"
#include "auth/tpm_counter.h"
#include "common/base/log_messages.h"
#include "common/base/parse_number.h"

namespace patd::auth {
namespace {

using step_up::FrameKind;

// A system without an id is one more, whose id is empty. An id that cannot be read is not none: its
// system would get another counter.
Result<std::uint32_t> find_index(const std::string& machine_id) {
    const Result<std::string> id = read_short_file(machine_id);
    if (!id && id.error().code != Errc::NotFound)
        return id.error();
    return counter_index(id ? *id : "");
}

Result<TpmCount> count_of(bool advances, std::optional<std::uint64_t> from,
                          const ServiceOptions& options) {
    const std::uint32_t index = TRY(find_index(options.machine_id));
    const TpmCounter counter = TRY(TpmCounter::open(options.tpm, index));
    if (advances)
        return counter.advance(*from);
    SystemRandom random;
    return counter.read(random);
}

}  // namespace

std::optional<Result<void>> count(const step_up::ReceivedFrame& begin, step_up::FrameStream& stream,
                                  const ServiceOptions& options) {
    const auto message = parse_lines(begin.text());
    if (!message)
        return std::nullopt;
    const std::string_view op = message->get("op");
    const bool advances = op == "count-advance";
    if (!advances && op != "count-read")
        return std::nullopt;
    const auto from = parse_number<std::uint64_t>(message->get("from"));
    if (advances && !from)
        return Result<void>(Error{Errc::MalformedRequest, "from where?"});
    const Result<TpmCount> counted = count_of(advances, from, options);
    if (counted)
        return stream.send(FrameKind::Info, format_count(*counted));
    if (counted.error().code != Errc::NotFound)
        log(messages::kNotCounted, counted.error());
    return Result<void>(counted.error());
}

Result<void> decide_nothing(const Session&) {
    return Error{Errc::MalformedRequest, "only counting is done here"};
}

}  // namespace patd::auth
