// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/status_text.h"

#include "cli/text/counted.h"
#include "cli/text/limited_text.h"
#include "cli/text/table.h"
#include "cli/text/time_text.h"
#include "common/base/errc.h"

#include <algorithm>

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

std::string format_seal(const std::string& by) {
    if (by == "tpm2")
        return "sealed by the TPM";
    if (by == "host+tpm2")
        return "sealed by the TPM and a key file of this machine";
    if (by == "host")
        return "sealed by a key file of this machine; TPM: no";
    return by == "null" ? "not sealed" : "sealed in an unknown way";
}

std::string format_key(const client::Dictionary& status) {
    const std::string source = status.text("key-source");
    if (source == "file")
        return "from a file; TPM: no";
    if (source == "keyring")
        return "from your keyring";
    if (source != "credential")
        return printable(source);
    if (!status.has("key-sealed-by"))
        return "from systemd's credential; only root sees what seals it";
    const bool unused = status.flag("tpm-unused");
    return format_seal(status.text("key-sealed-by")) + ", " + printable(status.text("key-file")) +
           (unused ? "; this machine has one: run 'sudo patctl doctor'" : "");
}

std::string format_clock(const client::Dictionary& status) {
    const std::string clock = status.text("clock");
    if (clock == "ahead")
        return "jumped forward by more than a day; tokens may expire early until it is right again";
    const std::string fix = "; run 'sudo patctl doctor'";
    if (clock == "behind")
        return "went back; tokens expire by " + format_time(status.time("time")) + fix;
    return "is far behind " + format_time(status.time("time")) +
           ", a time already seen; tokens that expire are refused" + fix;
}

std::string format_config(const client::Dictionary& status, UnixTime now) {
    std::string text = "loaded " + format_distance(status.time("config-loaded"), now);
    if (!status.has("config-files"))
        return text;
    text += ", " + counted(status.count("config-files"), "file");
    if (status.flag("config-refused"))
        text += "\nthe newest version has errors and is not used; run 'patctl admin check-config'";
    return text;
}

std::string format_count(const client::Dictionary& status) {
    std::string text = std::to_string(status.count("tokens")) + " of at most " +
                       std::to_string(status.count("tokens-max"));
    const std::uint32_t expiring = status.count("tokens-expiring");
    if (expiring == 0)
        return text;
    return text + "; " + std::to_string(expiring) + (expiring == 1 ? " expires" : " expire") +
           " soon, see 'patctl list'";
}

std::string format_limited(const std::vector<std::string>& limited) {
    std::string text;
    for (const std::string& entry : limited)
        text += (text.empty() ? "" : "\n") + describe_limited(entry);
    return text;
}

// "next try in 41 s", and for root who else has to wait.
std::string format_waits(const client::Dictionary& status) {
    std::string text;
    if (const std::uint32_t seconds = status.count("password-wait"); seconds > 0)
        text = "too many wrong ones; next try in " + std::to_string(seconds) + " s";
    for (const std::string& wait : status.texts("password-waits")) {
        const std::string user = wait.substr(0, wait.rfind(' '));
        text += (text.empty() ? "" : "\n") + printable(user) + " has to wait for " +
                printable(wait.substr(std::min(wait.size(), user.size() + 1))) +
                " s; 'patctl admin passwd " + printable(user) + "' ends it";
    }
    return text;
}

void add_for_root(const client::Dictionary& status, Fields& fields) {
    fields.add("Store", printable(status.text("store")) + ", " +
                            format_bytes(status.time("store-bytes")) + ", " +
                            counted(status.count("tokens-all"), "token") +
                            " of all users, schema " + std::to_string(status.count("schema")));
    fields.add("Releases", format_rate(status, "releases"));
    fields.add("Verifies", format_rate(status, "verifies"));
    fields.add("Refusals", format_rate(status, "refusals"));
    if (const auto limited = status.texts("limited"); !limited.empty())
        fields.add("Limited", format_limited(limited));
}

// Which service this is, and why it was asked.
std::string format_service(const client::Dictionary& status, UnixTime now) {
    std::string text = "patd " + printable(status.text("version"));
    const std::string mode = status.text("mode");
    if (mode == "system")
        text += " (system)";
    else if (mode == "user")
        text += " (your own service on the session bus, because of --session)";
    else if (!mode.empty())
        text += " (" + printable(mode) + ")";
    if (!status.has("started"))
        return text;
    const UnixTime up = now - status.time("started");
    return text + (up < 60 ? ", just started" : ", up " + format_length(up));
}

std::string format_git(bool asks) {
    return asks ? "asks patd" : "does not ask patd; run 'patctl setup git'";
}

std::string format_exposures(std::size_t exposures) {
    return exposures == 0 ? "none" : std::to_string(exposures) + "; see 'patctl expose'";
}

void add_for_user(const client::Dictionary& status, const Surroundings& around, Fields& fields) {
    if (const std::string waits = format_waits(status); !waits.empty())
        fields.add("Password", waits);
    else if (status.has("service-password"))
        fields.add("Password",
                   status.flag("service-password") ? "set" : "not set; run 'patctl passwd'");
    fields.add("Locked", status.flag("locked") ? "yes; run 'patctl unlock'" : "no");
    fields.add("Tokens", format_count(status));
    if (const std::int64_t longest = status.time("token-lifetime-max"); longest != 0)
        fields.add("Expiry", "required, at most " + format_length(longest) + " ahead");
    if (around.git_asks)
        fields.add("git", format_git(*around.git_asks));
    if (status.has("gateway"))
        fields.add("Gateway", printable(status.text("gateway")));
    if (around.exposures)
        fields.add("Exposures", format_exposures(*around.exposures));
    if (status.has("rolled-back") && status.flag("rolled-back"))
        fields.add("Store",
                   "put back to an older state, so nothing is released; root must run "
                   "'patctl admin accept-rollback'");
    if (status.has("clock") && status.text("clock") != "right")
        fields.add("Clock", format_clock(status));
    if (status.has("memory-locked") && !status.flag("memory-locked"))
        fields.add("Memory", "not locked: secrets may be swapped out; run 'patctl doctor'");
    if (status.has("release-rules"))
        fields.add("Release rules", printable(status.text("release-rules")));
}

}  // namespace

std::string format_status(const client::Dictionary& status, const Surroundings& around,
                          UnixTime now, const Style& style) {
    Fields fields;
    fields.add("User",
               printable(status.text("user")) + " (" + std::to_string(status.count("uid")) + ")");
    fields.add("Service", format_service(status, now));
    if (status.has("keyring")) {
        const auto why = errc_from_name(status.text("keyring"));
        fields.add("Keyring", std::string(errc_message(why.value_or(Errc::Unavailable))));
        return fields.format(style);
    }
    add_for_user(status, around, fields);
    // What seals the key and what is configured is for who can change it.
    const bool own = status.text("mode") == "user";
    if (status.has("key-source") && (own || status.has("store")))
        fields.add("Key", format_key(status));
    if (status.has("config-loaded") && (own || status.has("store")))
        fields.add("Config", format_config(status, now));
    if (status.has("store"))
        add_for_root(status, fields);
    return fields.format(style);
}

}  // namespace patd::cli
