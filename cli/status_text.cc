// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/status_text.h"

#include "cli/table.h"
#include "cli/time_text.h"

namespace patd::cli {
namespace {

// "5 MiB": the size in its largest unit of which there is one.
std::string format_bytes(std::int64_t bytes) {
    constexpr std::int64_t kKi = 1024;
    if (bytes >= kKi * kKi * kKi)
        return std::to_string(bytes / (kKi * kKi * kKi)) + " GiB";
    if (bytes >= kKi * kKi)
        return std::to_string(bytes / (kKi * kKi)) + " MiB";
    return std::to_string(bytes / kKi) + " KiB";
}

std::string format_rate(const client::Dictionary& status, const std::string& name) {
    return std::to_string(status.count(name + "-minute")) + " in the last minute, " +
           std::to_string(status.time(name)) + " since the start";
}

std::string format_key(const std::string& source) {
    if (source == "credential")
        return "from systemd's credential";
    if (source == "keyring")
        return "from your keyring";
    return source == "file" ? "from a file" : printable(source);
}

std::string format_config(const client::Dictionary& status, UnixTime now) {
    std::string text = "loaded " + format_distance(status.time("config-loaded"), now);
    if (!status.has("config-files"))
        return text;
    text += ", " + std::to_string(status.count("config-files")) + " files";
    if (status.flag("config-refused"))
        text += "\nthe newest one is faulty and not in force; run 'patd --check-config'";
    return text;
}

void add_for_root(const client::Dictionary& status, Fields& fields) {
    fields.add("Store", printable(status.text("store")) + ", " +
                            format_bytes(status.time("store-bytes")) + ", " +
                            std::to_string(status.count("tokens-all")) + " tokens of all users");
    fields.add("Releases", format_rate(status, "releases"));
    fields.add("Verifies", format_rate(status, "verifies"));
    fields.add("Refusals", format_rate(status, "refusals"));
}

// Which service this is, and why it was asked.
std::string format_mode(const std::string& mode) {
    if (mode == "user")
        return "your own service on the session bus, because of --session";
    return mode == "system" ? "the system service, as always without --session" : printable(mode);
}

}  // namespace

std::string format_status(const client::Dictionary& status, UnixTime now) {
    Fields fields;
    fields.add("User",
               printable(status.text("user")) + " (" + std::to_string(status.count("uid")) + ")");
    if (status.has("mode"))
        fields.add("Answer of", format_mode(status.text("mode")));
    if (status.has("keyring")) {
        const auto why = errc_from_name(status.text("keyring"));
        fields.add("Keyring", std::string(errc_message(why.value_or(Errc::Unavailable))));
        return fields.format();
    }
    fields.add("Locked", status.flag("locked") ? "yes; run 'patctl unlock'" : "no");
    fields.add("Tokens", std::to_string(status.count("tokens")) + " of at most " +
                             std::to_string(status.count("tokens-max")));
    if (const std::int64_t longest = status.time("token-lifetime-max"); longest != 0)
        fields.add("Expiry", "needed, at most " + std::to_string(longest / 3600) + " hours ahead");
    std::string service = "patd " + printable(status.text("version")) + ", store schema " +
                          std::to_string(status.count("schema"));
    if (status.has("started"))
        service += ", started " + format_distance(status.time("started"), now);
    fields.add("Service", service);
    if (status.has("key-source"))
        fields.add("Key", format_key(status.text("key-source")));
    if (status.has("config-loaded"))
        fields.add("Config", format_config(status, now));
    if (status.has("store"))
        add_for_root(status, fields);
    return fields.format();
}

}  // namespace patd::cli
