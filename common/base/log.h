// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <span>
#include <string>
#include <string_view>

namespace patd {

enum class LogLevel { Error = 3, Warning = 4, Notice = 5, Info = 6 };  // as in syslog(3)

// One kind of message; common/base/log_messages.h has them all.
struct LogMessage {
    std::string_view id;  // 128 bits in hexadecimal: MESSAGE_ID=
    LogLevel level;
    std::string_view event;  // a short name for programs: PATD_EVENT=
    std::string_view text;
};

// What a message is about: {"TOKEN", id} becomes the field PATD_TOKEN= in the journal and token=...
// in the text. Never a secret, and no bytes of a peer.
struct LogField {
    std::string_view name;
    std::string value;
};
using LogFields = std::span<const LogField>;

// Logs one record: to the journal with all its fields if standard error is the journal's
// (systemd.exec(5), $JOURNAL_STREAM), else as one line on standard error, prefixed with its
// priority (sd-daemon(3)). An error adds PATD_REASON= and PATD_CONTEXT=. Control bytes are
// replaced, and anything that looks like a token's secret is removed, though no caller passes one:
// there is no overload for a secret. Never fails: there is nobody left to tell. Thread rule: any.
void log(const LogMessage& message, std::initializer_list<LogField> fields = {});
void log(const LogMessage& message, const Error& error,
         std::initializer_list<LogField> fields = {});

// Its parts, for tests.
namespace log_parts {

// "<4>text: Reason (context) [token=...]", with a newline at the end.
std::string format_line(const LogMessage& message, LogFields fields);
// The same in the journal's native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
std::string format_entry(const LogMessage& message, LogFields fields);
// Whether `fd` is the stream that `stream` ("DEVICE:INODE", as in $JOURNAL_STREAM) names.
bool is_journal_stream(const char* stream, int fd);
// False if it cannot be sent at once.
bool send_entry(const char* socket_path, std::string_view entry);

}  // namespace log_parts

}  // namespace patd
