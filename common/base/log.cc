// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/log.h"

#include "common/base/unique_fd.h"
#include "common/base/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <vector>

namespace patd {
namespace {

// libsystemd could send this too, but patd-auth does without it.
constexpr char kJournalSocket[] = "/run/systemd/journal/socket";
constexpr std::size_t kValueBytes = 1024;  // paths and errno texts; the rest is cut
constexpr std::string_view kReason = "REASON";
constexpr std::string_view kContext = "CONTEXT";
// How the secrets that patd makes begin (common/token/token_string.h).
constexpr std::array<std::string_view, 2> kSecretPrefixes = {"pat1_", "patc1_"};
constexpr std::size_t kSecretBytes = 8;  // anything shorter is not a secret

bool is_secret_byte(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-';
}

// The last line of defence; docs/attack-table.md, row L1.
void redact_secrets(std::string& text) {
    for (const std::string_view prefix : kSecretPrefixes) {
        for (std::size_t at = text.find(prefix); at != std::string::npos;
             at = text.find(prefix, at + 1)) {
            const auto rest = text.begin() + static_cast<std::ptrdiff_t>(at + prefix.size());
            const auto end = std::find_if_not(rest, text.end(), is_secret_byte);
            if (end - rest >= static_cast<std::ptrdiff_t>(kSecretBytes))
                text.replace(rest, end, "[removed]");
        }
    }
}

std::string clean(std::string_view value) {
    std::string text(value.substr(0, kValueBytes));
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    redact_secrets(text);
    return text;
}

std::string lower(std::string_view name) {
    std::string text(name);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

std::string find(LogFields fields, std::string_view name) {
    for (const LogField& field : fields) {
        if (field.name == name)
            return clean(field.value);
    }
    return {};
}

std::string format_text(const LogMessage& message, LogFields fields) {
    std::string text(message.text);
    if (const std::string reason = find(fields, kReason); !reason.empty())
        text += ": " + reason;
    if (const std::string context = find(fields, kContext); !context.empty())
        text += " (" + context + ")";
    std::string about;
    for (const LogField& field : fields) {
        if (field.name != kReason && field.name != kContext)
            about += (about.empty() ? "" : ", ") + lower(field.name) + "=" + clean(field.value);
    }
    return about.empty() ? text : text + " [" + about + "]";
}

void write(const LogMessage& message, LogFields fields) {
    if (log_parts::is_journal_stream(secure_getenv("JOURNAL_STREAM"), STDERR_FILENO) &&
        log_parts::send_entry(kJournalSocket, log_parts::format_entry(message, fields)))
        return;
    const std::string line = log_parts::format_line(message, fields);
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

namespace log_parts {

std::string format_line(const LogMessage& message, LogFields fields) {
    return "<" + std::to_string(static_cast<int>(message.level)) + ">" +
           format_text(message, fields) + "\n";
}

std::string format_entry(const LogMessage& message, LogFields fields) {
    std::string entry = "MESSAGE=" + format_text(message, fields) + "\n";
    entry.append("MESSAGE_ID=").append(message.id);
    entry += "\nPRIORITY=" + std::to_string(static_cast<int>(message.level));
    entry.append("\nSYSLOG_IDENTIFIER=").append(program_invocation_short_name);
    entry.append("\nPATD_EVENT=").append(message.event).append("\n");
    for (const LogField& field : fields)
        entry.append("PATD_").append(field.name).append("=") += clean(field.value) + "\n";
    return entry;
}

bool is_journal_stream(const char* stream, int fd) {
    struct stat status {};
    return stream != nullptr && fstat(fd, &status) == 0 &&
           std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

bool send_entry(const char* socket_path, std::string_view entry) {
    const Result<sockaddr_un> address = unix_address(socket_path);
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return address && socket &&
           sendto(socket.get(), entry.data(), entry.size(), MSG_NOSIGNAL, as_sockaddr(*address),
                  sizeof *address) == static_cast<ssize_t>(entry.size());
}

}  // namespace log_parts

void log(const LogMessage& message, std::initializer_list<LogField> fields) {
    write(message, {fields.begin(), fields.size()});
}

void log(const LogMessage& message, const Error& error, std::initializer_list<LogField> fields) {
    std::vector<LogField> all{{kReason, std::string(errc_name(error.code))}};
    if (!error.context.empty())
        all.push_back({kContext, error.context});
    all.insert(all.end(), fields);
    write(message, all);
}

}  // namespace patd
