// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <compare>
#include <map>
#include <ostream>
#include <regex>
#include <string>
#include <vector>

namespace patd::support {

struct BusArgument {
    std::string name;
    std::string type;
    std::string direction;

    friend auto operator<=>(const BusArgument&, const BusArgument&) = default;
};

inline std::ostream& operator<<(std::ostream& out, const BusArgument& argument) {
    return out << argument.direction << " " << argument.type << " " << argument.name;
}

using BusMethods = std::map<std::string, std::vector<BusArgument>>;

struct BusInterface {
    BusMethods methods;
    BusMethods signals;
    std::vector<std::string> others;  // properties

    friend bool operator==(const BusInterface&, const BusInterface&) = default;
};

using BusInterfaces = std::map<std::string, BusInterface>;

// The interfaces of an introspection document; knows only as much XML as those use.
inline BusInterfaces read_introspection(const std::string& document) {
    const std::string xml = std::regex_replace(document, std::regex("<!--[^]*?-->"), "");
    const auto attribute = [](const std::string& tag, const std::string& name) {
        std::smatch match;
        std::regex_search(tag, match, std::regex("\\b" + name + "=\"([^\"]*)\""));
        return match.size() > 1 ? match[1].str() : std::string();
    };
    BusInterfaces interfaces;
    BusInterface* interface = nullptr;
    std::vector<BusArgument>* method = nullptr;
    const std::regex tags("<(interface|method|arg|signal|property)\\b[^>]*>");
    for (std::sregex_iterator tag(xml.begin(), xml.end(), tags), end; tag != end; ++tag) {
        const std::string text = tag->str();
        const std::string kind = (*tag)[1];
        const std::string name = attribute(text, "name");
        if (kind == "interface")
            interface = &interfaces[name];
        else if (kind == "method")
            method = &interface->methods[name];
        else if (kind == "signal")
            method = &interface->signals[name];
        else if (kind == "arg")
            method->push_back({name, attribute(text, "type"), attribute(text, "direction")});
        else
            interface->others.push_back(name);
    }
    return interfaces;
}

}  // namespace patd::support
