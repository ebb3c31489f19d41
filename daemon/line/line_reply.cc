// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_reply.h"

#include "common/line/line_message.h"

#include <string>

namespace patd {
namespace {

Result<void> add_error(line::LineWriter& writer, const Error& error, Quit quit,
                       std::string_view about) {
    TRY(writer.add("error", errc_name(error.code)));
    std::string text(errc_message(error.code));
    if (!about.empty())
        text.append(" (").append(about).append(")");
    TRY(writer.add("text", text));
    if (quit == Quit::Yes)
        TRY(writer.add("quit", "1"));
    return writer.finish();
}

}  // namespace

void write_error(SecretBuffer& reply, const Error& error, Quit quit, std::string_view about) {
    reply.wipe();
    line::LineWriter writer(reply);
    // Fixed sentences, a few ids and a place fit any reply buffer.
    (void)add_error(writer, error, quit, about);
}

}  // namespace patd
