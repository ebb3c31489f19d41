// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/explain_tool.h"

#include <algorithm>
#include <array>

namespace patd::cli {
namespace {

constexpr std::string_view kHttps = "https://";
constexpr std::string_view kKube = "kube://";
constexpr std::string_view kGoesOnWithout = "goes on without a login";
constexpr std::string_view kStopsWithReason = "stops, and shows the reason";
constexpr std::string_view kShowsNoReason =
    "goes on without a token, and shows no reason: what is seen is the server's refusal";

constexpr ToolFacts reads_password(std::string_view name) {
    return {name, "get", "", kStopsWithReason, kStopsWithReason};
}

constexpr ToolFacts pulls(std::string_view name) {
    return {name, "docker", kHttps, kGoesOnWithout, kStopsWithReason};
}

constexpr std::array kTools = {
    ToolFacts{"docker", "docker", kHttps, kGoesOnWithout,
              "shows the reason, and goes on without a login"},
    pulls("podman"),
    pulls("skopeo"),
    pulls("buildah"),
    ToolFacts{"cargo", "cargo", "", "asks its other providers, and then says that there is none",
              kStopsWithReason},
    ToolFacts{"pip", "pip", kHttps, "asks for a password",
              "asks for a password; Debian 12's shows no reason"},
    ToolFacts{"pnpm", "pnpm", kHttps, "goes on without a token",
              "stops, and shows no reason but ERR_PNPM_TOKEN_HELPER_ERROR_STATUS"},
    ToolFacts{"kubectl", "kubectl", kHttps, kStopsWithReason, kStopsWithReason},
    ToolFacts{"aws", "aws", "aws://", kStopsWithReason, kStopsWithReason},
    ToolFacts{"go", "go", kHttps, "goes on without a token", kShowsNoReason},
    ToolFacts{"terraform", "terraform", kHttps, "goes on without a token", kShowsNoReason},
    ToolFacts{"ansible", "ansible", "vault://", kStopsWithReason, kStopsWithReason},
    ToolFacts{"bazel", "bazel", "", "goes on without a token", kStopsWithReason},
    ToolFacts{"askpass", "askpass", "", "asks for a password", "asks for a password"},
    reads_password("get"),
    reads_password("restic"),
    reads_password("borg"),
    reads_password("rclone"),
    reads_password("msmtp"),
    reads_password("isync"),
    reads_password("neomutt"),
};

}  // namespace

std::span<const ToolFacts> all_tools() {
    return kTools;
}

const ToolFacts* find_tool_facts(std::string_view name) {
    const auto* const row = std::find_if(
        kTools.begin(), kTools.end(), [name](const ToolFacts& tool) { return tool.name == name; });
    return row == kTools.end() ? nullptr : row;
}

std::string url_of_tool(const ToolFacts& tool, std::string_view place) {
    constexpr std::string_view kSparse = "sparse+";
    constexpr std::string_view kRelative = "//";
    if (tool.asks_as == "cargo" && place.starts_with(kSparse))
        place.remove_prefix(kSparse.size());
    if (tool.asks_as == "pnpm" && place.starts_with(kRelative))
        place.remove_prefix(kRelative.size());
    // As docker itself calls the registry that has no name.
    if (tool.name == "docker" && place == "docker.io")
        place = "https://index.docker.io/v1/";
    const bool is_url = place.find("://") != std::string_view::npos;
    return std::string(is_url ? "" : tool.scheme).append(place);
}

std::string url_before(const ToolFacts& tool, std::string_view url) {
    if (tool.asks_as != "kubectl" || !url.starts_with(kHttps))
        return {};
    return std::string(kKube).append(url.substr(kHttps.size()));
}

bool may_ask_about(const ToolFacts& tool, std::string_view target) {
    constexpr std::string_view kBearer = "bearer+";
    if (target.starts_with(kBearer))
        target.remove_prefix(kBearer.size());
    if (tool.asks_as == "get" || (tool.asks_as == "kubectl" && target.starts_with(kKube)))
        return true;
    if (!tool.scheme.empty() && tool.scheme != kHttps)
        return target.starts_with(tool.scheme);
    return target.starts_with(kHttps) || target.starts_with("http://");
}

}  // namespace patd::cli
