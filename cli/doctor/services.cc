// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/services.h"

#include "cli/doctor/dovecot.h"
#include "cli/doctor/service_files.h"
#include "cli/doctor/stack_rules.h"
#include "cli/git/git_config.h"
#include "cli/text/counted.h"
#include "cli/text/table.h"
#include "common/base/parse_number.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace patd::cli::doctor {
namespace {

// Up to that a kept answer is no finding.
constexpr std::int64_t kBriefSeconds = 60;

// saslauthd

// The PAM services of those who ask it are named by the protocol.
constexpr std::array kSaslServices = {"smtp", "imap", "pop",  "pop3", "sieve",
                                      "ldap", "lmtp", "nntp", "xmpp", "http"};

// What /etc/default/saslauthd sets in `name`, without its quotes.
std::vector<std::string> find_setting(const std::vector<FileLine>& lines, const std::string& name) {
    std::vector<std::string> found;
    for (const FileLine& line : lines) {
        if (!line.words[0].starts_with(name + "="))
            continue;
        found = line.words;
        found[0].erase(0, name.size() + 1);
        for (std::string& word : found)
            std::erase_if(word, [](char byte) { return byte == '"' || byte == '\''; });
    }
    return found;
}

// For how long it takes a password without asking; 0 where it does not.
std::int64_t find_sasl_seconds(const std::vector<std::string>& options) {
    bool keeps = false;
    std::int64_t seconds = 28800;
    for (std::size_t i = 0; i < options.size(); ++i) {
        keeps = keeps || options[i] == "-c";
        if (options[i] == "-t" && i + 1 < options.size())
            seconds = parse_number<std::int64_t>(options[i + 1]).value_or(seconds);
    }
    return keeps ? seconds : 0;
}

void check_saslauthd_file(const Machine& machine, const std::string& name, Findings& findings) {
    // What stands before or behind -c stays: a quote, a blank, or nothing.
    constexpr char kWithoutCache[] =
        R"(/^[[:blank:]]*OPTIONS=/s/\([="'[:blank:]]\)-c\(["'[:blank:]]\|$\)/\1\2/)";
    const std::string path = "/etc/default/" + name;
    const std::vector<FileLine> lines = read_lines(machine, path);
    const std::vector<std::string> mechanisms = find_setting(lines, "MECHANISMS");
    const std::int64_t seconds = find_sasl_seconds(find_setting(lines, "OPTIONS"));
    if (seconds <= kBriefSeconds ||
        std::find(mechanisms.begin(), mechanisms.end(), "pam") == mechanisms.end())
        return;
    for (const char* service : kSaslServices) {
        if (takes_tokens(machine, service))
            return findings.warn(
                path + ": saslauthd (-c) accepts a token for " +
                    counted(static_cast<std::size_t>(seconds / 60), "more minute") +
                    " after it was deleted, also for /etc/pam.d/" + service,
                "sudo sed -i " + quote_for_shell(kWithoutCache) + " " + quote_for_shell(path) +
                    " && sudo systemctl restart saslauthd");
    }
}

void check_saslauthd(const Machine& machine, Findings& findings) {
    for (const std::string& name :
         list_names(machine, "/etc/default").value_or(std::vector<std::string>())) {
        // A dot is in what dpkg or an editor left there (saslauthd-postfix.dpkg-old).
        if (name == "saslauthd" ||
            (name.starts_with("saslauthd-") && name.find('.') == std::string::npos))
            check_saslauthd_file(machine, name, findings);
    }
}

// Squid

std::int64_t seconds_of_unit(const std::string& unit) {
    constexpr std::array<std::pair<const char*, std::int64_t>, 5> kSpans = {
        {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}, {"week", 604800}}};
    for (const auto& [name, seconds] : kSpans) {
        if (unit == name || unit == std::string(name) + "s")
            return seconds;
    }
    return 1;
}

// Whether a line is `auth_param basic NAME ...` with something behind it.
bool is_auth_param(const FileLine& line, const char* name) {
    return line.words.size() > 3 && line.words[0] == "auth_param" && line.words[1] == "basic" &&
           line.words[2] == name;
}

// The PAM service of a line that starts basic_pam_auth(8).
std::string squid_service(const std::vector<std::string>& words) {
    for (std::size_t i = 3; i < words.size(); ++i) {
        if (words[i] == "-n" && i + 1 < words.size())
            return words[i + 1];
        if (words[i].starts_with("-n") && words[i].size() > 2)
            return words[i].substr(2);
    }
    return "squid";
}

void check_squid(const Machine& machine, Findings& findings) {
    constexpr char kBrief[] = "auth_param basic credentialsttl 1 second";
    constexpr char kReload[] = " && sudo systemctl reload squid";
    std::vector<FileLine> lines = read_lines(machine, "/etc/squid/squid.conf");
    for (FileLine& line : read_folder(machine, "/etc/squid/conf.d", ".conf"))
        lines.push_back(std::move(line));
    const FileLine* program = nullptr;
    const FileLine* kept = nullptr;
    for (const FileLine& line : lines) {
        if (is_auth_param(line, "program"))
            program = &line;
        if (is_auth_param(line, "credentialsttl"))
            kept = &line;
    }
    if (program == nullptr || !program->words[3].ends_with("/basic_pam_auth") ||
        !takes_tokens(machine, squid_service(program->words)))
        return;
    const std::string unit = kept != nullptr && kept->words.size() > 4 ? kept->words[4] : "";
    if (kept == nullptr)
        findings.warn("Squid accepts a token for another two hours after it was deleted",
                      "sudo sed -i " + program->edit(std::string("a ") + kBrief) + kReload);
    else if (parse_number<std::int64_t>(kept->words[3]).value_or(0) * seconds_of_unit(unit) >
             kBriefSeconds)
        findings.warn(kept->path + ": Squid accepts a token for another " +
                          printable(kept->words[3]) + " " + printable(unit) +
                          " after it was deleted",
                      "sudo sed -i " + kept->edit(std::string("s/.*/") + kBrief + "/") + kReload);
}

// ejabberd

// Whether `auth_method: pam`, `auth_method: [internal, pam]` or an item of a list below it names
// PAM.
bool names_pam(const FileLine& line) {
    if (line.words[0] != "auth_method:" && line.words[0] != "-")
        return false;
    return std::any_of(line.words.begin() + 1, line.words.end(), [](const std::string& word) {
        constexpr std::string_view kMarks = "[],\"'";
        std::string_view rest = word;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find_first_of(kMarks), rest.size());
            if (rest.substr(0, end) == "pam")
                return true;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return false;
    });
}

void check_ejabberd(const Machine& machine, Findings& findings) {
    const std::string path = "/etc/ejabberd/ejabberd.yml";
    std::string service = "ejabberd";
    bool uses_pam = false;
    bool says = false;   // for all hosts; what is indented is for one
    bool keeps = false;  // in so many words
    for (const FileLine& line : read_lines(machine, path)) {
        if (line.words[0] == "pam_service:" && line.words.size() > 1)
            service = line.words[1];
        if (line.words[0] == "auth_use_cache:") {
            says = says || !line.indented;
            keeps = keeps || line.words.back() != "false";
        }
        uses_pam = uses_pam || names_pam(line);
    }
    if (!uses_pam || (says && !keeps) || !takes_tokens(machine, service))
        return;
    // The same key twice is an error there.
    std::string fix;
    if (keeps)
        fix = "sudo sed -i 's/auth_use_cache:.*/auth_use_cache: false/' " + path + " && ";
    if (!says)
        fix += "printf '\\nauth_use_cache: false\\n' | sudo tee -a " + path + " && ";
    findings.warn(path +
                      ": ejabberd accepts a token for another hour after it was deleted, and "
                      "refuses its owner's other tokens during that time",
                  fix + "sudo systemctl restart ejabberd");
}

// sudo

void check_sudo(const Machine& machine, Findings& findings) {
    if (!takes_tokens(machine, "sudo"))
        return;
    if (!read_text(machine, "/etc/sudoers"))
        return findings.hide("/etc/sudoers");
    std::vector<FileLine> lines = read_lines(machine, "/etc/sudoers");
    for (FileLine& line : read_folder(machine, "/etc/sudoers.d", ""))
        lines.push_back(std::move(line));
    for (const FileLine& line : lines) {
        for (const std::string& word : line.words) {
            if (line.words[0] == "Defaults" && word.find("timestamp_timeout=0") == 0)
                return;
        }
    }
    findings.note(
        "sudo does not ask again for 15 minutes after it accepted a token, even if that token has "
        "been deleted",
        "printf '\\nDefaults timestamp_timeout=0\\n' | sudo tee -a /etc/sudoers.d/patd");
}

// PostgreSQL

bool is_of_this_machine(const std::string& address) {
    return address.starts_with("127.") || address.starts_with("::1") || address == "localhost" ||
           address == "samehost";
}

void check_hba_line(const Machine& machine, const FileLine& line, Findings& findings) {
    constexpr std::array kInClear = {"host", "hostnossl", "hostnogssenc"};
    const std::string& type = line.words[0];
    const auto method = std::find(line.words.begin(), line.words.end(), "pam");
    if (std::find(kInClear.begin(), kInClear.end(), type) == kInClear.end() ||
        method - line.words.begin() < 4 || method == line.words.end() ||
        is_of_this_machine(line.words[3]))
        return;
    constexpr std::string_view kService = "pamservice=";
    std::string service = "postgresql";
    for (auto option = method + 1; option != line.words.end(); ++option) {
        if (option->starts_with(kService))
            service = option->substr(kService.size());
    }
    std::erase(service, '"');
    if (takes_tokens(machine, service))
        findings.warn(line.path + ", line " + std::to_string(line.number) +
                          ": PostgreSQL accepts tokens without TLS, and libpq retries a refused "
                          "token that way",
                      "sudo sed -i " + line.edit("s/host[a-z]*/hostssl/") +
                          " && sudo systemctl reload postgresql");
}

void check_postgresql(const Machine& machine, Findings& findings) {
    const std::string top = "/etc/postgresql";
    const auto names = [&](const std::string& folder) {
        return list_names(machine, folder).value_or(std::vector<std::string>());
    };
    for (const std::string& version : names(top)) {
        for (const std::string& cluster : names(top + "/" + version)) {
            const std::string path =
                std::string(top).append("/").append(version).append("/").append(cluster).append(
                    "/pg_hba.conf");
            if (!read_text(machine, path) && look_at(machine, path).presence != Presence::Missing)
                findings.hide(path);
            for (const FileLine& line : read_lines(machine, path))
                check_hba_line(machine, line, findings);
        }
    }
}

}  // namespace

void check_services(const Machine& machine, Findings& findings) {
    check_stack_rules(machine, findings);
    check_saslauthd(machine, findings);
    check_squid(machine, findings);
    check_dovecot(machine, findings);
    check_ejabberd(machine, findings);
    check_sudo(machine, findings);
    check_postgresql(machine, findings);
}

}  // namespace patd::cli::doctor
