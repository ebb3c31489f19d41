// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/pam_files.h"

#include "cli/text/table.h"
#include "common/base/names.h"
#include "common/base/pam_line.h"
#include "common/token/permission.h"
#include "common/token/target.h"

#include <sys/stat.h>

#include <algorithm>

namespace patd::cli::doctor {
namespace {

constexpr char kFolder[] = "/etc/pam.d";
constexpr char kReinstall[] = "sudo apt install --reinstall patd";
constexpr char kRestoreFile[] =
    "sudo apt install --reinstall -o Dpkg::Options::=--force-confmiss patd";

std::string path_of(const std::string& service) {
    return std::string(kFolder) + "/" + service;
}

std::string edit(const std::string& service) {
    return "sudoedit " + path_of(service);
}

// libpam takes a name without a slash from its own directory, which has the machine's triplet.
bool is_module_there(const Machine& machine, const std::string& module) {
    if (module.starts_with('/'))
        return look_at(machine, module).presence != Presence::Missing;
    const std::string below = "/security/" + module;
    for (const char* library : {"/usr/lib/", "/lib/"}) {
        std::vector<std::string> names =
            list_names(machine, library).value_or(std::vector<std::string>());
        names.insert(names.begin(), ".");
        for (const std::string& name : names) {
            if (look_at(machine, std::string(library).append(name).append(below)).is_there())
                return true;
        }
    }
    return false;
}

std::optional<std::string> find_value(const PamLine& line, const std::string& key) {
    for (const std::string& argument : line.arguments) {
        if (argument.starts_with(key + "="))
            return argument.substr(key.size() + 1);
    }
    return std::nullopt;
}

bool has_word(const PamLine& line, const char* word) {
    return std::find(line.arguments.begin(), line.arguments.end(), word) != line.arguments.end();
}

void check_token_arguments(const std::string& service, const PamLine& line, Findings& findings) {
    const std::optional<std::string> permission = find_value(line, "permission");
    const std::optional<std::string> audience = find_value(line, "audience");
    const std::string where = path_of(service) + ": the " + printable(line.type) + " rule ";
    if (!permission)
        findings.error(where +
                           "of pam_pat.so token has no permission=; add for example "
                           "permission=vcs:repository:ro",
                       edit(service));
    else if (!Permission::parse(*permission))
        findings.error(where + "has a permission= that is not AREA:OBJECT:ro or rw", edit(service));
    if (!audience)
        findings.error(where +
                           "of pam_pat.so token has no audience=; add the service's own "
                           "address, for example audience=https://git.example",
                       edit(service));
    else if (!Origin::parse(*audience))
        findings.error(where + "has an audience= that is not PROTOCOL://HOST[:PORT]",
                       edit(service));
}

void check_rule(const Machine& machine, const std::string& service, const PamLine& line,
                Findings& findings) {
    const std::string where = path_of(service) + ": the " + printable(line.type) + " rule ";
    if (!is_module_there(machine, line.module))
        findings.error(where + "names " + printable(line.module) + ", which does not exist",
                       kReinstall);
    const bool token = has_word(line, "token");
    const bool password = has_word(line, "password");
    // An account rule needs none: it looks at what the auth rule proved.
    if ((token && password) || (!token && !password && line.type != "account"))
        findings.error(where + "of pam_pat.so needs one mode: token or password", edit(service));
    else if (token)
        check_token_arguments(service, line, findings);
    if (find_value(line, "backend") && service != names::kPamService)
        findings.error(where + "has backend=file, which only patd-auth can use; remove it",
                       edit(service));
}

void check_file(const Machine& machine, const std::string& service, Findings& findings) {
    const std::optional<std::string> text = read_text(machine, path_of(service));
    if (!text) {
        if (look_at(machine, path_of(service)).presence != Presence::Missing)
            findings.hide(path_of(service));
        return;
    }
    for (const PamLine& line : parse_pam_lines(*text)) {
        if (line.is_for_pam_pat())
            check_rule(machine, service, line, findings);
    }
}

void check_own_file(const Machine& machine, const std::string& service, Findings& findings) {
    const FileFacts file = look_at(machine, path_of(service));
    if (!file.is_there())
        return findings.error(path_of(service) + " is missing, so no user can prove their identity",
                              kRestoreFile);
    if (!file.owner.is_root() || (file.mode & 0022U) != 0)
        findings.error(
            path_of(service) + " can be changed by users other than root",
            "sudo chown root:root " + path_of(service) + " && sudo chmod 0644 " + path_of(service));
    const std::optional<std::string> text = read_text(machine, path_of(service));
    bool has_auth = false;
    for (const PamLine& line : parse_pam_lines(text.value_or(""))) {
        has_auth = has_auth || line.type == "auth" || line.is_include();
        if (line.is_include() && !look_at(machine, path_of(line.module)).is_there())
            findings.error(
                path_of(service) + " includes " + printable(line.module) + ", which does not exist",
                edit(service));
    }
    if (text && !has_auth)
        findings.error(path_of(service) + " has no auth rule", kRestoreFile);
}

}  // namespace

void check_pam_files(const Machine& machine, Findings& findings) {
    for (const char* service : {names::kPamService, names::kPamEnrollService})
        check_own_file(machine, service, findings);
    const std::optional<std::vector<std::string>> services = list_names(machine, kFolder);
    if (!services)
        return findings.hide(kFolder);
    for (const std::string& service : *services)
        check_file(machine, service, findings);
}

}  // namespace patd::cli::doctor
