// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/config.h"

#include "cli/git/git_config.h"
#include "cli/io/process.h"
#include "cli/text/table.h"

#include <sysexits.h>
#include <unistd.h>

#include <algorithm>

namespace patd::cli::doctor {
namespace {

constexpr ConfigProgram kSystemProgram = {"/usr/libexec/patd/patd", "patd"};
constexpr ConfigProgram kOwnProgram = {"/usr/libexec/patd/patd-user", "patd-desktop"};

ConfigCheck::Fault parse_fault(const std::string& line) {
    const std::size_t end = line.find(": ");
    if (end == std::string::npos)
        return {"", "", line};
    const std::string place = line.substr(0, end);
    const std::size_t colon = place.rfind(':');
    const std::string number = colon == std::string::npos ? "" : place.substr(colon + 1);
    const bool is_number = !number.empty() && std::all_of(number.begin(), number.end(), [](char c) {
        return c >= '0' && c <= '9';
    });
    return {is_number ? place.substr(0, colon) : place, is_number ? number : "",
            line.substr(end + 2)};
}

std::string fix_of(const ConfigCheck::Fault& fault, bool own, bool runs) {
    const std::string verb = runs ? "reload" : "restart";
    return "sudoedit " + quote_for_shell(fault.file) + " && " +
           (own ? "systemctl --user " : "sudo systemctl ") + verb + " patd.service";
}

}  // namespace

std::vector<ConfigCheck::Fault> parse_faults(const std::string& text) {
    std::vector<ConfigCheck::Fault> faults;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (end > begin)
            faults.push_back(parse_fault(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return faults;
}

std::string format_fault(const ConfigCheck::Fault& fault) {
    const std::string line = fault.line.empty() ? "" : ":" + fault.line;
    return printable(fault.file + line + ": " + fault.text);
}

Result<ConfigCheck> ask_config(const std::string& root, const ConfigProgram& asked) {
    const std::string program = root + asked.path;
    if (access(program.c_str(), X_OK) != 0)
        return Error{Errc::Unavailable,
                     program + " is missing: " + asked.package + " is not installed"};
    std::vector<std::string> arguments = {program, "--check-config"};
    if (!root.empty())
        arguments.push_back("--config-root=" + root);
    ProcessResult ran = TRY(run_process(arguments));
    const bool has_faults = ran.status == EX_CONFIG || ran.status == EX_TEMPFAIL;
    if (ran.status != 0 && !has_faults)
        return Error{Errc::Internal, program + " cannot check the configuration"};
    return ConfigCheck{std::move(ran.output),
                       has_faults ? parse_faults(ran.errors) : std::vector<ConfigCheck::Fault>()};
}

Result<ConfigCheck> ask_config(const std::string& root, bool own) {
    return ask_config(root, own ? kOwnProgram : kSystemProgram);
}

bool check_config(const std::string& root, bool own, bool runs, Findings& findings) {
    const Result<ConfigCheck> check = ask_config(root, own);
    if (!check) {
        findings.hide("the configuration");
        return false;
    }
    for (const ConfigCheck::Fault& fault : check->faults)
        findings.error(format_fault(fault), fix_of(fault, own, runs));
    return !check->faults.empty();
}

}  // namespace patd::cli::doctor
