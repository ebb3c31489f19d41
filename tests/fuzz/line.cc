// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/line/line_message.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

#include <algorithm>

namespace patd::fuzz {
namespace {

using Read = Result<std::optional<line::LineMessage>>;

bool is_same(const line::LineMessage& a, const line::LineMessage& b) {
    return std::equal(a.attributes().begin(), a.attributes().end(), b.attributes().begin(),
                      b.attributes().end(), [](const line::Attribute& x, const line::Attribute& y) {
                          return x.key == y.key && x.value == y.value;
                      });
}

// What was read is written by our own writer, and then read as the same.
void write_again(const line::LineMessage& message) {
    SecretBuffer text(2 * limits::kLineMessageBytes);
    line::LineWriter writer(text);
    for (const line::Attribute& attribute : message.attributes())
        require(writer.add(attribute.key, attribute.value).has_value(), "what is read is written");
    require(writer.finish().has_value(), "a message ends");
    std::size_t consumed = 0;
    const Read again = line::LineMessage::parse(text.reveal(), false, consumed);
    require(again.has_value() && again->has_value(), "what is written is read");
    require(consumed == text.size(), "a message ends with its blank line");
    require(is_same(message, **again), "what is written is read as the same");
}

}  // namespace

void line(std::string_view input) {
    std::size_t consumed = 0;
    const Read whole = line::LineMessage::parse(input, true, consumed);
    if (whole)
        require(whole->has_value() && consumed <= input.size(), "the end of the input ends it");
    std::size_t some = 0;
    // However the bytes arrive, the answer is the same.
    for (const std::size_t cut : {input.size(), input.size() / 2, input.size() / 3}) {
        const Read part = line::LineMessage::parse(input.substr(0, cut), false, some);
        if (!part)
            require(!whole, "a message whose beginning is refused is refused");
        else if (part->has_value())
            require(whole && some == consumed && is_same(**part, **whole),
                    "what comes after a message does not change it");
    }
    if (whole && !(*whole)->empty())
        write_again(**whole);
}

}  // namespace patd::fuzz
