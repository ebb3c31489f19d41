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

// As many as a line holds.
std::string format_some(const PermissionList& permissions) {
    constexpr std::size_t kShown = 3;
    std::string text;
    for (std::size_t i = 0; i < permissions.size() && i < kShown; ++i)
        text += ", " + permissions[i].text();
    return text + (permissions.size() > kShown ? ", ..." : "");
}

// As one word of a shell: what a path has may have been chosen by somebody else.
std::string quote(std::string_view place) {
    std::string text = "'";
    for (const char c : place)
        text += c == '\'' ? std::string("%27") : std::string(1, c);
    return text + "'";
}

std::string format_refused(const Token& token, std::string_view place) {
    const std::string id = token.id.text();
    const std::string name = std::string(place) + " refused token '" + token.description + "' (" +
                             id + format_some(token.permissions) + ")";
    if (token.kind == TokenKind::Imported)
        return name +
               "; if it has expired or was revoked there, give it a new secret: patctl "
               "regenerate " +
               id;
    return name + "; if this needs more than it may do: patctl edit " + id +
           " -p PERMISSION; to see what was chosen: patctl explain " + quote(place);
}

}  // namespace

void write_error(SecretBuffer& reply, const Error& error, Quit quit, std::string_view sentence) {
    reply.wipe();
    line::LineWriter writer(reply);
    // A sentence, with a few ids and a place, fits any reply buffer.
    (void)add_error(writer, error, quit, sentence);
}

void write_refused(SecretBuffer& reply, const Token& token, std::string_view place) {
    reply.wipe();
    line::LineWriter writer(reply);
    (void)writer.add("text", format_refused(token, place));
    (void)writer.finish();
}

}  // namespace patd
