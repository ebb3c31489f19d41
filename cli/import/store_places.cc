// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/store_places.h"

#include "cli/git/git_chain.h"
#include "cli/import/credential_file.h"
#include "cli/text/counted.h"
#include "cli/text/wrap.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

namespace patd::cli {
namespace {

constexpr std::size_t kPlacesNamed = 5;

std::string value_of_variable(const char* name) {
    const char* value = secure_getenv(name);
    return value == nullptr ? "" : value;
}

// As git-credential-store(1) has them; another is named by an option that a shell reads.
std::set<std::string> store_files() {
    const std::string home = value_of_variable("HOME");
    const std::string config = value_of_variable("XDG_CONFIG_HOME");
    return {home + "/.git-credentials",
            (config.empty() ? home + "/.config" : config) + "/git/credentials"};
}

bool is_covered(const Target& place, const std::vector<client::Dictionary>& tokens) {
    return std::any_of(tokens.begin(), tokens.end(), [&](const client::Dictionary& token) {
        const std::vector<std::string> targets = token.texts("targets");
        return std::any_of(targets.begin(), targets.end(), [&](const std::string& text) {
            const Result<Target> target = Target::parse(text);
            return target && target->covers(place);
        });
    });
}

// The places of `file` that no token covers.
std::set<std::string> missing_places(const std::string& file,
                                     const std::vector<client::Dictionary>& tokens) {
    std::set<std::string> missing;
    std::error_code failed;
    if (!std::filesystem::is_regular_file(file, failed))
        return missing;
    const Result<SecretBuffer> content = read_credential_file(file, -1);
    if (!content)
        return missing;
    const std::string_view text(content->reveal().data(), content->size());
    const Result<Credentials> credentials = parse_credentials(text, FileFormat::Git);
    if (!credentials)
        return missing;
    for (const Credential& entry : credentials->entries()) {
        if (!is_covered(entry.target, tokens))
            missing.insert(entry.target.url());
    }
    return missing;
}

}  // namespace

std::vector<std::string> tell_of_store(const std::vector<ConfigLine>& silenced,
                                       const std::vector<client::Dictionary>& tokens) {
    std::vector<std::string> texts;
    if (std::none_of(silenced.begin(), silenced.end(),
                     [](const ConfigLine& line) { return name_helper(line) == "store"; }))
        return texts;
    for (const std::string& file : store_files()) {
        const std::set<std::string> missing = missing_places(file, tokens);
        if (missing.empty())
            continue;
        std::string list;
        std::size_t named = 0;
        for (const std::string& place : missing) {
            if (++named <= kPlacesNamed)
                list += (named == 1 ? "" : ", ") + printable(place);
        }
        if (named > kPlacesNamed)
            list += " and " + std::to_string(named - kPlacesNamed) + " more";
        texts.push_back("'store' has secrets for " + counted(named, "place") +
                        " for which patd has no token: " + list + ". To bring them in:" +
                        own_line("patctl import --from " + printable(quote_for_shell(file))));
    }
    return texts;
}

}  // namespace patd::cli
