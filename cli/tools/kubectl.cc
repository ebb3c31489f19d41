// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"
#include "cli/tools/tool.h"
#include "cli/tools/yaml_file.h"

#include <algorithm>
#include <array>

namespace patd::cli::tools {
namespace {
namespace kubectl {

constexpr char kProgram[] = "pat-kubectl";
constexpr std::size_t kFilesMost = 64;  // of $KUBECONFIG
constexpr std::string_view kMark = " # patctl setup kubectl";
constexpr std::string_view kMarkedEmpty = " # patctl setup kubectl, was ";
constexpr std::array kOtherWays = {
    "token",        "tokenFile", "client-certificate", "username", "client-certificate-data",
    "auth-provider"};

// One file in two spellings is one.
bool is_among(const std::vector<std::filesystem::path>& files, const std::filesystem::path& file) {
    std::error_code failed;
    const std::filesystem::path real = std::filesystem::weakly_canonical(file, failed);
    return std::any_of(files.begin(), files.end(), [&](const std::filesystem::path& one) {
        return one == file ||
               (!real.empty() && std::filesystem::weakly_canonical(one, failed) == real);
    });
}

// The files of the kubeconfig, as kubectl takes them: each once, in this order.
std::vector<std::filesystem::path> kubectl_files(const Surroundings& around) {
    const std::string listed = variable("KUBECONFIG").value_or("");
    std::vector<std::filesystem::path> files;
    for (std::size_t begin = 0; begin < listed.size();) {
        const std::size_t end = std::min(listed.find(':', begin), listed.size());
        const std::filesystem::path file = listed.substr(begin, end - begin);
        if (!file.empty() && files.size() <= kFilesMost && !is_among(files, file))
            files.push_back(file);
        begin = end + 1;
    }
    return files.empty() ? std::vector{around.home / ".kube" / "config"} : files;
}

// What kubectl itself writes new things to.
std::filesystem::path kubectl_file(const Surroundings& around) {
    const std::vector<std::filesystem::path> files = kubectl_files(around);
    const auto there =
        std::find_if(files.begin(), files.end(), [](const std::filesystem::path& file) {
            std::error_code failed;
            return std::filesystem::exists(file, failed);
        });
    return there == files.end() ? files.back() : *there;
}

const YamlNode* find_named(const YamlNode& root, std::string_view list, std::string_view name) {
    const YamlNode* found = root.find(list);
    if (found == nullptr || !found->is_list)
        return nullptr;
    const auto member =
        std::find_if(found->members.begin(), found->members.end(),
                     [&](const YamlNode& node) { return node.text_of("name") == name; });
    return member == found->members.end() ? nullptr : &*member;
}

const YamlNode* find_user(const YamlNode& root, std::string_view name) {
    const YamlNode* entry = find_named(root, "users", name);
    return entry == nullptr ? nullptr : entry->find("user");
}

bool is_ours(const YamlNode* user) {
    const YamlNode* exec = user == nullptr ? nullptr : user->find("exec");
    return exec != nullptr &&
           std::filesystem::path(exec->text_of("command")).filename() == kProgram;
}

std::vector<std::string> users_of_ours(const YamlNode& root) {
    std::vector<std::string> names;
    const YamlNode* users = root.find("users");
    if (users == nullptr)
        return names;
    for (const YamlNode& user : users->members) {
        if (is_ours(user.find("user")))
            names.push_back(user.text_of("name"));
    }
    return names;
}

struct KubePart {
    std::filesystem::path file;
    YamlNode root;
};

// All files of a kubeconfig. A name that several have is the first one's, and nothing of it is the
// others'.
struct KubeParts {
    std::vector<KubePart> parts;

    static Result<KubeParts> read(const Surroundings& around) {
        const std::vector<std::filesystem::path> files = kubectl_files(around);
        if (files.size() > kFilesMost)
            return Error{Errc::BadFile, "$KUBECONFIG names more than " +
                                            std::to_string(kFilesMost) +
                                            " files; name fewer, or make one of them:" +
                                            own_line("kubectl config view --raw >NEW-FILE")};
        KubeParts all;
        for (const std::filesystem::path& file : files) {
            TRY(read_flat(file, kYaml));
            all.parts.push_back({file, TRY(read_yaml(TRY(read_tool_file(file)).value_or("")))});
        }
        return all;
    }
    const KubePart* part_of(std::string_view list, std::string_view name) const {
        for (const KubePart& part : parts) {
            if (find_named(part.root, list, name) != nullptr)
                return &part;
        }
        return nullptr;
    }
    // What stands below `what` of such a name; none: nothing does.
    const YamlNode* find(std::string_view list, std::string_view name,
                         std::string_view what) const {
        const KubePart* part = part_of(list, name);
        return part == nullptr ? nullptr : find_named(part->root, list, name)->find(what);
    }
    const YamlNode* user(std::string_view name) const { return find("users", name, "user"); }
    std::vector<std::string> users_that_ask() const {
        std::vector<std::string> names;
        for (const KubePart& part : parts) {
            for (const std::string& name : users_of_ours(part.root)) {
                if (part_of("users", name) == &part && !contains(names, name))
                    names.push_back(name);
            }
        }
        return names;
    }
};

// As pat-kubectl asks for it: first for the cluster alone.
bool is_place_of_token(const Surroundings& around, const std::string& server) {
    constexpr std::string_view kHttps = "https://";
    std::vector<std::string> asked = {server};
    if (server.starts_with(kHttps))
        asked.insert(asked.begin(), "kube://" + server.substr(kHttps.size()));
    return std::any_of(asked.begin(), asked.end(), [&](const std::string& url) {
        const Result<Target> target = Target::parse(url);
        return target && std::any_of(around.places.begin(), around.places.end(),
                                     [&](const Target& place) { return place.covers(*target); });
    });
}

// The users of the contexts whose cluster is at a place of the caller's tokens.
std::vector<std::string> users_of_tokens(const KubeParts& config, const Surroundings& around) {
    std::vector<std::string> names;
    for (const KubePart& part : config.parts) {
        const YamlNode* contexts = part.root.find("contexts");
        if (contexts == nullptr)
            continue;
        for (const YamlNode& entry : contexts->members) {
            const std::string name = entry.text_of("name");
            const YamlNode* context = entry.find("context");
            if (context == nullptr || config.part_of("contexts", name) != &part)
                continue;
            const YamlNode* cluster =
                config.find("clusters", context->text_of("cluster"), "cluster");
            const std::string user = context->text_of("user");
            if (cluster != nullptr && is_place_of_token(around, cluster->text_of("server")) &&
                !user.empty() && !contains(names, user))
                names.push_back(user);
        }
    }
    return names;
}

// What kubectl would do instead; "": nothing.
std::string other_way(const YamlNode& user) {
    for (const char* way : kOtherWays) {
        if (user.find(way) != nullptr)
            return way;
    }
    return user.find("exec") != nullptr && !is_ours(&user) ? "exec" : "";
}

std::string exec_lines(const std::string& program, std::size_t indent, std::string_view eol) {
    const std::string blanks(indent, ' ');
    std::string lines = blanks + "exec:" + std::string(kMark);
    for (const std::string& line :
         {std::string("apiVersion: client.authentication.k8s.io/v1"), "command: " + program,
          std::string("interactiveMode: Never"), std::string("provideClusterInfo: true")})
        lines += std::string(eol) + blanks + "  " + line;
    return lines;
}

std::size_t end_of_content(const std::string& text, std::size_t at) {
    return std::min(text.find_first_of("\r\n", at), text.size());
}

Error cannot_add(const std::string& user, const std::string& program) {
    return {Errc::BadFile,
            "the user is written in a way that patctl cannot add to; run:" +
                own_line("kubectl config set-credentials " + quote_for_shell(user) +
                         " --exec-command=" + quote_for_shell(program) +
                         " --exec-api-version=client.authentication.k8s.io/v1"
                         " --exec-interactive-mode=Never --exec-provide-cluster-info=true")};
}

// `user: {}` becomes a mapping in lines, and its mark says what there was; other members stay
// above.
Result<std::string> with_exec(const std::string& text, const std::string& name,
                              const std::string& program) {
    const YamlNode root = TRY(read_yaml(text));
    const YamlNode* user = find_user(root, name);
    if (user == nullptr)
        return Error{Errc::BadFile, "it has no user " + shown_value(name)};
    if (user->find("exec") != nullptr || !other_way(*user).empty())
        return text;
    const std::string_view eol = line_end_of(text);
    const YamlNode* entry = find_named(root, "users", name);
    const bool is_empty = user->is_nothing() || (user->is_map && user->members.empty());
    std::string changed = text;
    if (is_empty) {
        const std::size_t colon = text.find(':', user->key_end);
        const std::size_t end =
            end_of_content(text, user->text.empty() && !user->is_map ? colon : user->begin);
        const std::string was = text.substr(colon + 1, end - colon - 1);
        if (was.find('#') != std::string::npos)
            return cannot_add(name, program);
        const std::string mark = std::string(kMarkedEmpty) + "\"" + was + "\"";
        return changed.replace(
            colon + 1, end - colon - 1,
            mark + std::string(eol) + exec_lines(program, entry->column + 2, eol));
    }
    if (user->is_flow || !user->is_map)
        return cannot_add(name, program);
    const YamlNode& first = user->members.front();
    const std::size_t line = text.rfind('\n', first.key_begin);
    const std::size_t begin = line == std::string::npos ? 0 : line + 1;
    return changed.insert(begin, exec_lines(program, user->column, eol) + std::string(eol));
}

Result<std::string> without_exec(const std::string& text, const std::string& name) {
    const YamlNode root = TRY(read_yaml(text));
    const YamlNode* user = find_user(root, name);
    std::string changed = text;
    if (!is_ours(user))
        return changed;
    const YamlNode& exec = *user->find("exec");
    // kubectl has written it anew, in its own order and without our mark.
    std::size_t last = exec.end;
    for (const YamlNode& member : exec.members)
        last = std::max(exec.is_flow ? exec.end : 0, end_of_content(text, member.end));
    if (user->members.size() > 1) {
        const std::size_t line = text.rfind('\n', exec.key_begin);
        const std::size_t begin = line == std::string::npos ? 0 : line + 1;
        std::size_t end = text.find('\n', last);
        if (end != std::string::npos)
            return changed.erase(begin, end + 1 - begin);
        end = begin > 1 && text[begin - 2] == '\r' ? begin - 2 : begin - 1;
        return changed.erase(end);
    }
    const std::size_t colon = text.find(':', user->key_end);
    const std::string rest = text.substr(colon + 1, end_of_content(text, colon) - colon - 1);
    std::string was = " {}";
    if (rest.starts_with(std::string(kMarkedEmpty) + "\"") && rest.ends_with("\""))
        was = rest.substr(kMarkedEmpty.size() + 1, rest.size() - kMarkedEmpty.size() - 2);
    return changed.replace(colon + 1, last - colon - 1, was);
}

// Which of `names` are to be changed in this file.
std::vector<std::string> names_here(const KubeParts& config, const KubePart& part,
                                    const std::vector<std::string>& names, bool undo) {
    std::vector<std::string> here;
    for (const std::string& name : names) {
        const KubePart* owner = config.part_of("users", name);
        const bool is_there =
            undo ? find_named(part.root, "users", name) != nullptr
                 : owner == &part || (owner == nullptr && &part == &config.parts[0]);
        if (is_there)
            here.push_back(name);
    }
    return here;
}

// All users that ask patd, also those that another file hides.
std::vector<std::string> users_to_undo(const KubeParts& config) {
    std::vector<std::string> names;
    for (const KubePart& part : config.parts) {
        for (const std::string& name : users_of_ours(part.root)) {
            if (!contains(names, name))
                names.push_back(name);
        }
    }
    return names;
}

Result<FileChange> change_part(const KubePart& part, const std::vector<std::string>& names,
                               const std::string& program, bool undo) {
    const auto edit = [&](const std::string& text) -> Result<std::string> {
        std::string changed = text;
        for (const std::string& name : names)
            changed =
                undo ? TRY(without_exec(changed, name)) : TRY(with_exec(changed, name, program));
        return changed;
    };
    const auto ours = [](const std::string& name) {
        return name.starts_with("users[") &&
               (name.find(".user.exec.") != std::string::npos || name.ends_with(".user"));
    };
    return plan_change({part.file, kYaml, edit, ours});
}

Result<Plan> plan_kubectl(const Surroundings& around, const Order& order) {
    KubeParts config = TRY(KubeParts::read(around));
    std::vector<std::string> names = order.names;
    if (names.empty())
        names = order.undo ? users_to_undo(config) : users_of_tokens(config, around);
    if (names.empty() && !order.undo)
        return Error{Errc::NotFound,
                     "there is no token for the server of a cluster in " +
                         shown_file(kubectl_file(around).string()) +
                         "; name the user of one:" + own_line("patctl setup kubectl USER")};
    const std::string program = around.program(kProgram);
    Plan plan;
    KubeParts after;
    for (const KubePart& part : config.parts) {
        const std::vector<std::string> here = names_here(config, part, names, order.undo);
        plan.files.push_back(TRY(change_part(part, here, program, order.undo)));
        after.parts.push_back({part.file, TRY(read_yaml(plan.files.back().after.value_or("")))});
    }
    plan.places = after.users_that_ask();
    for (const std::string& name : names) {
        const YamlNode* user = after.user(name);
        if (!order.undo && user != nullptr && !is_ours(user))
            plan.notes.push_back(
                "kubectl uses the " + other_way(*user) + " of " + shown_value(name) +
                ", as before, not patd; to change that, take it "
                "out of " +
                shown_file(after.part_of("users", name)->file.string()) + " and run this again");
    }
    return plan;
}

Result<Standing> look_at_kubectl(const Surroundings& around) {
    const KubeParts config = TRY(KubeParts::read(around));
    Standing standing;
    standing.places = config.users_that_ask();
    for (const std::string& name : users_of_tokens(config, around)) {
        const YamlNode* user = config.user(name);
        if (user != nullptr && !is_ours(user))
            standing.could.push_back(name);
    }
    for (const std::string& name : standing.places) {
        const YamlNode& user = *config.user(name);
        const YamlNode& exec = *user.find("exec");
        check_program(exec.text_of("command"), "kubectl", standing);
        if (exec.text_of("provideClusterInfo") != "true" && exec.find("args") == nullptr)
            standing.troubles.push_back(
                {true, "kubectl does not tell patd the server for " + shown_value(name),
                 "kubectl config set-credentials " + quote_for_shell(name) +
                     " --exec-provide-cluster-info=true"});
        if (const std::string way = other_way(user); !way.empty())
            standing.troubles.push_back(
                {false,
                 "kubectl uses the " + way + " of " + shown_value(name) + ", and does not ask patd",
                 "${EDITOR:-vi} " + pasted(config.part_of("users", name)->file)});
    }
    check_record(around, "kubectl", "", standing);
    return standing;
}

}  // namespace kubectl
}  // namespace

const Tool kKubectl = {
    "kubectl",
    "[USER...]",
    "users of clusters, in the kubeconfig (exec)",
    "kubectl",
    kubectl::kubectl_file,
    kubectl::plan_kubectl,
    kubectl::look_at_kubectl,
};

}  // namespace patd::cli::tools
