// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"
#include "cli/import/tool_files.h"
#include "cli/import/yaml_reader.h"
#include "common/base/limits.h"
#include "common/token/url.h"

#include <algorithm>
#include <vector>

namespace patd::cli {
namespace {

// A cluster, a context and a user for each token.
constexpr std::size_t kItemsMost = 3 * limits::kTokensPerUser;

// A cluster, a context or a user of the three lists. Views the text.
struct KubeItem {
    std::string_view list;
    std::size_t number = 0;
    std::size_t line = 0;
    std::string_view name = {};
    std::string_view server = {};   // of a cluster
    std::string_view cluster = {};  // of a context
    std::string_view user = {};
    std::string_view token = {};  // of a user
    std::size_t token_line = 0;
    bool is_odd = false;          // one of these cannot be read
    std::string_view other = {};  // the name of another secret

    std::string_view* find(std::string_view group, std::string_view key) {
        if (group == "cluster" && key == "server")
            return &server;
        if (group == "context" && key == "cluster")
            return &cluster;
        if (group == "context" && key == "user")
            return &user;
        return group == "user" && key == "token" ? &token : nullptr;
    }
};

bool is_other_secret(std::string_view group, std::string_view key) {
    return group == "user" && (key == "password" || key == "client-key-data" ||
                               key == "client-key" || key == "tokenFile");
}

class Kubeconfig {
  public:
    explicit Kubeconfig(Credentials& credentials) : credentials_(credentials) {}

    // LimitExceeded: it holds more than one import may.
    Result<void> take(const YamlValue& value) {
        const std::vector<YamlStep>& path = value.path;
        if (path.size() < 3 || path[1].item == 0)
            return {};
        if (items_.size() > kItemsMost)
            return Error{Errc::LimitExceeded, "the file holds too many users; split it"};
        KubeItem& item = item_of(path[0].key, path[1].item, value.line);
        std::string_view* field = nullptr;
        if (path.size() == 3 && path[2].key == "name")
            field = &item.name;
        else if (path.size() == 4)
            field = item.find(path[2].key, path[3].key);
        if (path.size() == 4 && is_other_secret(path[2].key, path[3].key))
            item.other = path[3].key;
        if (field == nullptr)
            return {};
        item.is_odd = item.is_odd || value.is_odd;
        if (field == &item.token)
            item.token_line = value.line;
        *field = value.text;
        return {};
    }

    void finish() {
        for (const KubeItem& item : items_) {
            if (item.list == "users")
                add_user(item);
        }
    }

  private:
    KubeItem& item_of(std::string_view list, std::size_t number, std::size_t line) {
        const auto found = std::find_if(items_.begin(), items_.end(), [&](const KubeItem& item) {
            return item.list == list && item.number == number;
        });
        return found != items_.end() ? *found : items_.emplace_back(KubeItem{list, number, line});
    }

    void add_user(const KubeItem& user) {
        if (user.other.data() != nullptr)
            credentials_.pass_over(user.line, "its '" + std::string(user.other) +
                                                  "', which kubectl takes from no program of patd");
        if (user.is_odd)
            return credentials_.fault(user.line, Errc::MalformedRequest,
                                      "its name or token is YAML of another form than kubectl "
                                      "writes; run 'kubectl config view --raw' and import that");
        if (user.token.empty())
            return;
        bool is_used = false;
        for (const KubeItem& context : items_) {
            if (context.list != "contexts" || context.user != user.name || context.user.empty())
                continue;
            for (const KubeItem& cluster : items_) {
                if (cluster.list == "clusters" && cluster.name == context.cluster) {
                    is_used = true;
                    add(user, cluster);
                }
            }
        }
        if (!is_used)
            credentials_.fault(user.token_line, Errc::InvalidTarget,
                               "no context of the file says for which cluster it is; where "
                               "$KUBECONFIG names several files, run: kubectl config view --raw | "
                               "patctl import --from -");
    }

    void add(const KubeItem& user, const KubeItem& cluster) {
        const Result<UrlParts> url = divide_url(cluster.server);
        if (cluster.is_odd || !url || url->username || url->scheme != "https")
            return credentials_.fault(user.token_line, Errc::InvalidTarget,
                                      "the server of its cluster is no https URL");
        const auto is_there = std::find_if(kept_.begin(), kept_.end(), [&](const auto& kept) {
            return kept.first == user.name && kept.second == cluster.name;
        });
        if (is_there != kept_.end())
            return;
        kept_.emplace_back(user.name, cluster.name);
        credentials_.add(
            user.token_line,
            {.protocol = "kube",
             .host = url->host,
             .path = decode_url(url->path),
             .username = user.name,
             .secret = user.token,
             .removal = "kubectl config unset " +
                        quote_for_shell("users." + std::string(user.name) + ".token")});
    }

    Credentials& credentials_;
    std::vector<KubeItem> items_;
    std::vector<std::pair<std::string_view, std::string_view>> kept_;
};

}  // namespace

Result<void> parse_kubeconfig(std::span<char> text, Credentials& credentials) {
    Kubeconfig config(credentials);
    for (const YamlValue& value : TRY(read_yaml(text)))
        TRY(config.take(value));
    config.finish();
    return {};
}

}  // namespace patd::cli
