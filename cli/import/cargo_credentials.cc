// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"
#include "cli/import/text_lines.h"
#include "cli/import/toml_reader.h"
#include "cli/import/tool_files.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace patd::cli {
namespace {

constexpr std::string_view kSparse = "sparse+";
constexpr std::string_view kCratesIndex = "https://index.crates.io/";

using TomlStrings = std::vector<TomlString>;

std::optional<std::string_view> find_index(const TomlStrings& config, std::string_view registry) {
    const auto found = std::find_if(config.begin(), config.end(), [&](const TomlString& string) {
        return string.keys.size() == 3 && string.keys[0] == "registries" &&
               string.keys[1] == registry && string.keys[2] == "index";
    });
    return found == config.end() ? std::nullopt : std::optional(found->value);
}

// `registry` is "" for crates.io.
void add(std::size_t line, std::string_view registry, std::string_view token,
         const TomlStrings& config, Credentials& credentials) {
    const std::optional<std::string_view> index =
        registry.empty() ? std::optional(kCratesIndex) : find_index(config, registry);
    if (!index)
        return credentials.fault(line, Errc::InvalidTarget,
                                 "cargo's config.toml does not say where the index of this "
                                 "registry is");
    std::string_view url = *index;
    if (url.starts_with(kSparse))
        url.remove_prefix(kSparse.size());
    const Result<UrlParts> parts = divide_url(url);
    if (!parts || parts->username || parts->scheme.find_first_of(":+") != std::string_view::npos)
        return credentials.fault(line, Errc::InvalidTarget,
                                 "the index of its registry is no https URL");
    credentials.add(line,
                    {.protocol = parts->scheme,
                     .host = parts->host,
                     .path = decode_url(parts->path),
                     .username = kCargoUsername,
                     .secret = token,
                     .removal = registry.empty() ? std::string("cargo logout")
                                                 : "cargo logout --registry " +
                                                       quote_for_shell(std::string(registry))});
}

}  // namespace

Result<void> parse_cargo_credentials(std::span<char> text, std::span<char> config,
                                     Credentials& credentials) {
    const LineNumbers lines(text);
    const TomlStrings found = TRY(read_toml(text));
    const Result<TomlStrings> places = read_toml(config);
    if (!places)
        return Error{Errc::MalformedRequest, "cargo's config.toml: " + places.error().context};
    for (const TomlString& string : found) {
        const bool is_crates = string.keys.size() == 2 && string.keys[0] == "registry";
        const bool is_other = string.keys.size() == 3 && string.keys[0] == "registries";
        const std::string_view name = string.keys.back();
        const std::size_t line = lines.of(string.value);
        if ((is_crates || is_other) && name == "token")
            add(line, is_crates ? "" : string.keys[1], string.value, *places, credentials);
        else if ((is_crates || is_other) && name == "secret-key")
            credentials.pass_over(line,
                                  "a key that signs, which cargo takes from no program of patd");
    }
    return {};
}

}  // namespace patd::cli
