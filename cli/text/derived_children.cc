// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/derived_children.h"

#include "cli/text/json.h"
#include "cli/text/table.h"
#include "cli/text/time_text.h"
#include "common/token/derivation.h"

#include <algorithm>

namespace patd::cli {
namespace {

constexpr std::size_t kShown = 5;

std::string describe(const DerivedChild& child, UnixTime now) {
    return format_time(child.at) + ": " + printable(child.permissions) + " at " +
           printable(child.place.place) +
           (child.place.tool.empty() ? "" : " for " + printable(child.place.tool)) +
           (child.live ? ", ends " + format_distance(child.expires, now) : ", ended");
}

}  // namespace

std::vector<DerivedChild> find_children(const client::Dictionary& token,
                                        const std::vector<client::Dictionary>& events,
                                        UnixTime now) {
    std::vector<DerivedChild> children;
    for (const client::Dictionary& event : events) {
        if (event.text("event") != "release" || event.text("outcome") != "ok")
            continue;
        const std::optional<Derivation> derived = parse_derivation(event.text("where"));
        if (!derived)
            continue;
        DerivedChild child{event.time("at"), event.time("at") + derived->seconds,
                           derived->permissions, parse_audit_place(derived->target)};
        child.live = child.expires > now && derived->generation == token.count("generation");
        children.push_back(std::move(child));
    }
    return children;
}

std::string format_children(const std::vector<DerivedChild>& children, UnixTime now) {
    if (children.empty())
        return "-";
    const auto live = std::count_if(children.begin(), children.end(),
                                    [](const DerivedChild& child) { return child.live; });
    std::string text = std::to_string(live) + " live";
    for (std::size_t i = 0; i < std::min(kShown, children.size()); ++i)
        text += "\n" + describe(children[i], now);
    return text;
}

nlohmann::json to_json(const std::vector<DerivedChild>& children) {
    nlohmann::json array = nlohmann::json::array();
    for (const DerivedChild& child : children)
        array.push_back({{"at", time_to_json(child.at)},
                         {"expires", time_to_json(child.expires)},
                         {"permissions", split_permissions(child.permissions)},
                         {"target", child.place.place},
                         {"exposure", text_to_json(child.place.exposure)},
                         {"tool", text_to_json(child.place.tool)},
                         {"live", child.live}});
    return array;
}

}  // namespace patd::cli
