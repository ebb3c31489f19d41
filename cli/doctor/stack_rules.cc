// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/stack_rules.h"

#include "cli/doctor/pam_line.h"
#include "cli/doctor/service_files.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <optional>

namespace patd::cli::doctor {
namespace {

struct Program {
    const char* service;
    const char* refused;  // whom an account rule of pam_pat.so refuses there
};

constexpr std::array kPrograms = {
    Program{"sudo", "whoever sudo does not ask again (15 minutes, NOPASSWD)"},
    Program{"sudo-i", "whoever sudo -i does not ask again (15 minutes, NOPASSWD)"},
    Program{"su", "root, whom su does not ask"},
    Program{"su-l", "root, whom su - does not ask"},
    Program{"runuser", "root, whom runuser does not ask"},
    Program{"runuser-l", "root, whom runuser -l does not ask"},
    Program{"login", "whom login does not ask (login -f)"},
    Program{"cron", "every user's crontab"},
    Program{"systemd-user", "every user's own manager"},
    Program{"sshd", "whoever logs in with a key"},
};

bool is_word(const std::string& word, const char* other) {
    return strcasecmp(word.c_str(), other) == 0;
}

// Whether a key is enough for one of the lists of AuthenticationMethods.
// "publickey,keyboard-interactive" needs both.
bool lets_key_in_alone(const FileLine& line) {
    return std::any_of(line.words.begin() + 1, line.words.end(), [](const std::string& list) {
        return list.find("keyboard-interactive") == std::string::npos &&
               list.find("password") == std::string::npos;
    });
}

// Whether somebody can come in with a key alone. Of several values the first counts, and what
// stands behind a Match is not for everybody, sshd_config(5).
bool takes_keys(const Machine& machine) {
    std::vector<FileLine> lines = read_folder(machine, "/etc/ssh/sshd_config.d", ".conf");
    for (FileLine& line : read_lines(machine, "/etc/ssh/sshd_config"))
        lines.push_back(std::move(line));
    std::optional<bool> keys;
    std::optional<bool> alone;
    std::string over;  // the file whose first Match was met
    for (const FileLine& line : lines) {
        if (line.path == over || line.words.size() < 2)
            continue;
        if (is_word(line.words[0], "Match"))
            over = line.path;
        else if (is_word(line.words[0], "PubkeyAuthentication"))
            keys = keys.value_or(!is_word(line.words[1], "no"));
        else if (is_word(line.words[0], "AuthenticationMethods"))
            alone = alone.value_or(lets_key_in_alone(line));
    }
    return keys.value_or(true) && alone.value_or(true);
}

// Whether what the module refuses is refused, whatever other rules say.
bool decides(const PamLine& line) {
    return line.control == "required" || line.control == "requisite" ||
           line.control.find("default=bad") != std::string::npos ||
           line.control.find("default=die") != std::string::npos;
}

void check_program(const Machine& machine, const Program& program, Findings& findings) {
    const std::string path = std::string("/etc/pam.d/") + program.service;
    const std::vector<PamLine> lines = parse_pam_lines(read_text(machine, path).value_or(""));
    const auto refuses = [](const PamLine& line) {
        return line.type == "account" && line.is_for_pam_pat() && decides(line);
    };
    if (std::none_of(lines.begin(), lines.end(), refuses))
        return;
    // Debian's file; elsewhere a service has account rules of its own.
    const bool has_common = look_at(machine, "/etc/pam.d/common-account").is_there();
    const bool has_others = std::any_of(lines.begin(), lines.end(), [&](const PamLine& line) {
        return has_common ? line.is_include() && line.module == "common-account"
                          : line.type == "account" && !line.is_for_pam_pat();
    });
    // sudo refuses root too, whom it never asks; with -k it asks everybody else, who has a token.
    const bool is_sudo = std::string(program.service).starts_with("sudo");
    const std::string as_root = !is_sudo ? "sudo " : machine.user.is_root() ? "" : "sudo -k ";
    const std::string rule =
        has_common ? "@include common-account" : "account required pam_unix.so";
    const std::string change = has_others ? "d" : "s/.*/" + rule + "/";
    findings.warn(path + ": the account rule of pam_pat.so refuses " + program.refused,
                  as_root + "sed -i '/^[[:blank:]]*-\\{0,1\\}account[[:blank:]].*pam_pat\\.so/" +
                      change + "' " + path);
}

}  // namespace

void check_stack_rules(const Machine& machine, Findings& findings) {
    for (const Program& program : kPrograms) {
        if (std::string(program.service) != "sshd" || takes_keys(machine))
            check_program(machine, program, findings);
    }
}

}  // namespace patd::cli::doctor
