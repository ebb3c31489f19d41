// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/witness_keeping.h"

#include "auth/begin_request.h"
#include "common/base/parse_number.h"
#include "common/base/witness_limits.h"
#include "common/password/state_directory.h"

#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace patd::auth {
namespace {

using password::StateDirectory;
using step_up::FrameKind;
using step_up::FrameStream;

constexpr char kWitnessFile[] = "witness";
constexpr char kWitnessLock[] = "witness.lock";

Result<std::string> read_file(const StateDirectory& directory) {
    const UniqueFd file = TRY(directory.open_file(kWitnessFile));
    std::string text(limits::kWitnessBytes + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = read(file.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return Error{Errc::Unavailable, "read the witness"};
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    if (size > limits::kWitnessBytes)
        return Error{Errc::Corrupt, "the witness is too long"};
    text.resize(size);
    return text;
}

// Nothing: not a witness.
std::optional<std::int64_t> generation_of(std::string_view text) {
    if (!text.starts_with(kWitnessHead))
        return std::nullopt;
    text.remove_prefix(kWitnessHead.size());
    const auto generation = take_number<std::int64_t>(text);
    if (!generation || !text.starts_with('\n') || *generation < 0 ||
        *generation > limits::kWitnessGenerationMax)
        return std::nullopt;
    return generation;
}

Result<void> send_witness(const StateDirectory& directory, FrameStream& stream) {
    const std::string text = TRY(read_file(directory));
    for (std::size_t at = 0; at < text.size(); at += step_up::kFramePayloadBytes)
        TRY(stream.send(FrameKind::Info,
                        std::string_view(text).substr(at, step_up::kFramePayloadBytes)));
    return {};
}

Result<std::string> receive_witness(std::size_t size, FrameStream& stream) {
    std::string text;
    while (text.size() < size) {
        const step_up::ReceivedFrame part = TRY(stream.receive());
        if (part.kind != FrameKind::Answer || part.text().empty())
            return Error{Errc::MalformedRequest, "not a part of a witness"};
        text += part.text();
    }
    if (text.size() != size)
        return Error{Errc::MalformedRequest, "more than was announced"};
    return text;
}

// One that cannot be read, or is none, guards nothing any more; patd says that it was lost.
Result<void> replace_witness(const StateDirectory& directory, const std::string& text) {
    const std::optional<std::int64_t> generation = generation_of(text);
    if (!generation)
        return Error{Errc::MalformedRequest, "not a witness"};
    const UniqueFd lock = TRY(directory.open_or_create(kWitnessLock));
    if (flock(lock.get(), LOCK_EX) != 0)
        return Error{Errc::Unavailable, "lock the witness"};
    const Result<std::string> before = read_file(directory);
    if (!before && before.error().code == Errc::Unavailable)
        return before.error();
    const std::optional<std::int64_t> kept = before ? generation_of(*before) : std::nullopt;
    if (kept && *kept >= *generation)
        return Error{Errc::OutOfOrder, "the witness is not newer"};
    if (*generation > (kept ? *kept + limits::kWitnessStep : limits::kWitnessFirstMax))
        return Error{Errc::MalformedRequest, "the witness is too far above the last one"};
    return directory.replace_file(kWitnessFile, text);
}

}  // namespace

std::optional<Result<void>> keep_witness(const step_up::ReceivedFrame& begin, FrameStream& stream,
                                         const ServiceOptions& options) {
    const auto message = parse_lines(begin.text());
    if (!message)
        return std::nullopt;
    const std::string_view op = message->get("op");
    if (op != "witness-read" && op != "witness-write")
        return std::nullopt;
    const auto size = parse_number<std::size_t>(message->get("size"));
    return [&]() -> Result<void> {
        const bool writes = op == "witness-write";
        if (writes && (!size || *size == 0 || *size > limits::kWitnessBytes))
            return Error{Errc::MalformedRequest, "a witness of impossible size"};
        const StateDirectory directory = TRY(StateDirectory::open(options.state_directory));
        if (writes)
            return replace_witness(directory, TRY(receive_witness(*size, stream)));
        return send_witness(directory, stream);
    }();
}

}  // namespace patd::auth
