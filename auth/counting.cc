// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/counting.h"

#include "auth/tpm_counter.h"
#include "common/base/log_messages.h"
#include "common/base/parse_number.h"
#include "common/line/line_message.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace patd::auth {
namespace {

using step_up::FrameKind;

// A system without an id is one more, whose id is empty. An id that cannot be read is not none: its
// system would get another counter.
Result<std::uint32_t> find_index(const std::string& machine_id) {
    const UniqueFd file(::open(machine_id.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file && errno == ENOENT)
        return counter_index("");
    std::array<char, 64> text{};
    const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : -1;
    if (got < 0)
        return Error{Errc::Unavailable, machine_id};
    return counter_index({text.data(), static_cast<std::size_t>(got)});
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
    std::size_t consumed = 0;
    const auto message = line::LineMessage::parse(begin.text(), true, consumed);
    if (!message || !*message || consumed != begin.text().size())
        return std::nullopt;
    const std::string_view op = (*message)->get("op");
    const bool advances = op == "count-advance";
    if (!advances && op != "count-read")
        return std::nullopt;
    const auto from = parse_number<std::uint64_t>((*message)->get("from"));
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
