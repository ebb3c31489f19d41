// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/stack_rules.h"

#include "cli/doctor/pam_line.h"
#include "cli/doctor/service_files.h"
#include "cli/git/git_config.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace patd::cli::doctor {
namespace {

struct Program {
    const char* service;
    const char* refused;  // whom an account rule of pam_pat.so refuses there
};

constexpr char kFolder[] = "/etc/pam.d/";
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

// The PAM services of programs that may read /etc/shadow. Others cannot ask whether an account has
// expired: common-account would refuse everybody there.
constexpr std::array kAsRoot = {
    "sshd",    "cockpit",     "dovecot", "smtp",    "imap",      "pop3",    "sieve",
    "ldap",    "cups",        "vsftpd",  "proftpd", "pure-ftpd", "openvpn", "radiusd",
    "mariadb", "xrdp-sesman", "sudo",    "sudo-i",  "su",        "su-l",    "login",
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

// Whether no rule after this one is asked about whom the module lets in.
bool ends_with_success(const PamLine& line) {
    return line.control == "sufficient" || line.control.find("success=done") != std::string::npos;
}

bool is_own_account_rule(const PamLine& line) {
    return line.type == "account" && line.is_for_pam_pat();
}

// What a file should have in the place of its own account rules of pam_pat.so, or beside them.
struct SystemsRule {
    std::string text;
    bool is_there = false;
};

SystemsRule find_systems_rule(const Machine& machine, const std::vector<PamLine>& lines) {
    // Debian's file; elsewhere a service has account rules of its own.
    const bool has_common = look_at(machine, "/etc/pam.d/common-account").is_there();
    const bool is_there = std::any_of(lines.begin(), lines.end(), [&](const PamLine& line) {
        return has_common ? line.is_include() && line.module == "common-account"
                          : line.type == "account" && !line.is_for_pam_pat();
    });
    return {has_common ? "@include common-account" : "account required pam_unix.so", is_there};
}

// The command that puts the system's rule in the place of pam_pat.so's.
std::string replace_own_rule(const std::string& path, const SystemsRule& rule) {
    const std::string change = rule.is_there ? "d" : "s/.*/" + rule.text + "/";
    return "sed -i '/^[[:blank:]]*-\\{0,1\\}account[[:blank:]].*pam_pat\\.so/" + change + "' " +
           quote_for_shell(path);
}

// Gives whether it found something.
bool check_program(const Machine& machine, const Program& program, Findings& findings) {
    const std::string path = std::string(kFolder) + program.service;
    const std::vector<PamLine> lines = parse_pam_lines(read_text(machine, path).value_or(""));
    if (std::none_of(lines.begin(), lines.end(), [](const PamLine& line) {
            return is_own_account_rule(line) && decides(line);
        }))
        return false;
    // sudo refuses root too, whom it never asks; with -k it asks everybody else, who has a token.
    const bool is_sudo = std::string(program.service).starts_with("sudo");
    const std::string as_root = !is_sudo ? "sudo " : machine.user.is_root() ? "" : "sudo -k ";
    findings.warn(path + ": the account rule of pam_pat.so refuses " + program.refused,
                  as_root + replace_own_rule(path, find_systems_rule(machine, lines)));
    return true;
}

// Whether nobody but pam_pat.so is asked whether who showed a token may come in.
bool asks_of_no_account(const std::vector<PamLine>& rules) {
    constexpr std::array kAskNothing = {"pam_permit.so", "pam_nologin.so"};
    for (const PamLine& rule : rules) {
        if (rule.is_for_pam_pat()) {
            if (ends_with_success(rule))
                return true;
        } else if (std::find(kAskNothing.begin(), kAskNothing.end(), rule.module) ==
                   kAskNothing.end()) {
            return false;
        }
    }
    // Where a file has none at all, those of the service `other` count.
    return !rules.empty();
}

void check_expiry(const Machine& machine, const std::string& service, Findings& findings) {
    if (!takes_tokens(machine, service) ||
        !asks_of_no_account(find_rules(machine, service, "account")))
        return;
    const std::string path = kFolder + service;
    const std::vector<PamLine> lines = parse_pam_lines(read_text(machine, path).value_or(""));
    const SystemsRule rule = find_systems_rule(machine, lines);
    const bool ends = std::any_of(lines.begin(), lines.end(), [](const PamLine& line) {
        return is_own_account_rule(line) && ends_with_success(line);
    });
    findings.warn(path + ": a token lets in somebody whose account has expired",
                  "sudo " + (ends ? replace_own_rule(path, rule)
                                  : "sed -i '$a " + rule.text + "' " + quote_for_shell(path)));
}

}  // namespace

void check_stack_rules(const Machine& machine, Findings& findings) {
    std::set<std::string> found;
    for (const Program& program : kPrograms) {
        if ((std::string(program.service) != "sshd" || takes_keys(machine)) &&
            check_program(machine, program, findings))
            found.insert(program.service);
    }
    for (const char* entry : kAsRoot) {
        // The second is how the examples call one beside the packaged file.
        for (const std::string& service : {std::string(entry), std::string(entry) + "-token"}) {
            if (!found.contains(service))
                check_expiry(machine, service, findings);
        }
    }
}

}  // namespace patd::cli::doctor
