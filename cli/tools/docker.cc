// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/shown_value.h"
#include "cli/tools/json_file.h"
#include "cli/tools/tool.h"

#include <unistd.h>

#include <utility>

namespace patd::cli::tools {
namespace {
namespace docker {

// docker and those that read the same file: podman, skopeo, buildah.
constexpr char kProgram[] = "docker-credential-pat";
constexpr char kName[] = "pat";  // without the part that all helpers begin with
constexpr char kHelpers[] = "credHelpers";
constexpr JsonMember kStore{"", "credsStore"};
constexpr char kEveryHost[] = "every host";

std::filesystem::path docker_file(const Surroundings& around) {
    const std::optional<std::string> folder = variable("DOCKER_CONFIG");
    return (folder ? std::filesystem::path(*folder) : around.home / ".docker") / "config.json";
}

// Not where `podman login` writes: that is gone after a restart.
std::filesystem::path podman_file(const Surroundings& around) {
    if (const std::optional<std::string> file = variable("REGISTRY_AUTH_FILE"))
        return *file;
    return around.folder("XDG_CONFIG_HOME", ".config") / "containers" / "auth.json";
}

// Where it does, and looks first.
std::filesystem::path podman_run_file() {
    const std::optional<std::string> folder = variable("XDG_RUNTIME_DIR");
    return (folder ? std::filesystem::path(*folder)
                   : std::filesystem::path("/run/containers") / std::to_string(geteuid())) /
           (folder ? "containers/auth.json" : "auth.json");
}

// What docker calls its own registry, and podman.
std::string docker_key(const std::string& host) {
    return host == "docker.io" || host == "index.docker.io" ? "https://index.docker.io/v1/" : host;
}
std::string podman_key(const std::string& host) {
    return host == "index.docker.io" ? "docker.io" : host;
}

struct Kind {
    const char* tool;
    std::filesystem::path (*file)(const Surroundings&);
    std::string (*key)(const std::string& host);
};
constexpr Kind kOfDocker{"docker", docker_file, docker_key};
constexpr Kind kOfPodman{"podman", podman_file, podman_key};

bool is_ours(const std::string& name) {
    return name.starts_with(kHelpers) || name == kStore.key;
}

std::string tell_of_other(const Kind& kind, const std::string& place, const std::string& other) {
    return std::string(kind.tool) + " asks " + shown_value(other) + " for " + place +
           ", as before, not patd; to change that, take that line out of " +
           "its file and run this again";
}

// Puts the keys in, or takes them out; those for which another helper is named stay.
Result<std::string> edit_helpers(const std::string& text, const std::vector<std::string>& keys,
                                 bool undo) {
    std::string changed = text;
    const FlatText flat = TRY(kJson.flatten(text));
    for (const std::string& key : keys) {
        const JsonMember member{kHelpers, key};
        const bool is_there = flat.count(join_name(kHelpers, key)) != 0;
        if (undo && text_of(flat, member) == kName)
            changed = TRY(without_member(changed, member));
        else if (!undo && !is_there)
            changed = TRY(with_member(changed, member, kName));
    }
    return changed;
}

Result<std::string> edit(const std::string& text, const std::vector<std::string>& keys,
                         const Order& order) {
    const FlatText flat = TRY(kJson.flatten(text));
    std::string changed = text;
    if (order.all_hosts && !order.undo && flat.count(std::string(kStore.key)) == 0)
        changed = TRY(with_member(changed, kStore, kName));
    changed = TRY(edit_helpers(changed, keys, order.undo));
    if (order.undo && order.names.empty() && text_of(flat, kStore) == kName)
        changed = TRY(without_member(changed, kStore));
    return changed;
}

Result<Plan> plan_registries(const Kind& kind, const Surroundings& around, const Order& order) {
    std::vector<std::string> keys;
    if (!order.all_hosts || !order.names.empty()) {
        for (const std::string& host : TRY(hosts_of(around, order, kind.tool))) {
            if (!contains(keys, kind.key(host)))
                keys.push_back(kind.key(host));
        }
    }
    const std::filesystem::path file = kind.file(around);
    const std::string text = TRY(read_tool_file(file)).value_or("");
    if (order.undo && order.names.empty())
        keys = keys_with(text, kHelpers, kName);
    Plan plan;
    plan.files.push_back(TRY(
        plan_change({file, kJson, [&](const std::string& now) { return edit(now, keys, order); },
                     is_ours, around.record.has_made(kind.tool, file)})));
    const std::string after = plan.files.front().after.value_or("{}");
    const FlatText flat = TRY(kJson.flatten(after.empty() ? "{}" : after));
    plan.places = keys_with(after, kHelpers, kName);
    if (text_of(flat, kStore) == kName)
        plan.places.emplace_back(kEveryHost);
    if (order.undo)
        return plan;
    for (const std::string& key : keys) {
        if (const std::string other = text_of(flat, {kHelpers, key}); other != kName)
            plan.notes.push_back(tell_of_other(kind, key, other));
    }
    if (order.all_hosts && text_of(flat, kStore) != kName)
        plan.notes.push_back(tell_of_other(kind, kEveryHost, text_of(flat, kStore)));
    if (!find_program(kProgram))
        plan.notes.push_back(
            std::string(kind.tool) + " looks for " + kProgram +
            " on PATH, and it is not there; put a link to it into a folder of PATH");
    return plan;
}

Result<Standing> look_at_registries(const Kind& kind, const Surroundings& around) {
    const std::filesystem::path file = kind.file(around);
    const std::string text = TRY(read_tool_file(file)).value_or("");
    const FlatText flat = TRY(read_flat(file, kJson));
    Standing standing;
    standing.places = keys_with(text, kHelpers, kName);
    if (text_of(flat, kStore) == kName)
        standing.places.emplace_back(kEveryHost);
    for (const std::string& host : token_hosts(around)) {
        const std::string key = kind.key(host);
        if (!contains(standing.places, key) && !contains(standing.could, key) &&
            text_of(flat, {kHelpers, key}).empty())
            standing.could.push_back(key);
    }
    if (!standing.places.empty() && !find_program(kProgram))
        standing.troubles.push_back(
            {true, std::string(kind.tool) + " asks " + kProgram + ", which is not on PATH",
             "sudo ln -s " + pasted(around.program(kProgram)) + " /usr/local/bin/"});
    return standing;
}

// podman reads the file of the session first; what it has for a host wins.
void check_run_file(const Standing& standing, std::vector<Trouble>& troubles) {
    const std::filesystem::path file = podman_run_file();
    const Result<FlatText> flat = read_flat(file, kJson);
    if (!flat) {
        troubles.push_back({true, flat.error().context.substr(0, flat.error().context.find(';')),
                            "ls -ld -- " + pasted(file)});
        return;
    }
    for (const std::string& place : standing.places) {
        const std::string login = join_name("auths", place) + ".";
        const auto found = flat->lower_bound(login);
        if (found != flat->end() && found->first.starts_with(login))
            troubles.push_back({false,
                                "podman uses the password for " + shown_value(place) + " in " +
                                    file.string() + ", and does not ask patd",
                                "podman logout " + pasted(place)});
    }
}

Result<Standing> look_at_podman(const Surroundings& around) {
    Standing standing = TRY(look_at_registries(kOfPodman, around));
    check_record(around, "podman",
                 "; 'podman logout --all' takes the section credHelpers out of its file", standing);
    if (!standing.places.empty() && !variable("REGISTRY_AUTH_FILE"))
        check_run_file(standing, standing.troubles);
    if (contains(standing.places, kEveryHost)) {
        std::erase(standing.places, std::string(kEveryHost));
        standing.troubles.push_back({false, "podman ignores credsStore", "patctl setup podman"});
    }
    return standing;
}

}  // namespace docker
}  // namespace

const Tool kDocker = {
    "docker",
    "[HOST...] [--all-hosts]",
    "registries, in docker's config.json",
    "docker",
    docker::docker_file,
    [](const Surroundings& around, const Order& order) {
        return docker::plan_registries(docker::kOfDocker, around, order);
    },
    [](const Surroundings& around) -> Result<Standing> {
        Standing standing = TRY(docker::look_at_registries(docker::kOfDocker, around));
        check_record(around, "docker", "", standing);
        return standing;
    },
};

const Tool kPodman = {
    "podman",
    "[HOST...]",
    "registries of podman, skopeo and buildah, in auth.json",
    "podman",
    docker::podman_file,
    [](const Surroundings& around, const Order& order) -> Result<Plan> {
        if (order.all_hosts)
            return Error{Errc::MalformedRequest,
                         "--all-hosts: podman ignores credsStore; name the hosts"};
        return docker::plan_registries(docker::kOfPodman, around, order);
    },
    docker::look_at_podman,
};

}  // namespace patd::cli::tools
