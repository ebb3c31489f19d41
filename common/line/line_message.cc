// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/line/line_message.h"

#include <algorithm>
#include <cstdint>

namespace patd::line {
namespace {

// Every byte of every message passes here, so there is no branch per byte, and the count has a type
// that compilers can vectorise.
bool has_control(std::string_view text) {
    std::uint8_t found = 0;
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        const auto is_low = static_cast<std::uint8_t>(byte < 0x20);
        const auto is_delete = static_cast<std::uint8_t>(byte == 0x7f);
        found = static_cast<std::uint8_t>(found | is_low | is_delete);
    }
    return found != 0;
}

bool may_repeat(std::string_view key) {
    return key.ends_with("[]");
}

}  // namespace

LineMessage& LineMessage::operator=(const LineMessage& other) {
    std::copy_n(other.attributes_.begin(), other.count_, attributes_.begin());
    count_ = other.count_;
    return *this;
}

Result<void> LineMessage::add(std::string_view line) {
    const std::size_t equals = line.find('=');
    if (has_control(line) || equals == std::string_view::npos || equals == 0)
        return Error{Errc::MalformedRequest, "bad line"};
    const Attribute attribute{line.substr(0, equals), line.substr(equals + 1)};
    if (find(attribute.key) && !may_repeat(attribute.key))
        return Error{Errc::MalformedRequest, "duplicate key"};
    if (count_ == attributes_.size())
        return Error{Errc::MalformedRequest, "too many attributes"};
    attributes_[count_++] = attribute;
    return {};
}

Result<std::optional<LineMessage>> LineMessage::parse(std::span<const char> bytes, bool at_end,
                                                      std::size_t& consumed) {
    std::optional<LineMessage> message(std::in_place);
    if (!TRY(message->read(bytes, at_end, consumed)))
        message.reset();
    return message;
}

Result<bool> LineMessage::read(std::span<const char> bytes, bool at_end, std::size_t& consumed) {
    count_ = 0;
    const std::string_view text(bytes.data(), bytes.size());
    std::size_t position = 0;
    while (position < text.size()) {
        const std::size_t end = text.find('\n', position);
        const bool ended = end != std::string_view::npos;
        const std::string_view line = text.substr(position, ended ? end - position : end);
        const std::size_t next = ended ? end + 1 : text.size();
        if (line.size() >= limits::kLineBytes || next > limits::kLineMessageBytes)
            return Error{Errc::MalformedRequest, "too long"};
        if (!ended && !at_end) {
            // Refuses at the first bad byte, not after the last.
            if (has_control(line))
                return Error{Errc::MalformedRequest, "control byte"};
            break;
        }
        position = next;
        if (line.empty()) {
            consumed = position;
            return true;
        }
        TRY(add(line));
    }
    if (at_end) {
        consumed = position;
        return true;
    }
    // What already fills the limit can only become too long.
    if (text.size() >= limits::kLineMessageBytes)
        return Error{Errc::MalformedRequest, "too long"};
    return false;
}

std::optional<std::string_view> LineMessage::find(std::string_view key) const {
    for (const Attribute& attribute : attributes()) {
        if (attribute.key == key)
            return attribute.value;
    }
    return std::nullopt;
}

Result<void> LineWriter::add(std::string_view key, std::string_view value) {
    if (key.empty() || key.find('=') != std::string_view::npos || has_control(key) ||
        has_control(value) || key.size() + value.size() + 2 > limits::kLineBytes)
        return Error{Errc::MalformedRequest, "value does not fit the format"};
    const std::span<char> space = out_.free_space();
    const std::size_t size = key.size() + value.size() + 2;
    if (size > space.size())
        return Errc::LimitExceeded;
    char* at = std::copy(key.begin(), key.end(), space.data());
    *at++ = '=';
    at = std::copy(value.begin(), value.end(), at);
    *at = '\n';
    out_.grow(size);
    return {};
}

Result<void> LineWriter::finish() {
    return out_.append(std::string_view("\n"));
}

}  // namespace patd::line
