// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/stack_rules.h"

#include "cli/doctor/service_files.h"
#include "cli/git/git_config.h"
#include "cli/text/table.h"
#include "common/base/pam_line.h"

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

constexpr char kStackFolder[] = "/etc/pam.d/";
constexpr char kCommon[] = "common-account";
constexpr char kDeny[] = "pam_deny.so";
constexpr std::array kPrograms = {
    Program{"sudo", "users whom sudo does not ask again (15 minutes, NOPASSWD)"},
    Program{"sudo-i", "users whom sudo -i does not ask again (15 minutes, NOPASSWD)"},
    Program{"su", "root, whom su does not ask"},
    Program{"su-l", "root, whom su - does not ask"},
    Program{"runuser", "root, whom runuser does not ask"},
    Program{"runuser-l", "root, whom runuser -l does not ask"},
    Program{"login", "users whom login does not ask (login -f)"},
    Program{"cron", "every user's crontab"},
    Program{"systemd-user", "every user's own manager"},
    Program{"sshd", "users who log in with a key"},
};

// The PAM services of programs that may read /etc/shadow. Others cannot ask whether an account has
// expired: common-account would refuse everybody there.
constexpr std::array kAsRoot = {
    "sshd",    "cockpit",     "dovecot", "smtp",    "imap",      "pop3",    "sieve",
    "ldap",    "cups",        "vsftpd",  "proftpd", "pure-ftpd", "openvpn", "radiusd",
    "mariadb", "xrdp-sesman", "sudo",    "sudo-i",  "su",        "su-l",    "login",
};

// They ask nothing of an account.
constexpr std::array kAskNothing = {"pam_permit.so", "pam_nologin.so"};

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

bool asks_nothing(const PamLine& line) {
    return std::any_of(kAskNothing.begin(), kAskNothing.end(),
                       [&](const char* module) { return line.is_for(module); });
}

// What a file should have in the place of its own account rules of pam_pat.so, or beside them.
struct SystemsRule {
    std::string text;
    bool is_there = false;
};

// Whether a line of a file, or one that it includes, asks whether an account may come in.
bool asks(const Machine& machine, const PamLine& line) {
    std::vector<PamLine> rules{line};
    if (line.includes_type())
        rules = find_rules(machine, line.module, "account");
    return line.type == "account" &&
           std::any_of(rules.begin(), rules.end(), [](const PamLine& rule) {
               return !rule.is_for_pam_pat() && !rule.is_for(kDeny) && !asks_nothing(rule);
           });
}

SystemsRule find_systems_rule(const Machine& machine, const std::vector<PamLine>& lines) {
    // Debian's file; elsewhere a service has account rules of its own.
    const bool has_common = look_at(machine, std::string(kStackFolder) + kCommon).is_there();
    const bool is_there = std::any_of(lines.begin(), lines.end(), [&](const PamLine& line) {
        return has_common ? line.is_include() && line.module == kCommon : asks(machine, line);
    });
    return {has_common ? std::string("@include ") + kCommon : "account required pam_unix.so",
            is_there};
}

// Whether rules of a file count on the places of others, so that no line can be changed for itself:
// pam_deny.so refuses whom none before it let in, a jump counts rules, and a backslash takes the
// next line in.
bool must_be_edited(const Machine& machine, const std::string& service) {
    const std::string text = read_text(machine, kStackFolder + service).value_or("");
    const std::vector<PamLine> rules = find_rules(machine, service, "account");
    return text.find("\\\n") != std::string::npos ||
           std::any_of(rules.begin(), rules.end(), [&](const PamLine& rule) {
               return (rule.is_for(kDeny) && rule.service != kCommon) ||
                      (rule.service == service &&
                       rule.control.find_first_of("0123456789") != std::string::npos);
           });
}

// What to write before a command. sudo refuses root too, whom it never asks; with -k it asks
// everybody else, who has a token.
std::string as_root(const Machine& machine, const std::string& service) {
    if (!service.starts_with("sudo"))
        return "sudo ";
    return machine.user.is_root() ? "" : "sudo -k ";
}

std::string edit(const Machine& machine, const std::string& service, const std::string& path) {
    const std::string before = as_root(machine, service);
    return (before.empty() ? "${EDITOR:-vi} " : before + "-e ") + quote_for_shell(path);
}

std::string by_hand(const SystemsRule& rule, const std::string& path) {
    return "; other rules depend on its position, so edit " + printable(path) + ": '" + rule.text +
           "' in place of the pam_pat.so rule, without pam_deny.so after it";
}

// The command that puts the system's rule in the place of pam_pat.so's.
std::string replace_own_rule(const std::string& path, const SystemsRule& rule) {
    const std::string change = rule.is_there ? "d" : "s/.*/" + rule.text + "/";
    return "sed -i '/^[[:blank:]]*-\\{0,1\\}account[[:blank:]].*pam_pat\\.so/" + change + "' " +
           quote_for_shell(path);
}

// Gives whether it found something.
bool check_program(const Machine& machine, const Program& program, Findings& findings) {
    const std::string path = std::string(kStackFolder) + program.service;
    const std::vector<PamLine> lines = parse_pam_lines(read_text(machine, path).value_or(""));
    if (std::none_of(lines.begin(), lines.end(), [](const PamLine& line) {
            return is_own_account_rule(line) && decides(line);
        }))
        return false;
    const SystemsRule rule = find_systems_rule(machine, lines);
    const std::string found =
        path + ": the account rule of pam_pat.so refuses " + std::string(program.refused);
    if (must_be_edited(machine, program.service))
        findings.warn(found + by_hand(rule, path), edit(machine, program.service, path));
    else
        findings.warn(found, as_root(machine, program.service) + replace_own_rule(path, rule));
    return true;
}

// Whether nobody but pam_pat.so is asked whether who showed a token may come in.
bool asks_of_no_account(const std::vector<PamLine>& rules) {
    for (const PamLine& rule : rules) {
        if (rule.is_for_pam_pat()) {
            if (ends_with_success(rule))
                return true;
        } else if (!asks_nothing(rule)) {
            return false;
        }
    }
    // Where a file has none at all, those of the service `other` count.
    return !rules.empty();
}

void check_expiry(const Machine& machine, const std::string& service, Findings& findings) {
    const std::vector<PamLine> rules = find_rules(machine, service, "account");
    if (!takes_tokens(machine, service) || !asks_of_no_account(rules))
        return;
    const auto end = std::find_if(rules.begin(), rules.end(), [](const PamLine& line) {
        return is_own_account_rule(line) && ends_with_success(line);
    });
    const bool ends = end != rules.end();
    const std::string path = kStackFolder + (ends ? end->service : service);
    const SystemsRule rule =
        find_systems_rule(machine, parse_pam_lines(read_text(machine, path).value_or("")));
    const std::string found =
        kStackFolder + service + ": a token lets in a user whose account has expired";
    // What is included is other services' too.
    if (path != kStackFolder + service || must_be_edited(machine, service))
        findings.warn(found + by_hand(rule, path), edit(machine, service, path));
    else
        findings.warn(found, as_root(machine, service) +
                                 (ends ? replace_own_rule(path, rule)
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
