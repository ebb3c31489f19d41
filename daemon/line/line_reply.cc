// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_reply.h"

#include "common/line/line_message.h"

namespace patd {
namespace {

Result<void> add_error(line::LineWriter& writer, const Error& error, Quit quit,
                       std::string_view sentence) {
    TRY(writer.add("error", errc_name(error.code)));
    TRY(writer.add("text", sentence.empty() ? errc_message(error.code) : sentence));
    if (quit == Quit::Yes)
        TRY(writer.add("quit", "1"));
    return writer.finish();
}

}  // namespace

void write_error(SecretBuffer& reply, const Error& error, Quit quit, std::string_view sentence) {
    reply.wipe();
    line::LineWriter writer(reply);
    // A sentence, with a few ids and a place, fits any reply buffer.
    (void)add_error(writer, error, quit, sentence);
}

}  // namespace patd
